# Thousands of intermittent failures: the metrics count each, the log has a few lines a minute and says what it left out.
. "$TESTS/system/lib.sh"
mkfifo pipe
python3 -c 'import os,time
f=os.open("pipe",os.O_WRONLY)
while not os.path.exists("well"):
    os.write(f,os.urandom(1500)+b"A"*5); time.sleep(0.005)
while True:
    os.write(f,os.urandom(1500)); time.sleep(0.005)' 2>/dev/null &
children+=($!)
# At an alpha of 2^-10 a thousand failures in a million samples are what chance allows; at 2^-30 the sixth would be the end.
start -s replay --set source.path=pipe --set health.alpha_intermittent=-10 out.txt 100 1
failures() { metric 'health_test_failures_total{test="repetition_count",severity="intermittent"}'; }
many() { [ "$(failures)" -gt 200 ]; }
until_true 30 many
[ "$(wc -l <log)" -lt 45 ] || fail "$(wc -l <log) lines for $(failures) failures"
until_true 5 logged 'left_out=[0-9]+'
touch well
until_true 20 ready_is 200
until_true 10 logged 'msg=state state=ok'
last() { grep 'msg=state' log | tail -n 1 | grep -q 'state=ok'; }
until_true 10 last # the last word is true
stop 5
