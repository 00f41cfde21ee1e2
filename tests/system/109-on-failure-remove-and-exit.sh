# health.on_failure: remove takes the file away, exit ends with 69.
. "$TESTS/system/lib.sh"
mkfifo pipe
exec 9<>pipe
start -s replay --set source.path=pipe --set health.on_failure=remove out.txt 100 0.3
good_samples 3000 >&9
until_true 5 is_file out.txt
head -c 3000 /dev/zero >&9
gone() { [ ! -e out.txt ]; }
until_true 10 gone
stop 5
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
