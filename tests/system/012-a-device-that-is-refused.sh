# What refuses a device is looked up, and the sentence fits it: mount, mode, user namespace, cgroup, a directory above.
. "$TESTS/system/lib.sh"
no_search_for_leaks
[ "$(id -u)" = 0 ] || skip 'needs root'
home=$(mktemp -d) cg=
chmod 755 "$home"
trap 'cleanup; umount "$home/nodev" 2>/dev/null || true; [ -z "$cg" ] || rmdir "$cg"; rm -rf "$home"' EXIT
cp "$REFRESHER" "$home/refresher"
binary=$home/refresher
mkdir "$home/out" "$home/closed" "$home/nodev"
chmod 777 "$home/out"
mknod "$home/open" c 10 183 2>/dev/null || skip 'no device node can be made here'
mknod "$home/theirs" c 10 183
mknod "$home/closed/hwrng" c 10 183
chmod 666 "$home/open" "$home/closed/hwrng"
chmod 600 "$home/theirs"
chmod 700 "$home/closed"
head -c 1 "$home/open" >/dev/null 2>&1 || skip 'no device can be opened here'
# by COMMAND...: the daemon is started so
by() {
	REFRESHER=$PWD/run
	{ echo '#!/bin/sh'; printf 'exec'; printf ' %q' "$@" "$binary"; echo ' "$@"'; } >run
	chmod 755 run
}
user=(setpriv --reuid 65531 --regid 65531 --clear-groups --)
# refused PATH SENTENCE: 77, one line, and it says so
refused() {
	expect 77 -s device -d "$1" -l none "$home/out/n" 10
	says "$1: $2"
	[ "$(wc -l <log)" = 1 ] || fail 'more than one line'
}

by "${user[@]}"
refused "$home/theirs" 'mode 0600 of 0:0 refuses uid 65531; start as uid 0'
refused "$home/closed/hwrng" 'uid 65531 may not search a directory above it'
chown 65530 "$home/theirs"
by setpriv --bounding-set=-all --inh-caps=-all --
refused "$home/theirs" 'mode 0600 of 65530:0 refuses uid 0 without the capability DAC_OVERRIDE'

# nodev: uid 0, mode 0666, and every capability
if mount -t tmpfs -o nodev tmpfs "$home/nodev" 2>/dev/null; then
	mknod "$home/nodev/hwrng" c 10 183
	chmod 666 "$home/nodev/hwrng"
	by env
	refused "$home/nodev/hwrng" 'its file system is mounted with nodev'
	says 'exit=77'
	[[ $(cat log) != *'start as uid 0'* ]] || fail 'advice that does not help'
else
	skip_part 'nodev: nothing can be mounted here'
fi

# a user namespace: root in it, and the owner is outside
chown 0 "$home/theirs"
if "${user[@]}" unshare -Ur true 2>/dev/null; then
	by "${user[@]}" unshare -Ur
	refused "$home/theirs" 'its owner is outside this user namespace'
	# a file system that was mounted in there has no devices, whatever its mount says
	mkdir "$home/inside"
	chmod 777 "$home/inside"
	cat >"$home/in" <<X
#!/bin/sh
mount -t tmpfs tmpfs "$home/inside" && : >"$home/inside/up" || exit 99
i=0
while [ ! -e "$home/inside/hwrng" ] && [ \$i -lt 100 ]; do sleep 0.05; i=\$((i + 1)); done
exec "$binary" "\$@"
X
	chmod 755 "$home/in"
	setpriv --reuid 65531 --regid 65531 --clear-groups -- unshare -Urm "$home/in" -s device -d "$home/inside/hwrng" -l none "$home/out/n" 10 >stdout 2>log &
	inner=$!
	children+=("$inner")
	is_up() { [ -e "/proc/$inner/root$home/inside/up" ]; }
	until_true 5 is_up
	maker=(setpriv --reuid 65531 --regid 65531 --clear-groups '--inh-caps=+mknod,+sys_ptrace' '--ambient-caps=+mknod,+sys_ptrace' --)
	"${maker[@]}" mknod -m 666 "/proc/$inner/root$home/inside/new" c 10 183
	"${maker[@]}" mv "/proc/$inner/root$home/inside/new" "/proc/$inner/root$home/inside/hwrng"
	rc=0
	wait "$inner" || rc=$?
	[ $rc = 77 ] || fail "a file system of a user namespace: exit $rc"
	says 'mode 0666 would let uid 0 read it, so the user namespace that its file system was mounted in or'
else
	skip_part 'no user namespace'
fi

# the device cgroup
if cg=$(mktemp -d -p /sys/fs/cgroup/devices refresher.XXXXXX 2>/dev/null) && echo 'c 10:183 rwm' >"$cg/devices.deny"; then
	printf '#!/bin/sh\necho $$ >"%s/cgroup.procs"\nexec "%s" "$@"\n' "$cg" "$binary" >run
	chmod 755 run
	REFRESHER=$PWD/run
	refused "$home/open" 'the device cgroup refuses c 10:183; run the container privileged'
	[[ $(cat log) != *'its driver'* ]] || fail 'the driver of hwrng asks for no capability'
else
	cg=
	skip_part 'no device cgroup of version 1'
fi

# what the facts do not explain names who may be behind it
if strace -o probe true 2>/dev/null; then
	by strace -f -o "$PWD/trace" -P "$home/open" -e trace=openat -e inject=openat:error=EACCES
	refused "$home/open" 'mode 0666 would let uid 0 read it, so .*(SELinux|AppArmor)'
	by strace -f -o "$PWD/trace" -P "$home/open" -e trace=openat -e inject=openat:error=EBUSY
	expect 69 -s device -d "$home/open" -l none "$home/out/n" 10
	says 'another program holds the device'
	by strace -f -o "$PWD/trace" -P "$home/open" -e trace=openat -e inject=openat:error=EMFILE
	expect 71 -s device -d "$home/open" -l none "$home/out/n" 10
	says 'RLIMIT_NOFILE allows'
else
	skip_part 'other errors: no strace'
fi
[ ! -e "$home/out/n" ] || fail 'a file was written'
