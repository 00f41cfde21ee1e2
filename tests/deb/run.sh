#!/usr/bin/env bash
# run.sh DIR: builds the package on Debian 12 and 13, and there installs, starts, reloads, upgrades, removes and purges it
# under a systemd of its own, in namespaces; lintian has no error to tell. Needs root and Debian's mirror; DIR keeps the two
# systems' archives. VERSION is the Makefile's, DEPS what the build needs.
set -u
here=$(dirname "$(realpath "$0")")
top=$(dirname "$(dirname "$here")")
mkdir -p "$1"
dir=$(realpath "$1")
packages="$DEPS systemd systemd-sysv dbus curl procps lintian"
passed=0 failed=0 skipped=0 boot=''

verdict() { # SENTENCE [SED]: ok when the command before it succeeded; what SED prints of the log ends the sentence
	if [ $? = 0 ]; then
		echo "ok - $suite: $1$([ $# = 1 ] || sed -n "$2" "$dir/log")"
		passed=$((passed + 1))
		return
	fi
	echo "not ok - $suite: $1"
	[ ! -s "$dir/log" ] || tail -n 40 "$dir/log" | sed 's/^/    /'
	failed=$((failed + 1))
}
skip() { echo "skip - $1: $2"; skipped=$((skipped + 1)); }
# shellcheck disable=SC2317,SC2329
cleanup() { if [ -n "$boot" ]; then kill -KILL "$boot" 2>/dev/null; wait "$boot" 2>/dev/null; fi; rm -rf --one-file-system "${dir:?}/root"; }
trap cleanup EXIT
trap 'exit 143' TERM INT HUP
finish() {
	echo "$passed passed, $failed failed, $skipped skipped"
	[ "$failed" = 0 ] || exit 1
	[ "$passed" -gt 0 ] || exit 77
	exit 0
}
until_true() { # SECONDS COMMAND...
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.2
	done
}

# inside COMMAND...: on the machine that was booted; its words go to $dir/log
inside() { nsenter -t "$init" -m -p -i -n -u -C -r -w env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive "$@" >"$dir/log" 2>&1; }
says() { inside "${@:2}"; grep -qE -- "$1" "$dir/log"; } # PATTERN COMMAND...
main_pid() { inside systemctl show -P MainPID refresher && cat "$dir/log"; }
is_ready() { says '^\[\+\]freshness ok$' curl -s 'http://127.0.0.1:8080/readyz?verbose'; }
is_active() { says '^active$' systemctl is-active refresher; }
is_whole() { says '^10000$' sh -c 'grep -cxE -- "-?[0-9]+" /run/random-refresher/numbers.txt'; }

system() { # TAR: the system that the package is built on and for, unless it was made before
	[ ! -s "$1" ] || return 0
	timeout 1500 mmdebstrap --quiet --variant=minbase --format=tar \
		--include="$(tr ' ' , <<<"$packages")" $suite "$1.part" && mv "$1.part" "$1"
}
build() { # the package, and the same with a later version
	local root=$dir/root
	mkdir "$root/src" && (cd "$top" && git ls-files -z | tar --null -T - -cf -) | tar -C "$root/src" -xf - &&
		chroot "$root" make -C /src deb >"$dir/log" 2>&1 &&
		chroot "$root" sh -euc "cd /src/build/deb
			cp random-refresher_${VERSION}_*.deb /first.deb
			dpkg-deb -R /first.deb later
			sed -i 's/^Version: .*/&+1/' later/DEBIAN/control
			dpkg-deb -b later /later.deb" >>"$dir/log" 2>&1
}
boot() {
	unshare --fork --pid --mount --uts --ipc --net --cgroup --kill-child "$here/boot" "$dir/root" >"$dir/boot.log" 2>&1 &
	boot=$!
	until_true 10 grep -q . "/proc/$boot/task/$boot/children" || return 1
	init=$(cat "/proc/$boot/task/$boot/children") init=${init%% *}
	until_true 30 says '^(running|degraded)$' systemctl is-system-running
}

installed() {
	inside apt-get install -y --no-install-recommends /first.deb
	verdict 'installed by apt'
	inside systemd-analyze verify --man=no refresher.service && [ ! -s "$dir/log" ]
	verdict 'systemd-analyze verify has nothing to say of the unit'
	says 'Overall exposure level for refresher.service: [01]\.|exposure level.*: 2\.0' systemd-analyze security --no-pager refresher.service
	verdict 'systemd-analyze security: ' 's/^.*Overall exposure level for refresher.service: //p'
	is_active && says '^enabled$' systemctl is-enabled refresher
	verdict 'started with the installation, and with each start of the machine'
	until_true 10 is_ready && is_whole
	verdict 'ready, and the file is whole'
	says '^StatusText=ready: numbers from ' systemctl show refresher
	verdict 'systemctl status says: ' 's/^StatusText=//p'
	inside cat "/proc/$(main_pid)/status" && ! grep -qE '^Uid:.*\b0\b' "$dir/log" && grep -q '^CapEff:.0*$' "$dir/log" &&
		grep -q '^NoNewPrivs:.1' "$dir/log" && grep -q '^Seccomp:.2' "$dir/log"
	verdict 'not root, without a capability, behind filters'
	inside sh -euc 'cd /usr/share; ls man/man8/refresher.8.gz man/man5/refresher.yaml.5.gz man/man1/refresher-assess.1.gz
		for program in refresher refresher-assess; do
			ls bash-completion/completions/$program zsh/vendor-completions/_$program
			$program --version
		done'
	verdict 'programs, manuals and completions lie where Debian looks for them'
	inside setpriv --reuid 65534 --regid 65534 --clear-groups sh -euc 'head -c 20000 /dev/urandom | refresher-assess --require 5 -
		test "$(wc -l </run/random-refresher/numbers.txt)" = 10000'
	verdict 'an ordinary user assesses samples, and reads the file'
}

