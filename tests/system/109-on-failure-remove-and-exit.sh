# health.on_failure: remove takes the file away, exit ends with 69.
. "$TESTS/system/lib.sh"
mkfifo pipe
exec 9<>pipe
start -s replay --set source.path=pipe --set health.on_failure=remove --set health.retry_min=0.2 \
	--set health.retry_max=0.5 out.txt 100 600
good_samples 3000 >&9
until_true 5 is_file out.txt
head -c 50000 /dev/zero >&9
kill -USR1 "$pid" # the pool is full: nobody reads before a refresh
gone() { [ ! -e out.txt ]; }
until_true 10 gone
not_fresh() { [ "$(code '/readyz?verbose')" = 503 ] && grep -qF '[-]freshness failed: no numbers any more, the file was removed' body; }
until_true 5 not_fresh
[ -z "$(metric last_refresh_timestamp_seconds)" ] || fail 'the time of a file that is gone'
sleep 1.5 # some retries: nothing is left to be removed
[ "$(grep -c 'file removed' log)" = 1 ] || fail 'the removal is not said once'
# the source is well again: the file does not wait for its tick in ten minutes
cat /dev/urandom >&9 &
children+=($!)
until_true 20 is_file out.txt
until_true 5 ready_is 200
stop 5
kill "${children[-1]}" 2>/dev/null || true
exec 9>&-
rm -f pipe out.txt
mkfifo pipe
exec 9<>pipe
start -s replay --set source.path=pipe --set health.on_failure=exit out.txt 100 0.3
good_samples 3000 >&9
until_true 5 is_file out.txt
head -c 3000 /dev/zero >&9
ended() { ! kill -0 "$pid" 2>/dev/null; }
until_true 10 ended
rc=0
wait "$pid" || rc=$?
[ $rc = 69 ] || fail "on_failure exit: $rc"
says 'health.on_failure is exit.*reached cutoff'
# hold becomes remove while the source has failed: the file goes at once, not with the next failed retry
rm -f pipe out.txt
mkfifo pipe
exec 9<>pipe
printf 'health: {on_failure: hold, retry_min: 600, retry_max: 600}\nrefresh: {interval: 0.3}\n' >c.yaml
start -c c.yaml -s replay --set source.path=pipe out.txt 100
good_samples 3000 >&9
until_true 5 is_file out.txt
head -c 50000 /dev/zero >&9
failed() { [ "$(metric 'health_state{state="failed"}')" = 1 ]; }
until_true 10 failed
[ -s out.txt ] || fail 'hold did not hold'
sed -i 's/hold/remove/' c.yaml
until_true 5 gone
until_true 5 logged 'file removed'
stop 5
