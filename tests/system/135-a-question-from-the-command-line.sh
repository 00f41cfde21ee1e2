# --status: what a person wants to know of a running daemon, and its verdict as the exit code, also where nobody answers.
. "$TESTS/system/lib.sh"
ask() { # CODE ARG...: standard output in ./answer, standard error in ./log
	local want=$1 rc=0
	shift
	"$REFRESHER" "$@" >answer 2>log || rc=$?
	[ $rc = "$want" ] || fail "exit $rc instead of $want: $*"
}

# well: the first line is the verdict; the document is the endpoint's own
start -s kernel out.txt 10 0.5
until_true 5 ready_is 200
address=127.0.0.1:$port
ask 0 --status "$address"
[ "$(head -n 1 answer)" = ready ] || fail "$(cat answer)"
grep -q '^file  *.*out.txt: 10 numbers, int32, ' answer || fail "$(cat answer)"
ask 0 --status=json "$address"
python3 -c 'import json; s = json.load(open("answer")); assert s["ready"] and s["output"]["file_numbers"] == 10' || fail 'no document'

# the address of the configuration, and of all addresses this machine
printf 'http: {listen: "[::]:%s"}\n' "$port" >asked.yaml
ask 0 -c asked.yaml --status
ask 0 --status ":$port"
ask 0 -l "$address" -s kernel out.txt 10 0.5 --status
rc=0
"$REFRESHER" --status "$address" >/dev/full 2>log || rc=$?
[ $rc = 74 ] || fail "a full disk: exit $rc"
stop 5

# nobody there; no address; no endpoint
ask 69 --status "$address"
says "nobody listens there.*--status ADDR:PORT.*Connection refused"
ask 64 --status out.txt
says 'no port; allowed: ADDRESS:PORT'
ask 78 -l none --status
says 'http.listen is none'

# a failed generator: live, not ready, and why
head -c 100000 /dev/zero >zeros
start -s replay --set source.path=zeros out.txt 10 0.5
until_true 5 ready_is 503
until_true 5 logged 'state=failed'
ask 1 --status "127.0.0.1:$port"
[ "$(head -n 1 answer)" = 'not ready' ] || fail "$(cat answer)"
grep -q '^\[-\]source failed: health test failed: ' answer || fail "$(cat answer)"
ask 1 --status=json "127.0.0.1:$port"
stop 5

# nothing that is shown is a number or a sample, also when there was a failure to tell of
{
	good_samples 8000
	head -c 100 /dev/zero
} >samples
start -s replay --set source.path=samples -f hex --set numbers.bytes=8 hex.txt 1000 0.5
until_true 5 ready_is 200
until_true 10 logged state=failed
for page in / /status /status.txt /metrics '/readyz?verbose'; do curl -s "$url$page"; done >shown
grep -q 'repetition_count: count' shown || fail 'the failure is not shown'
python3 - <<'PY' || fail 'it is shown'
import base64
shown, samples = open("shown").read().lower(), open("samples", "rb").read()
for number in open("hex.txt").read().split():
    assert number not in shown, number
for at in range(len(samples) - 6):
    piece = samples[at:at + 6]
    decimal = [" ".join(map(str, piece)), ",".join(map(str, piece))]
    for form in (piece.hex(), base64.b64encode(piece).decode().lower(), *decimal):
        assert form not in shown or piece == bytes(6), (at, form)
PY
stop 5

# one that is still in its start-up test: how far it is
mkfifo slow
exec 9<>slow
head -c 400 /dev/urandom >&9
start -s replay --set source.path=slow --set source.timeout=600 first.txt 10 1
until_true 5 curl -s -o status.txt "127.0.0.1:$port/status.txt"
ask 1 --status "127.0.0.1:$port"
grep -q '^\[-\]startup-tests failed: starting for .*, [0-9]* of 1024 samples tested: start-up test not finished$' answer || fail "$(cat answer)"
grep -q '^file  *first.txt: not there$' answer || fail "$(cat answer)"
stop 5
exec 9>&-

# one that takes the connection and says nothing, or a little now and then; a stranger, one that never ends: a sentence,
# in time
cat >stranger.py <<'PY'
import os, socket, sys, time
answer = {"silent": b"", "stranger": b"HTTP/1.1 404 Not Found\r\n\r\nready\n", "steers": b"HTTP/1.1 200 OK\r\n\r\nready\n\x1b[31m\xc3\xa9\n",
          "garbage": os.urandom(30000), "zeros": bytes(30000), "endless": b"HTTP/1.1 200 OK\r\n\r\n",
          "drips": b"HTTP/1.1 200 OK\r\n\r\n"}[sys.argv[1]]
s = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1], os.getpid(), flush=True)
while True:
    c, _ = s.accept()
    try:
        c.recv(4096)
        c.sendall(answer)
        while sys.argv[1] == "endless":
            c.sendall(b"x" * 1000000)
        while sys.argv[1] == "drips":
            c.sendall(b"r")
            time.sleep(0.1)
        time.sleep(10 if not answer else 0)
    except OSError:
        pass
    c.close()
PY
stranger() { # KIND: sets $address
	: >where
	python3 stranger.py "$1" >where &
	until_true 5 test -s where
	read -r port pid <where
	children+=("$pid")
	address=127.0.0.1:$port
}
for kind in silent drips; do
	stranger $kind
	begin=$(date +%s%N)
	ask 69 --status "$address"
	says 'no whole answer within 2 s'
	[ $((($(date +%s%N) - begin) / 1000000)) -lt 5000 ] || fail "$kind: it waited longer"
done
stranger stranger
ask 69 --status "$address"
says 'what answers there is not refresher, or another version'
for kind in endless garbage zeros; do
	stranger $kind
	ask 69 --status "$address"
done
stranger steers
ask 0 --status "$address"
[ "$(LC_ALL=C tr -d '\n -~' <answer | wc -c)" = 0 ] || fail 'a stranger steers the terminal'
stranger steers
ask 1 --status=json "$address"
[ "$(LC_ALL=C tr -cd '\033' <answer | wc -c)" = 0 ] || fail 'a stranger steers the terminal by what should be JSON'
