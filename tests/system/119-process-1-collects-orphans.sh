# As process 1 the daemon inherits every orphan of its container; none stays as a zombie.
. "$TESTS/system/lib.sh"
[ "$(id -u)" = 0 ] && unshare -pf --mount-proc true 2>/dev/null || skip 'a PID name space needs root'
: >log
unshare -pf --mount-proc --kill-child "$REFRESHER" -s kernel -l none --set source.timeout=1 out.txt 10 30 2>>log &
children+=("$!") outer=$!
until_true 5 is_file out.txt
pid=$(pgrep -P "$outer" -x refresher)
for _ in 1 2 3; do nsenter -p -t "$pid" sh -c 'sleep 60 & sleep 60 &' >/dev/null 2>&1; done
adopted() { [ "$(pgrep -c -P "$pid")" = "$1" ]; }
until_true 15 adopted 6
pkill -P "$pid"
until_true 10 adopted 0
kill -TERM "$pid"
rc=0
wait "$outer" || rc=$?
[ $rc = 0 ] || fail "exit $rc"
