# SIGUSR1 refreshes now; SIGUSR2 runs the on-demand health test, while the probes stay well.
. "$TESTS/system/lib.sh"
start -s kernel out.txt 100 3600
until_true 5 is_file out.txt
n=$(metric refreshes_total)
kill -USR1 "$pid"
more() { [ "$(metric refreshes_total)" -gt "$n" ]; }
until_true 5 more
kill -USR2 "$pid"
tested() { [ "$(metric 'health_tests_total{test="on_demand"}')" = 1 ]; }
until_true 5 tested
says 'on-demand health test begins'
says 'on-demand health test passed'
ready_is 200 || fail "not ready after the on-demand test: $(cat body)"
stop 5
