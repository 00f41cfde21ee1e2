# One value with a probability of 0.117, where 2^-4 is allowed: the proportion fails now and then, and never permanently. The
# sixth time in a million samples is one too many: failed, not ready. Good samples and a start-up test bring it back.
. "$TESTS/system/lib.sh"
mkfifo pipe
python3 -c 'import os,random
f=os.open("pipe",os.O_WRONLY)
r=random.Random(1)
block=lambda: bytes(0 if r.random() < 0.117 else r.randrange(1,256) for _ in range(65536))
while not os.path.exists("well"):
    os.write(f,block())
while True:
    os.write(f,os.urandom(65536))' 2>/dev/null &
children+=($!)
start -s replay --set source.path=pipe --set source.pool_samples=65536 --set health.retry_max=2 out.txt 100 0.05
failures() { metric "health_test_failures_total{test=\"$1\",severity=\"$2\"}"; }
too_many() { [ "$(failures failure_rate permanent)" -ge 1 ]; }
until_true 120 too_many
until_true 5 logged 'state=failed event=permanent reason="failure_rate: 6 failures in 1048576 samples, the last of adaptive_proportion'
[ "$(failures adaptive_proportion permanent)" = 0 ] || fail 'the proportion failed by itself'
[ "$(metric 'health_test_cutoff{test="failure_rate",severity="permanent"}')" = 6 ] || fail 'no cutoff'
[ "$(metric 'health_test_peak{test="failure_rate"}')" -ge 6 ] || fail 'no peak'
touch well
until_true 60 ready_is 200
stop 5
