# Zeros: each time that the source is given up is one failed start-up test, and the peaks show the run that failed.
. "$TESTS/system/lib.sh"
start -s device -d /dev/zero --set health.retry_min=1.5 --set health.retry_max=1.5 out.txt 100 1
failures() { metric "health_test_failures_total{test=\"$1\",severity=\"$2\"}"; }
latched() { code /status >/dev/null; sed -n 's/.*"failures_latched": *\([0-9]*\).*/\1/p' body; }
three() { [ "$(latched)" -ge 3 ]; }
until_true 20 three
# The two are read one after the other, and in the midst of a retry the start-up test has failed already.
equal() { before=$(latched) startup=$(failures startup intermittent); [ "$startup" = "$before" ] && [ "$(latched)" = "$before" ]; }
until_true 20 equal
for test in repetition_count adaptive_proportion; do
	[ "$(metric "health_test_peak{test=\"$test\"}")" = 16 ] || fail "peak of $test: $(metric "health_test_peak{test=\"$test\"}")"
done
ready_is 503 || fail 'ready'
stop 5
