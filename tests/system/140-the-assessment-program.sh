# refresher-assess: a figure from a file, a pipe and a device, as a table, JSON and a picture; what it refuses, and how it
# ends.
. "$TESTS/system/lib.sh"
assess=$(dirname "$REFRESHER")/refresher-assess
# ends CODE ARG...: one run; standard error in ./log, standard output in ./stdout
ends() {
	local want=$1 rc=0
	shift
	timeout 120 "$assess" "$@" >stdout 2>log </dev/null || rc=$?
	[ $rc = "$want" ] || fail "exit $rc instead of $want: refresher-assess $*"
}
prints() { grep -qE "$1" stdout || fail "it does not print: $1"; }
json() { python3 -c "import json; d = json.load(open('stdout')); print(($1))"; }
is() { [ "$1" = "$2" ] || fail "$1 is not $2"; }

# Samples that are always the same.
python3 - <<'PY'
import random
random.seed(8)
open("good", "wb").write(random.randbytes(60000))
open("bits", "wb").write(bytes(b & 1 for b in random.randbytes(60000)))
open("same", "wb").write(bytes(60000))
open("repeated", "wb").write(random.randbytes(64) * 1000)
open("few", "wb").write(random.randbytes(500))
open("counter", "wb").write(bytes(i & 7 for i in range(60000)))
open("empty", "wb").write(b"")
PY

ends 0 good
prints '^Samples   60000 of 8 bits, 256 different values'
for e in 'Most Common Value' Collision Markov Compression t-Tuple LRS MultiMCW Lag MultiMMC LZ78Y; do prints "^$e  "; done
prints '^  min_entropy: [0-9]+\.[0-9][0-9]$'
prints '^  sample_bits: 8$'
[ ! -s log ] || fail 'it speaks to standard error, which is no terminal'

# The same samples give the same figure whatever they come through, and the daemon takes what is printed.
sed -n '/^source:/,/^$/p' stdout >refresher.yaml
"$REFRESHER" -n -c refresher.yaml | grep -q '^  min_entropy: ' || fail 'the daemon refuses the lines'
cp stdout table
"$assess" - <good >stdout 2>log || fail 'standard input'
is "$(grep '^Assessed min' table)" "$(grep '^Assessed min' stdout)"
cat good | "$assess" - --json >stdout
is "$(json 'd["samples"], d["bits"], d["driver"], d["version"] != ""')" "(60000, 8, '', True)"
h=$(json 'd["min_entropy"]')
is "$(json 'd["blocks"][0]["min_entropy"]')" "$h"
is "$(json 'sorted(d["blocks"][0]["literal"])[0]')" different
ends 0 good --json --conditioned
is "$(json 'd["mode"], d["blocks"][0]["literal"]')" "('conditioned', None)"
ends 0 bits --json
is "$(json 'd["bits"], d["blocks"][0]["bitstring"]')" '(1, None)'
ends 0 bits
prints '^  sample_bits: 1$'

# A picture that is XML, whole, and as public as any other file; the name of the input does no harm.
cp good 'a<b>&"c'
ends 0 'a<b>&"c' --svg picture.svg --output result.json
python3 -c 'import xml.dom.minidom as m; d = m.parse("picture.svg"); assert d.documentElement.tagName == "svg"; assert len(d.getElementsByTagName("rect")) > 256'
is "$(stat -c %a picture.svg result.json | xargs)" '644 644'
is "$(find . -name 'picture.svg.*' -o -name 'result.json.*' | wc -l)" 0

# The result for the daemon is the JSON of --json, whatever is printed, whatever the umask, and below --require too.
prints '^Assessed min-entropy'
(umask 077 && ends 1 good --require 7.99 --json --output result.json)
cmp -s stdout result.json || fail '--output and --json differ'
is "$(stat -c %a result.json)" 644

# What is required, and what there is.
ends 0 good --require 1
ends 1 good --require 7.99
prints '^Required: 7.99 bits per sample: FAILED'
for f in same repeated; do
	ends 0 $f --json
	is "$(json 'd["min_entropy"], str(d["min_entropy"])[0], d["health_tests"]')" "(0, '0', None)"
done
ends 0 same
prints 'Assessed min-entropy: 0\.000000'

