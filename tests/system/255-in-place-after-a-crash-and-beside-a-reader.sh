# In place: a crash leaves a short or an empty file and never a mixture; a reader's lock costs that refresh and nothing else.
. "$TESTS/system/lib.sh"
in_place=(--set output.write=in_place --set output.mode=0644 --set confine.user=none)
# The old file holds nothing but x: where numbers stand, none may be behind them.
cat >short.py <<'PY'
text = open("out.txt", "rb").read()
old = b"x" * 10 + b"\n"
assert text == old * 300000 or b"x" not in text, "old numbers behind new ones"
print(len(text))
PY
# Starts the program and kills it when the file, which begins with 3300000 bytes of x, has become one of new numbers and has
# so many bytes. It looks from the first moment on: the whole file takes a twentieth of a second.
cat >kill_at.py <<'PY'
import os, subprocess, sys, time
least, command, end = int(sys.argv[1]), sys.argv[2:], time.monotonic() + 10
child = subprocess.Popen(command, stderr=open("log", "w"))
while not (os.stat("out.txt").st_size != 3300000 and os.stat("out.txt").st_size >= least):
    assert time.monotonic() < end, "the file does not grow"
child.kill()
child.wait()
PY
killed=0 shorts=0
for least in 0 0 1 100000 1000000 4000000 10000000 20000000 50000000; do
	python3 -c 'open("out.txt", "wb").write((b"x" * 10 + b"\n") * 300000)'
	python3 kill_at.py $least "$REFRESHER" -l none -s kernel -f uint64 "${in_place[@]}" out.txt 5000000 3600 ||
		fail "no file of $least bytes"
	size=$(python3 short.py) || fail "after SIGKILL, at $least bytes: a mixture"
	killed=$((killed + 1))
	[ "$size" -ge 90000000 ] || shorts=$((shorts + 1))
done
[ $shorts -gt 0 ] || fail "$killed kills, and no short file"

# a reader that keeps its lock: the refresh fails at the next tick and names the reader, and the daemon is alive and well
seq 10 >out.txt
start -s kernel "${in_place[@]}" out.txt 1000 1
until_true 10 ready_is 200
python3 -c 'import fcntl, os, sys, time
f = open("out.txt"); fcntl.lockf(f, fcntl.LOCK_SH); open("locked", "w").write(str(os.getpid())); time.sleep(120)' &
children+=($!)
until_true 10 test -s locked
reader=$(cat locked)
children+=("$reader")
before=$(md5sum <out.txt)
until_true 10 logged "stage=write error=\"process $reader holds a lock on "
n=$(metric 'refresh_failures_total{stage="write"}')
more_failures() { [ "$(metric 'refresh_failures_total{stage="write"}')" -ge $((n + 2)) ]; }
until_true 10 more_failures
[ "$(code /healthz)" = 200 ] || fail "healthz: $(cat body)"
[ "$(code /readyz)" = 503 ] && grep -q '^\[-\]output failed: process ' body || fail "readyz: $(cat body)"
[ "$(md5sum <out.txt)" = "$before" ] || fail 'the file changed under the lock'
kill "$reader"
until_true 10 ready_is 200
int32_file out.txt 1000
stop 5

# a run that writes once waits for a reader that reads, and gives up on one that stays
rm -f locked
python3 -c 'import fcntl, time
f = open("out.txt"); fcntl.lockf(f, fcntl.LOCK_SH); open("locked", "w").write("x"); time.sleep(1)' &
children+=($!)
until_true 10 test -s locked
expect 0 -s kernel -l none "${in_place[@]}" out.txt 7
int32_file out.txt 7
rm -f locked
python3 -c 'import fcntl, time
f = open("out.txt"); fcntl.lockf(f, fcntl.LOCK_SH); open("locked", "w").write("x"); time.sleep(120)' &
children+=($!)
until_true 10 test -s locked
expect 74 -s kernel -l none "${in_place[@]}" --set source.timeout=0.5 out.txt 8
says 'holds a lock on'
int32_file out.txt 7
