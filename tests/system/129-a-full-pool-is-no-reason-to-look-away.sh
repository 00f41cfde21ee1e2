# The next refresh is an hour away and the pool is full: a generator that breaks, or goes away, is seen within seconds all the
# same, since a window of it is read and tested every health.watch_interval.
. "$TESTS/system/lib.sh"
mkfifo pipe
feed() { # COMMAND: what the source gives from now on
	[ -z "${feeder:-}" ] || kill "$feeder"
	sh -c "exec $1" >pipe 2>/dev/null &
	feeder=$!
	children+=("$feeder")
}
exec 9<>pipe # keeps the pipe there while the feeder changes; a page of it, or a minute of good samples would wait in it
python3 -c 'import fcntl; fcntl.fcntl(9, 1031, 4096)' 9<>pipe
feed 'cat /dev/urandom'
start -s replay --set source.path=pipe --set health.watch_interval=1 --set source.timeout=60 out.txt 100 3600
until_true 10 ready_is 200
first=$(metric source_last_read_timestamp_seconds)
later() { awk "BEGIN {exit !($(metric source_last_read_timestamp_seconds) > $first + 1)}"; }
until_true 10 later
[ "$(metric refreshes_total)" = 1 ] || fail 'it was a refresh that has read'
feed 'cat /dev/zero'
until_true 30 ready_is 503
logged 'severity=permanent' || fail 'no failure of a health test'
stop 5

# Nothing comes any more: no read has failed or is overdue, but the last look is too old.
start -s replay --set source.path=pipe --set health.watch_interval=1 --set source.timeout=60 out2.txt 100 3600
feed 'cat /dev/urandom'
until_true 20 ready_is 200
kill "$feeder"
feeder=
until_true 30 ready_is 503
code '/readyz?verbose' >/dev/null
grep -q '\[-\]source failed: last looked at' body || fail "$(cat body)"
[ "$(code /healthz)" = 200 ] || fail 'not live'
stop 5
