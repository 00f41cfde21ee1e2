# 200 bytes per second: slow is not stuck; progress is visible and the first file comes.
. "$TESTS/system/lib.sh"
mkfifo pipe
python3 -c 'import os,time
f=os.open("pipe",os.O_WRONLY)
while True:
    os.write(f,os.urandom(20)); time.sleep(0.02)' 2>/dev/null &
children+=($!)
start -s replay --set source.path=pipe --set source.timeout=1 out.txt 100 1
sleep 0.5
[ "$(code '/readyz?verbose')" = 503 ] && grep -q 'startup-tests failed' body || fail "readyz: $(cat body)"
until_true 10 ready_is 200
! logged 'cause=timeout' || fail 'a slow source was called stuck'
stop 5
