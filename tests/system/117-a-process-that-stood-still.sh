# The process is stopped for longer than source.timeout, again and again (a frozen cgroup, a machine on the move): the
# device is not called stuck for that, and nothing but the age of the file tells of it.
. "$TESTS/system/lib.sh"
mkfifo pipe
python3 -c 'import os,time
f=os.open("pipe",os.O_WRONLY)
while True:
    if not os.path.exists("hang"): os.write(f,os.urandom(20))
    time.sleep(0.02)' 2>/dev/null &
children+=($!)
start -s replay --set source.path=pipe --set source.timeout=0.8 out.txt 100 1
until_true 20 ready_is 200
for _ in $(seq 8); do
	kill -STOP "$pid"
	sleep 1.5
	kill -CONT "$pid"
	sleep 0.6 # a read is under way again
done
! logged 'level=(warn|error) msg="(source|refresh|health)' || fail 'standing still was taken for a failure'
[ "$(metric 'source_read_errors_total{cause="timeout"}')" = 0 ] || fail 'a read was counted as stuck'
until_true 5 ready_is 200
# the device is still found out when it does hang
touch hang
until_true 10 logged 'cause=timeout'
rm hang
until_true 10 logged 'source is back'
stop 5
