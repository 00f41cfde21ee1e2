# A USB generator is a terminal in cooked mode: every byte counts, also 0x03, 0x04, CR, 0x11 and 0x13, and none is sent back.
. "$TESTS/system/lib.sh"
# The generator: a terminal as it comes up, its name in ./line. Once there is ./go it sends ./bytes, then makes ./sent; with
# "endless" it sends them again and again. What is sent back goes to ./echo.
cat >generator.py <<'P'
import os, select, sys, termios, time
ours, theirs = os.openpty()
flags = termios.tcgetattr(theirs)
assert flags[3] & termios.ICANON and flags[3] & termios.ECHO and flags[3] & termios.ISIG
with open("line.new", "w") as f:
    f.write(os.ttyname(theirs))
os.rename("line.new", "line")
while not os.path.exists("go"):
    time.sleep(0.02)
whole = left = open("bytes", "rb").read()
echo = open("echo", "wb", buffering=0)
while True:
    readable, writable, _ = select.select([ours], [ours] if left else [], [], 0.2)
    if readable:
        echo.write(os.read(ours, 4096))
    if writable:
        left = left[os.write(ours, left[:64]):]
    if not left and len(sys.argv) > 1:
        left = whole
    elif not left:
        open("sent", "w").close()
P
generator() { # [endless]: starts it; $line is its name
	rm -f line go sent echo
	python3 generator.py "$@" 2>&1 &
	generator=$!
	children+=("$generator")
	until_true 5 is_file line
	line=$(cat line)
}
# each value 19 times and more, in an order that the health tests like
python3 -c 'import random, sys
r = random.Random(7)
b = [v for v in range(256)] * 19 + [3, 4, 13, 10, 17, 19, 22, 26, 28, 127, 255, 0, 3, 4, 17, 19]
r.shuffle(b)
sys.stdout.buffer.write(bytes(b))' >bytes
count=$(stat -c %s bytes)

generator
start -s device -d "$line" "$TMP/out.txt" 10 0.1
: >go
until_true 10 test -e sent
all_read() { [ "$(metric source_read_bytes_total)" = "$count" ]; }
until_true 10 all_read
until_true 5 ready_is 200
[ ! -s echo ] || fail "$(stat -c %s echo) bytes were sent back"
stop 5
kill "$generator"

# auto takes it, by a trial read in another process
generator endless
: >go
expect 0 -s auto -d "$line" -l none out2.txt 10
says 'msg=source kind=device'
int32_file out2.txt 10
kill "$generator"

# read as if it were a recording
generator
start -s replay --set source.path="$line" "$TMP/out3.txt" 10 0.1
: >go
until_true 10 test -e sent
until_true 10 all_read
[ ! -s echo ] || fail 'bytes were sent back'
stop 5
kill "$generator"

# the terminal of whoever starts it is no generator, and stays as it is
setsid python3 - "$REFRESHER" <<'P' || fail 'the terminal of a person'
import fcntl, os, subprocess, sys, termios
ours, theirs = os.openpty()
fcntl.ioctl(theirs, termios.TIOCSCTTY, 0)
before = termios.tcgetattr(theirs)
run = subprocess.run([sys.argv[1], "-s", "device", "-d", os.ttyname(theirs), "-l", "none", "x.txt", "10"], stderr=subprocess.PIPE)
sys.stderr.buffer.write(run.stderr)
assert run.returncode == 69 and b"is the terminal that refresher was started from" in run.stderr
assert before == termios.tcgetattr(theirs)
P
