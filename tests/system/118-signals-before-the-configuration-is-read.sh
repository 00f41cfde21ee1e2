# From the first moment on a signal waits for its answer; SIGTERM ends an answer that nobody takes.
. "$TESTS/system/lib.sh"
# with SIGNALS ARG...: refresher, in the background, with these signals pending when its first instruction runs; sets $pid
with() {
	: >log
	"$(type -P python3)" -c '
import os, signal, sys
for name in sys.argv[1].split():
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.Signals["SIG" + name]])
    os.kill(os.getpid(), signal.Signals["SIG" + name])
os.execv(sys.argv[2], sys.argv[2:])' "$1" "$REFRESHER" -s kernel -l none -c c.yaml "${@:2}" 2>>log >stdout &
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
until_true 5 is_file out.txt
until_true 5 logged 'configuration reloaded; nothing changed'
until_true 5 logged 'on-demand health test'
stop 5
with TERM out.txt
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
