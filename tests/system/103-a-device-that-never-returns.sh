# A read that hangs: /healthz answers within 50 ms, the cause is named, SIGTERM ends it in 5 s; a one-shot gives up with 69.
. "$TESTS/system/lib.sh"
mkfifo pipe
exec 9<>pipe # a writer that never writes: the read never returns
expect 69 -s replay --set source.path=pipe --set source.timeout=0.5 -l none out.txt 10
says 'no data for .* s: the read has not returned'
start -s replay --set source.path=pipe --set source.timeout=0.5 out.txt 10 1
until_true 5 logged 'cause=timeout'
quick /healthz
[ "$(code /healthz)" = 200 ] || fail "healthz $(cat body)"
[ "$(code '/readyz?verbose')" = 503 ] && grep -q '\[-\]source failed.*stuck' body || fail "readyz: $(cat body)"
[ "$(code /startupz)" = 503 ] || fail startupz
[ "$(metric 'source_read_errors_total{cause="timeout"}')" = 1 ] || fail 'the stuck read is not counted once'
stop 5
# with liveness: source the same makes it not live
start -s replay --set source.path=pipe --set source.timeout=0.5 --set health.liveness=source out.txt 10 1
until_true 5 logged 'cause=timeout'
[ "$(code /healthz)" = 503 ] || fail 'health.liveness=source does not fail liveness'
stop 5
# reloads that come faster than the look at the read do not put it off for ever
start -s replay --set source.path=pipe --set source.timeout=1 out.txt 10 1
for _ in $(seq 50); do
	kill -HUP "$pid"
	sleep 0.1
	logged 'cause=timeout' && break
done
logged 'cause=timeout' || fail 'the stuck read was not noticed between reloads'
logged 'configuration reloaded' || fail 'no reload'
stop 5
