# From the first moment on a signal waits for its answer; SIGTERM ends a wait for a pipe, and an answer that nobody takes.
. "$TESTS/system/lib.sh"
mkfifo c.yaml
waits() { # ARG...: refresher, in the background, until it waits for c.yaml; sets $pid
	: >log
	"$REFRESHER" -s kernel -l none -c c.yaml "$@" 2>>log &
	pid=$!
	children+=("$pid")
	until_true 5 has_opened
}
has_opened() { readlink "/proc/$pid/fd/"* 2>/dev/null | grep -q c.yaml; }
ends_with() {
	local rc=0 begin=$SECONDS
	wait "$1" || rc=$?
	[ $rc = "$2" ] || fail "exit $rc instead of $2"
	[ $((SECONDS - begin)) -le 3 ] || fail "it took $((SECONDS - begin)) s"
}
waits out.txt
for s in HUP USR1 USR2; do kill -$s "$pid"; done
sleep 0.2
printf 'numbers: {count: 5}\nrefresh: {interval: 600}\n' >c.yaml
until_true 5 is_file out.txt
until_true 5 logged 'reload refused.*is a pipe'
until_true 5 logged 'on-demand health test'
stop 5
waits out.txt 10 30
kill -TERM "$pid"
ends_with "$pid" 143
waits -n
kill -TERM "$pid"
ends_with "$pid" 143
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
# process 1 has no default action
if [ "$(id -u)" = 0 ] && unshare -pf true 2>/dev/null; then
	: >log
	unshare -pf --kill-child "$REFRESHER" -s kernel -l none -c c.yaml out.txt 10 30 2>>log &
	outer=$!
	children+=("$outer")
	inner_waits() { pid=$(pgrep -P "$outer" -x refresher) && has_opened; }
	until_true 5 inner_waits
	kill -TERM "$pid"
	ends_with "$outer" 78
	says 'c\.yaml: cannot read the configuration: Interrupted'
else
	skip_part 'process 1: a PID name space needs root'
fi
