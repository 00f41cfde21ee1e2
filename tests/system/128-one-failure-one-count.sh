# Zeros: each time that the source is given up is one failed start-up test, and the peaks show the run that failed.
. "$TESTS/system/lib.sh"
start -s device -d /dev/zero --set health.retry_min=1.5 --set health.retry_max=1.5 out.txt 100 1
# looks CONDITION: what one copy of the status says; in the midst of a retry the start-up test has failed already
looks() {
	code /status >/dev/null
	python3 -c 'import json, sys
h = json.load(open("body"))["health"]
startup, latched = h["test_failures"]["startup"]["intermittent"], h["failures_latched"]
sys.exit(not eval(sys.argv[1]))' "$1"
}
until_true 20 looks 'latched >= 3'
until_true 20 looks 'startup == latched'
for test in repetition_count adaptive_proportion; do
	[ "$(metric "health_test_peak{test=\"$test\"}")" = 16 ] || fail "peak of $test: $(metric "health_test_peak{test=\"$test\"}")"
done
ready_is 503 || fail 'ready'
stop 5
