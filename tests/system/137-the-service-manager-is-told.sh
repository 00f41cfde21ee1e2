# NOTIFY_SOCKET: a stand-in for the service manager hears READY, WATCHDOG, STOPPING and STATUS, from inside the confinement.
. "$TESTS/system/lib.sh"
. "$TESTS/system/confine.sh"
TMP=$(mktemp -d) # where everybody can go: whoever the daemon becomes looks for its directory by name
trap 'cleanup; rm -rf "$TMP"' EXIT
chmod 755 "$TMP"
cd "$TMP" || exit 1
cat >manager.py <<'PY'
"""manager.py NAME: prints each message that comes to the socket, and how long after the one before; one line each."""
import os, socket, sys, time
name = sys.argv[1]
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind("\0" + name[1:] if name[0] == "@" else name)
if name[0] != "@":
    os.chmod(name, 0o777)
print("bound", flush=True)
last = time.monotonic()
while True:
    message = s.recv(4096).decode()
    assert message.endswith("\n"), message
    print(f"{time.monotonic() - last:.3f}", message[:-1].replace("\n", "|"), flush=True)
    last = time.monotonic()
PY
manager() { # NAME: the stand-in; what it hears goes to ./heard
	: >heard
	python3 manager.py "$1" >heard 2>manager.log &
	manager=$!
	children+=("$manager")
	until_true 5 grep -q bound heard
	export NOTIFY_SOCKET=$1
}
heard() { grep -qE "$1" heard; }
watchdogs() { grep -c 'WATCHDOG=1' heard || true; }
fresh_out() { rm -rf out && mkdir out; if is_root; then chown 65532 out; fi; }

export WATCHDOG_USEC=1000000
for name in "$TMP/socket" "@refresher-test-$$"; do
	manager "$name"
	fresh_out
	start -s kernel "$TMP/out/n.txt" 100 0.3
	until_true 5 ready_is 200
	until_true 5 heard ' READY=1\|WATCHDOG=1\|STATUS=ready: numbers from getrandom'
	# the layers that could stand in the way
	if [ "$(detail seccomp)" != 'off: sanitizer build' ]; then
		every_thread Seccomp 2
		! has_landlock || [ "$(layer landlock)" = 1 ] || fail "landlock: $(detail landlock)"
	fi
	# no message is repeated before its time, and each comes before the manager would lose patience
	before=$(watchdogs)
	sleep 1.7
	[ "$(watchdogs)" -ge $((before + 1)) ] || fail "too few: $(cat heard)"
	[ "$(watchdogs)" -le $((before + 8)) ] || fail "too many: $(cat heard)"
	# what only a restart heals is left to the manager's watchdog
	mv out elsewhere && fresh_out
	until_true 5 heard ' READY=1\|STATUS=not ready: \[-\]output failed: .*restart refresher, '
	before=$(watchdogs)
	sleep 1.1
	[ "$(watchdogs)" = "$before" ] || fail 'a daemon that is not live says that it lives'
	rm -rf elsewhere
	stop 6
	until_true 5 heard 'STOPPING=1\|STATUS=not ready: '
	[ "$(grep -c STOPPING heard)" = 1 ] || fail "the end is told more than once: $(cat heard)"
	kill "$manager"
done

# before the first file: not ready, with the reason; another process's watchdog is none of ours
manager "$TMP/socket.2"
fresh_out
mkfifo silent
exec 9<>silent
WATCHDOG_PID=1 WATCHDOG_USEC=100000 start -s replay --set source.path=silent "$TMP/out/n.txt" 100 0.3
until_true 5 heard ' WATCHDOG=1\|STATUS=not ready: \[-\]source failed: no samples yet$'
sleep 0.5
[ "$(watchdogs)" -le 2 ] || fail "another's watchdog is served: $(cat heard)"
! heard READY || fail "ready without a file: $(cat heard)"
stop 6
exec 9<&-

# a manager that does not read, or is gone, is not waited for
kill -STOP "$manager"
WATCHDOG_USEC=2000 start -s kernel "$TMP/out/n.txt" 100 0.3
until_true 5 ready_is 200
sleep 0.5
quick /healthz
kill -CONT "$manager" && kill "$manager"
sleep 0.2
quick /readyz
stop 5

# who writes once has nothing to tell; a name that leads nowhere is a warning
manager "$TMP/socket.3"
expect 0 -s kernel -l none "$TMP/out/once.txt" 10
sleep 0.1
[ "$(cat heard)" = bound ] || fail "a run that writes once tells: $(cat heard)"
kill "$manager"
export NOTIFY_SOCKET=$TMP/nobody
start -s kernel "$TMP/out/n.txt" 100 0.3
until_true 5 ready_is 200
says 'level=warn msg="the service manager is not told" error="NOTIFY_SOCKET '
stop 5
