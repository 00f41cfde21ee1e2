# A disk that became read-only, a source that failed a test, one that gives nothing and one that went away: not ready, with the
# reason, and live all the while, so that nobody restarts what a restart cannot heal.
. "$TESTS/system/lib.sh"
not_ready_but_live() { # WHAT CHECK REASON: /readyz fails by this check, and /healthz never does for the next second
	local i
	until_true 15 ready_is 503
	until_true 15 readyz_says "^\[-\]$2 failed: .*$3"
	for i in 1 2 3 4 5 6 7 8 9 10; do
		[ "$(code '/healthz?verbose')" = 200 ] || fail "$1: look $i: $(cat body)"
		! grep -q '^\[-\]' body || fail "$1: $(cat body)"
		sleep 0.1
	done
	[ "$(metric ready)" = 0 ] || fail "$1: the metric says ready"
	curl -s "$url/status" | python3 -c 'import json, sys; s = json.load(sys.stdin); assert s["live"] and not s["ready"], s' || fail "$1: /status"
}
readyz_says() { code /readyz >/dev/null; grep -qE "$1" body; }

if [ "$(id -u)" = 0 ] && mkdir disk && mount -t tmpfs -o size=4m tmpfs disk 2>/dev/null; then
	trap 'umount -l disk || true; cleanup' EXIT
	chmod 1777 disk
	start -s kernel disk/out.txt 100 0.3
	until_true 5 ready_is 200
	mount -o remount,ro disk
	not_ready_but_live 'a read-only disk' output 'Read-only file system'
	mount -o remount,rw disk
	until_true 10 ready_is 200
	stop 5
else
	skip_part 'cannot mount a tmpfs here'
fi
{ good_samples 4096; head -c 200000 /dev/zero; } >samples
start -s replay --set source.path="$TMP/samples" --set health.retry_min=60 "$TMP/a.txt" 100 0.3
not_ready_but_live 'a source of zeros' startup-tests 'repetition_count'
stop 5
{ good_samples 4096; } >samples
start -s replay --set source.path="$TMP/samples" "$TMP/b.txt" 100 0.3
not_ready_but_live 'a source that has ended' source ''
stop 5
mkfifo pipe
exec 9<>pipe
good_samples 4096 >&9
start -s replay --set source.path="$TMP/pipe" --set source.timeout=0.5 "$TMP/c.txt" 100 0.3
not_ready_but_live 'a source that gives nothing' source 'no data for'
stop 5
