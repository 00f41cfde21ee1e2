# k8s/components/node-condition: its script and configuration, run as node-problem-detector runs them, against a daemon in each state
# and against what is none.
. "$TESTS/system/lib.sh"
here=$TESTS/../k8s/components/node-condition
# node_is STATUS REASON MESSAGE [EVENT]: the condition, and the event that goes with it, or none
node_is() {
	python3 -B "$TESTS/cluster/node-problem-detector" "$here/hardware-rng-monitor.json" "$here" 127.0.0.1 "$port" >node 2>&1 || fail "$(cat node)"
	local event='\[\]'
	[ -z "${4:-}" ] || event="\[{\"reason\": \"HardwareRNGFailed\", \"message\": \"$4\"}\]"
	grep -qE "\"type\": \"HardwareRNGHealthy\", \"reason\": \"$2\", \"message\": \"[^\"]*$3[^\"]*\", \"status\": \"$1\"}\], \"events\": $event}$" node ||
		fail "not $*: $(cat node)"
}
not_proven='nothing proves that'
says() { code '/readyz?verbose' >/dev/null; grep -qE "$1" body; }

mkdir dir
start -s kernel dir/out.txt 10 0.2
until_true 5 ready_is 200
node_is True HardwareRNGProven 'pass the health tests'
# an output that cannot be written is not the generator's fault, and a daemon that does not answer says nothing of it
mv dir away
until_true 5 says '^\[-\]output failed'
node_is True HardwareRNGProven 'pass the health tests'
kill -STOP "$pid"
ASK_SECONDS=0.5 node_is Unknown HardwareRNGNotProven 'does not answer'
kill -CONT "$pid"
stop 5
node_is Unknown HardwareRNGNotProven 'does not answer' # nobody listens there

start -s device -d /dev/zero --set health.retry_min=60 out.txt 10 1
until_true 5 logged 'state=failed'
node_is False HardwareRNGNotProven "$not_proven" 'health test failed: repetition_count[^"]*'
stop 5

mkfifo pipe
exec 9<>pipe
start -s replay --set source.path=pipe out.txt 10 1
node_is Unknown HardwareRNGNotProven 'no samples yet'
good_samples 300 >&9
until_true 5 says '^\[\+\]source ok'
node_is Unknown HardwareRNGNotProven 'start-up test is under way'
stop 5
start -s replay --set source.path=pipe --set source.timeout=0.5 out.txt 10 1
until_true 5 logged 'cause=timeout'
node_is False HardwareRNGNotProven "$not_proven" '[^"]*no data for more than 0\.5 s[^"]*'
stop 5

# a server that is no random-refresher
python3 -c '
import socket
s = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
for answer in [b"HTTP/1.1 503 No\r\n\r\nbusy\n", b"HTTP/1.1 404 Not Found\r\n\r\n", b"\0\xff" * 9000] * 2:
    c, _ = s.accept()
    c.recv(1000)
    c.sendall(answer)
    c.close()' >answers &
children+=($!)
until_true 5 is_file answers
port=$(cat answers)
node_is Unknown HardwareRNGNotProven 'does not answer|not understood'
node_is Unknown HardwareRNGNotProven 'does not answer|not understood'
node_is Unknown HardwareRNGNotProven 'does not answer|not understood'
