# A trace of every mode: behind the filter nothing is refused but what is expected to be. Else the list has a gap.
. "$TESTS/system/lib.sh"
. "$TESTS/system/confine.sh"
command -v strace >/dev/null || skip 'no strace'
strace -o probe true 2>/dev/null || skip 'strace may not trace here'
start -s kernel "$TMP/probe.txt" 10 5
until_true 5 ready_is 200
need_release
stop 5
mkdir out etc
if is_root; then chown 65532 out; fi
runs=0
once() { runs=$((runs + 1)); timeout 60 strace -f -o "trace.$runs" "$REFRESHER" -q -s kernel -l none "$@" >stdout 2>log || fail "exit $?: $*"; }
for f in int32 uint32 uint64 range float64 hex base64 uuid binary runner; do once -f $f "$TMP/out/$f" 2000; done
once --set seed.reseed_bytes=64KiB "$TMP/out/reseeded" 50000
for _ in 1 2; do once --set output.write=in_place "$TMP/out/in_place" 500; done
once --set numbers.manifest=true "$TMP/out/m" 10
once - 10
once /dev/null 10
if is_root; then once --set output.owner=65532:65532 --set output.mode=0640 "$TMP/out/o" 10; fi

# the daemon, over HTTP, with a reload and every signal
printf 'output: {file: %s/out/n.txt}\nrefresh: {interval: 0.2}\nhttp: {serve_numbers: true}\n' "$TMP" >etc/r.yaml
daemon() {
	runs=$((runs + 1))
	wrapper "traced.$runs" strace -f -o "$PWD/trace.$runs"
	start -s kernel "$@"
	tracer=$pid
	pid=$(cat "/proc/$tracer/task/$tracer/children")
	pid=${pid%% *}
	children+=("$pid") # killing the tracer would only let it go
}
ends() { # the daemon is the tracer's child
	kill -TERM "$pid"
	local rc=0
	wait "$tracer" || rc=$?
	[ $rc = 0 ] || fail "SIGTERM: exit $rc"
}
binary=$REFRESHER
daemon -c "$TMP/etc/r.yaml"
until_true 10 ready_is 200
for path in '/healthz?verbose' /livez /readyz /startupz /metrics /status / /numbers.txt /nonsense; do code "$path" >/dev/null; done
curl -s -I "$url/numbers.txt" >/dev/null
curl -s -o /dev/null -X POST -d x "$url/healthz"
kill -USR1 "$pid" && kill -USR2 "$pid"
until_true 10 logged 'on-demand health test passed'
kill -HUP "$pid"
until_true 10 logged 'configuration reloaded|reload refused' # refused where root gave up the right to read it
exec 8<>"/dev/tcp/127.0.0.1/$port"
printf 'GET /metr' >&8
rm -r out && mkdir out
if is_root; then chown 65532 out; fi
sleep 0.6
exec 8>&-
ends
REFRESHER=$binary
# a failure for good: the file is removed
{ good_samples 4096; head -c 100000 /dev/zero; } >samples
daemon -s replay --set source.path="$TMP/samples" --set health.on_failure=remove --set health.retry_min=0.1 "$TMP/out/r.txt" 10 0.1
until_true 10 logged 'file removed'
ends
REFRESHER=$binary

# clone3 is refused so that clone, which a filter can look into, is taken. What Landlock refuses is not looked for here:
# the C library looks for files that it can do without.
for f in trace.*; do
	grep -q 'seccomp(SECCOMP_SET_MODE_FILTER.*= 0' "$f" || fail "$f: no filter was loaded"
	awk '/seccomp\(SECCOMP_SET_MODE_FILTER, .*SECCOMP_FILTER_FLAG_TSYNC.*= 0$/ {on = 1; next} on' "$f" |
		grep -E '= -1 (ENOSYS|EPERM)' | grep -vE 'clone3' >>refused || true
done
[ ! -s refused ] || fail "refused: $(sort refused | uniq -c | sort -rn | head -5)"
echo "$runs runs traced"
