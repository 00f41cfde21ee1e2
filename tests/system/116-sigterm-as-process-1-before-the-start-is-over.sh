# As process 1 the kernel drops a signal that nobody waits for. During the trial read of a stuck device SIGTERM ends it too.
. "$TESTS/system/lib.sh"
[ "$(id -u)" = 0 ] && unshare -pf true 2>/dev/null || skip 'a PID name space needs root'
python3 - <<'P' &
import os, time
ours, theirs = os.openpty()
with open("pty.new", "w") as f:
    f.write(os.ttyname(theirs))
os.rename("pty.new", "pty")
time.sleep(120)
P
children+=("$!")
until_true 5 is_file pty
: >log
unshare -pf --kill-child "$REFRESHER" -s auto -d "$(cat pty)" --set source.timeout=60 -l none out.txt 10 30 2>>log &
children+=("$!") outer=$!
first_child() { pid=$(pgrep -P "$outer" -x refresher) && pgrep -P "$pid" >/dev/null; } # it has forked for the trial
until_true 5 first_child
kill -TERM "$pid"
begin=$SECONDS rc=0
wait "$outer" || rc=$?
[ $((SECONDS - begin)) -le 3 ] || fail "SIGTERM took $((SECONDS - begin)) s"
[ $rc = 0 ] || fail "exit $rc"
says 'stopping.*SIGTERM'

# a run that writes once is cut off: no signal ends process 1, so its exit code says it
mkfifo samples
: >log
unshare -pf --kill-child "$REFRESHER" -s replay --set source.path=samples -l none out.txt 10 2>>log &
children+=("$!") outer=$!
until_true 5 pgrep -P "$outer" -x refresher
sleep 0.5
kill -TERM "$(pgrep -P "$outer" -x refresher)"
rc=0
wait "$outer" || rc=$?
[ $rc = 143 ] || fail "process 1, cut off: exit $rc"