# The IID track says nothing where the claim fails; the same seed gives the same counts.
ends 0 good --samples 20000 --iid --json --seed 4
cp stdout first
ends 0 good --samples 20000 --iid --json --seed 4
grep -v '"date"' first >one
grep -v '"date"' stdout | cmp -s - one || fail 'the same seed, and another result'
ends 1 same --iid
grep -q 'Assessed min-entropy' stdout && fail 'a figure without a claim that holds'
prints 'The IID claim failed'

# Of a device; the driver is known where it is the kernel's.
mknod zero c 1 9 2>/dev/null || cp good zero
ends 0 --samples 20000 zero
ends 0 --samples=20000 -d /dev/urandom --json
is "$(json 'd["samples"], d["source"]')" "(20000, '/dev/urandom')"

# Errors name place and remedy.
ends 66 missing; says 'missing: name a file of samples.*No such file'
ends 66 .; says 'is a directory'
ends 66 --device /dev/no-such-thing; says 'name another --device, or a FILE'
ends 64 --device good; says 'give it as FILE'
ends 65 few; says '500 samples are too few; [0-9]+ are the least'
ends 65 empty; says 'is empty'
ends 65 good --samples 70000; says 'ends after 60000 samples, and --samples says 70000'
ends 65 good --bits 4; says 'needs 8 bits, and --bits says 4'
ends 64 good --bits 9; says 'allowed: 1 to 8'
ends 64 good --samples -5; says 'allowed: 1 to'
ends 64 good --require x; says 'allowed: 0 to 8'
ends 64 --jsn good; says 'did you mean --json'
ends 64 good few; says 'a second FILE'
ends 64 good --device /dev/urandom; says 'give one of them'
ends 64 --restart good; says 'wants --initial'
ends 65 --restart --initial 7 good; says 'restart tests want 1000000'
ends 64 --initial 7 good; says 'is for --restart alone'
ends 73 good --svg no/such/place.svg; says 'no/such/place.svg'
ends 73 good --svg .; says 'is no regular file'
ends 73 missing --output no/such/result.json; says 'no/such/result.json.*in its folder'
ends 73 good --output /dev/full; says 'is no regular file'
if [ "$(id -u)" != 0 ]; then
	chmod 0 few
	ends 77 few
	says 'may not read it'
fi
rc=0
"$assess" good >/dev/full 2>log || rc=$?
is $rc 74
ends 0 --help; prints '^Usage: refresher-assess'
ends 0 --version; prints '^refresher-assess [0-9]'

# A source that never answers is left by a signal, with a sentence.
mkfifo pipe
sleep 60 >pipe &
children+=($!)
"$assess" pipe >stdout 2>log &
waiting=$!
children+=("$waiting")
threads=2 # it has one that waits for signals; the sanitizer of threads has one of its own
ldd "$assess" | grep -q libtsan && threads=3
watches() { [ "$(find /proc/$waiting/task -mindepth 1 -maxdepth 1 2>/dev/null | wc -l)" = $threads ]; }
until_true 20 watches
kill -TERM $waiting
rc=0
wait $waiting || rc=$?
is $rc 143
says 'interrupted by SIGTERM while reading, at 0 of 1000000 samples'

# On a terminal there is a bar while it takes long, and Ctrl-C ends it with a sentence.
/usr/bin/env python3 - "$assess" <<'PY' || fail 'on a terminal'
import os, pty, sys


def run(command, key):
    """What the terminal showed, and the exit status; key: pressed once the bar is there."""
    pid, fd = pty.fork()
    if pid == 0:
        os.execv("/bin/sh", ["sh", "-c", command])
    seen = b""
    while True:
        try:
            part = os.read(fd, 4096)
        except OSError:
            break
        seen += part
        if key and b"reading [" in seen:
            os.write(fd, key)
            key = b""
    return seen, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


seen, status = run("(head -c 30000 good; sleep 1; head -c 30000 good) | " + sys.argv[1] + " - >/dev/null", b"")
assert status == 0 and b"reading [" in seen and b"of 1000000 samples" in seen, (seen, status)
seen, status = run("sleep 60 | " + sys.argv[1] + " -", b"\x03")
assert b"interrupted by SIGINT while reading, at 0 of 1000000 samples" in seen, (seen, status)
PY
