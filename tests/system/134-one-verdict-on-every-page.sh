# Starting, ready, stuck, failed: /readyz, /status and /metrics say the same, and no page shows what another one denies.
. "$TESTS/system/lib.sh"
mkfifo pipe
exec 9<>pipe
# says_one READY STATE UP: the pages agree, and on that
says_one() {
	[ "$(code '/readyz?verbose')" = "$1" ] || fail "$2: readyz: $(cat body)"
	mv body readyz
	curl -s "$url/status" >status
	curl -s "$url/metrics" >metrics
	python3 - "$1" "$2" "$3" <<'PY' || fail "$2: the pages do not agree: $(cat readyz)"
import json, sys
ready, state, up = sys.argv[1] == "200", sys.argv[2], sys.argv[3] == "up"
s, page = json.load(open("status")), open("readyz").read()
m = {k.replace("random_refresher_", ""): float(v) for k, v in (x.rsplit(" ", 1) for x in open("metrics") if x[0] != "#")}
states = {k: v for k, v in m.items() if k.startswith("health_state{")}
assert s["ready"] is ready and m["ready"] == ready, (s["ready"], m["ready"])
assert s["health"]["state"] == state and [k for k, v in states.items() if v] == ['health_state{state="%s"}' % state], states
assert s["source"]["up"] is up and m["source_up"] == up, (s["source"]["up"], m["source_up"])
# a source that gives samples may still have failed its tests, and is no good then
assert ("[-]source failed" in page) is (not up or state == "failed"), page
assert ("[-]startup-tests failed" in page) is (state != "ok"), page
PY
}
start -s replay --set source.path=pipe --set source.timeout=0.5 --set health.retry_min=300 out.txt 10 0.2
# a read that has not returned for half of a second is told; before that nothing is known but that no test was passed
until_true 5 logged 'cause=timeout'
says_one 503 starting down
# The generator gives samples for as long as the pages are compared, however slow the machine. The pipe holds few of them,
# so that it is soon used up afterwards.
python3 -c 'import fcntl; fcntl.fcntl(9, fcntl.F_SETPIPE_SZ, 4096)'
cat /dev/urandom >&9 &
feeder=$!
children+=("$feeder")
until_true 5 ready_is 200
says_one 200 ok up
kill "$feeder"
wait "$feeder" || true
# the generator is used up, and its read does not return
until_true 10 ready_is 503
says_one 503 recovering down
# how long the read has hung is one figure, and the reason names the limit and no second age
code /readyz/source >/dev/null
grep -q 'no data for more than 0.5 s: the read has not returned' body || fail "readyz: $(cat body)"
python3 -c 'import json; s = json.load(open("status")); u, h = s["source"], s["health"]
assert u["error"] == h["reason"] and "more than 0.5 s" in u["error"] and u["read_under_way_seconds"] > 0.5, (u, h)' || fail 'reasons'
# it is back, with zeros
head -c 4000 /dev/zero >&9
until_true 5 logged 'state=failed'
says_one 503 failed up
stop 5
