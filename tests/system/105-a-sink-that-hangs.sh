# The output's lock is held by another program: the worker hangs, the probes answer, SIGTERM ends within 5 s.
. "$TESTS/system/lib.sh"
seq 10 >out.txt
chmod 644 out.txt
python3 -c 'import fcntl,time,sys
f=open("out.txt","r+"); fcntl.lockf(f,fcntl.LOCK_EX); open("locked","w").close(); time.sleep(120)' &
children+=($!)
until_true 5 test -e locked
start -s kernel --set output.write=in_place --set output.mode=0644 out.txt 1000 1
sleep 1
quick /healthz
[ "$(code /startupz)" = 503 ] || fail 'startupz'
stop 5
[ "$(wc -l <out.txt)" = 10 ] || fail 'the locked file changed'
