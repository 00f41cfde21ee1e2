# SECONDS=1 on a FIFO: a bad stretch makes it not ready, counts, publishes nothing; good data brings it back by a start-up test.
. "$TESTS/system/lib.sh"
mkfifo pipe
start -s replay --set source.path=pipe --set health.retry_min=0.5 out.txt 1000 1
exec 9>pipe
feed() { good_samples 6000 >&9; }
feed
until_true 5 ready_is 200
good=$(metric health_tests_total\{test=\"startup\"\})
# the pool is full of good samples: the stretch reaches the tests when the next refresh has made room
head -c 3000 /dev/zero >&9
until_true 10 ready_is 503
grep -q 'repetition_count' body || fail "readyz does not name the test: $(cat body)"
[ "$(code /healthz)" = 200 ] || fail "a failed source must not fail liveness: $(cat body)"
[ "$(metric 'health_test_failures_total{test="repetition_count",severity="permanent"}')" -ge 1 ] || fail 'failures are not counted'
[ "$(metric 'health_state{state="ok"}')" = 0 ] || fail 'state is still ok'
before=$(metric last_refresh_timestamp_seconds) sum=$(sha256sum <out.txt)
sleep 2.2
[ "$(metric last_refresh_timestamp_seconds)" = "$before" ] || fail 'a file was published from a failed source'
[ "$(sha256sum <out.txt)" = "$sum" ] || fail 'the old file changed'
(for _ in 1 2 3 4 5 6 7 8; do feed; sleep 0.3; done) 9>&9 &
children+=($!)
until_true 20 ready_is 200
says 'state=ok event=passed after=.* failures=[1-9]'
[ "$(metric 'health_tests_total{test="startup"}')" -gt "$good" ] || fail 'it came back without a fresh start-up test'
[ "$(sha256sum <out.txt)" != "$sum" ] || fail 'no new file after recovery'
stop 5