lives() {
	local before
	inside sed -i 's/count: 10000/count: 10/; s/interval: 30/interval: 1/' /etc/random-refresher/refresher.yaml
	inside systemctl reload refresher && until_true 10 says '^10 ' wc -l /run/random-refresher/numbers.txt
	verdict 'systemctl reload takes a changed configuration'
	inside sh -euc 'mkdir -p /run/systemd/system/refresher.service.d
		printf "[Service]\nWatchdogSec=2s\nTimeoutAbortSec=1s\nRestartSec=100ms\n" >/run/systemd/system/refresher.service.d/hasty.conf
		systemctl daemon-reload; systemctl restart refresher'
	before=$(main_pid)
	sleep 5
	[ "$(main_pid)" = "$before" ] && is_active
	verdict 'a daemon that lives is left alone by the watchdog'
	inside kill -STOP "$before"
	until_true 20 says '^NRestarts=1$' systemctl show refresher && until_true 10 is_ready
	verdict 'one that stands still is restarted by it'
	if [ ! -r /dev/hwrng ]; then skip $suite 'no /dev/hwrng, whose group would serve in place of the capability'; return; fi
	inside sh -euc 'groupadd -r hwrng; chgrp hwrng /dev/hwrng; chmod 0440 /dev/hwrng; cd /run/systemd/system/refresher.service.d
		printf "[Service]\nSupplementaryGroups=hwrng\nAmbientCapabilities=\nCapabilityBoundingSet=\n" >group.conf
		systemctl daemon-reload; systemctl restart refresher; rm group.conf; systemctl daemon-reload' &&
		until_true 10 is_ready && says '^StatusText=ready: numbers from /dev/hwrng' systemctl show refresher
	verdict 'a group that may read the device serves in place of the capability'
}

goes() {
	local before
	inside apt-get install -y --reinstall --no-install-recommends /first.deb && is_active && until_true 10 is_ready &&
		inside grep -q 'count: 10$' /etc/random-refresher/refresher.yaml
	verdict 'refreshed by itself: the daemon runs on, with the configuration that was changed'
	before=$(main_pid)
	inside apt-get install -y --no-install-recommends /later.deb && says "^Version: ${VERSION//./\\.}\+1$" dpkg -s random-refresher
	verdict 'refreshed by a later package'
	until_true 10 is_ready && [ "$(main_pid)" != "$before" ] && inside grep -q 'count: 10$' /etc/random-refresher/refresher.yaml
	verdict 'which restarts the daemon, and leaves a configuration that was changed'
	inside apt-get remove -y random-refresher && ! is_active && ! inside pidof refresher && ! inside test -e /run/random-refresher &&
		! inside test -e /usr/sbin/refresher
	verdict 'removed: neither daemon nor file nor program is left'
	inside test -e /etc/random-refresher/refresher.yaml
	verdict 'and the configuration is'
	inside rm -r /run/systemd/system/refresher.service.d
	inside apt-get purge -y random-refresher && inside find / /run -xdev -path /src -prune -o -name '*refresher*' -print && [ ! -s "$dir/log" ]
	verdict 'purged: nothing of that name is left on the machine'
}

suite='' init=''
if [ "$(id -u)" != 0 ]; then skip package 'needs root'; finish; fi
for suite in bookworm trixie; do
	tar=$dir/$suite-$(cksum <<<"$packages" | cut -d " " -f 1).tar
	system "$tar" 2>"$dir/log" || { skip $suite 'no system by mmdebstrap'; continue; }
	rm -rf --one-file-system "${dir:?}/root"
	mkdir "$dir/root" && tar -C "$dir/root" -xf "$tar"
	build
	verdict 'built by dpkg-buildpackage'
	chroot "$dir/root" lintian --allow-root --fail-on error /first.deb >"$dir/log" 2>&1
	verdict 'lintian finds no error' 's/^W:/; a warning:/p'
	if boot; then
		installed && lives && goes
	else
		tail -n 5 "$dir/boot.log"
		skip $suite 'systemd does not start in namespaces here'
	fi
	kill -KILL "$boot" 2>/dev/null; wait "$boot" 2>/dev/null; boot=''
done
finish
