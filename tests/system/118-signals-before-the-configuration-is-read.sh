# From the first moment on a signal waits for its answer; SIGTERM ends an answer that nobody takes.
. "$TESTS/system/lib.sh"
# with SIGNALS ARG...: refresher, in the background, with these signals pending when its first instruction runs; sets $pid
with() {
	: >log
	local blocked=${1// /,}
	# shellcheck disable=SC2016
	env --block-signal="$blocked" sh -c 'for s in $1; do kill -s "$s" $$; done; shift; exec "$@"' - "$1" \
		"$REFRESHER" -s kernel -l none -c c.yaml "${@:2}" 2>>log >stdout &
	pid=$!
	children+=("$pid")
}
ends_with() {
	local rc=0 begin=$SECONDS
	wait "$1" || rc=$?
	[ $rc = "$2" ] || fail "exit $rc instead of $2"
	[ $((SECONDS - begin)) -le 5 ] || fail "it took $((SECONDS - begin)) s"
}
printf 'numbers: {count: 5}\nrefresh: {interval: 600}\n' >c.yaml
with 'HUP USR1 USR2' out.txt
until_true 30 logged msg=starting # what a busy machine needs to load a program is not what is tested here
until_true 5 is_file out.txt
until_true 5 logged 'configuration reloaded; nothing changed'
until_true 5 logged 'on-demand health test'
stop 5
with TERM out.txt
until_true 30 logged msg=starting
ends_with "$pid" 0
with TERM -n
ends_with "$pid" 143
[ ! -s stdout ] || fail 'an answer behind SIGTERM'
# the answer's reader does not read
mkfifo full
exec 9<>full
head -c 65536 /dev/zero >&9
"$REFRESHER" --help >&9 &
pid=$!
children+=("$pid")
writes() { grep -q pipe "/proc/$pid/wchan" 2>/dev/null || [ "$(cut -d' ' -f3 "/proc/$pid/stat")" = S ]; }
until_true 5 writes
kill -TERM "$pid"
ends_with "$pid" 143
