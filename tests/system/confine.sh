# confine.sh - what the tests of confinement share. Sourced behind lib.sh.
# shellcheck shell=bash disable=SC2154

layer() { metric "confinement{layer=\"$1\"}"; }
detail() { code /status >/dev/null; python3 -c 'import json,sys; print(json.load(open("body"))["confinement"][sys.argv[1]]["detail"])' "$1"; }
is_root() { [ "$(id -u)" = 0 ]; }
need_root() { is_root || skip 'needs root'; }
# What a layer can be depends on the build and on the kernel.
need_release() { [ "$(detail seccomp)" != 'off: sanitizer build' ] || skip 'a sanitizer build'; }
has_landlock() { python3 -c 'import ctypes,sys; sys.exit(ctypes.CDLL(None).syscall(444, None, 0, 1) < 1)'; }
# Enough for what the daemon locks.
can_lock() { python3 -c 'import ctypes,mmap,sys
m=mmap.mmap(-1, 1 << 20); sys.exit(ctypes.CDLL(None).mlock(ctypes.c_void_p(ctypes.addressof(ctypes.c_char.from_buffer(m))), 1 << 20) != 0)'; }
locked_kb() { awk '/^VmLck/ {print $2}' "/proc/$pid/status"; }

# every_thread FIELD VALUE: /proc/PID/task/*/status says so for each
every_thread() {
	local f got n=0
	for f in /proc/"$pid"/task/*/status; do
		got=$(sed -n "s/^$1:[[:space:]]*//p" "$f" | tr '\t' ' ' | sed 's/ *$//')
		[ "$got" = "$2" ] || fail "$f: $1 is '$got' instead of '$2'"
		n=$((n + 1))
	done
	[ $n -ge 3 ] || fail "only $n threads"
}

# wrapper NAME COMMAND...: from now on the daemon is started by COMMAND
wrapper() {
	local name=$1 binary=$REFRESHER
	shift
	{ echo '#!/bin/sh'; printf 'exec'; printf ' %q' "$@" "$binary"; echo ' "$@"'; } >"$name"
	chmod 755 "$name"
	REFRESHER=$PWD/$name
}
