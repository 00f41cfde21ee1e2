# A container may have no /proc, or one in which the files are masked: what cannot be read is left out of /metrics and /status,
# and everything else is there.
. "$TESTS/system/lib.sh"
! is_sanitized || skip 'a sanitizer reads its options in /proc'
unshare -rm true 2>/dev/null || skip 'no mount namespaces here'
binary=$REFRESHER
hide() { printf '#!/bin/sh\nexec unshare -rm sh -c '"'"'%s && exec "$@"'"'"' sh %s "$@"\n' "$1" "$binary" >run; chmod 755 run; }
lives() { # WHAT COMMAND: in a mount namespace of its own in which the command hid /proc
	hide "$2"
	REFRESHER=$TMP/run start -s kernel --set confine.user=none "$TMP/n.txt" 10 3600
	until_true 5 ready_is 200
	curl -s "$url/metrics" >metrics
	curl -s "$url/status" >status
	grep -E '^process_(resident|virtual|open_fds|threads)' metrics && fail "$1: shown all the same"
	for there in process_cpu_seconds_total process_start_time_seconds process_max_fds; do
		grep -q "^$there " metrics || fail "$1: no $there"
	done
	python3 -c 'import json; p = json.load(open("status"))["process"]; assert set(p) == {"cpu_seconds", "max_fds"}, p' || fail "$1: /status"
	stop 5
}
lives 'no /proc' 'mount -t tmpfs none /proc'
lives 'a masked /proc' 'for f in stat statm status; do mount --bind /dev/null /proc/$$/$f || exit 99; done && mount -t tmpfs none /proc/$$/fd'
