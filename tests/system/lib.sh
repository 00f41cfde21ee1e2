# lib.sh - what the system tests share. Sourced; REFRESHER, TMP and TESTS are set by tests/run.
# shellcheck shell=bash
cd "$TMP" || exit 1
children=()
# Debian's interpreter has Debian's modules; another one first on the PATH may not.
python3() { if [ -x /usr/bin/python3 ]; then /usr/bin/python3 "$@"; else command python3 "$@"; fi; }
# shellcheck disable=SC2317
cleanup() {
	local p
	for p in "${children[@]}"; do kill -CONT "$p" 2>/dev/null || true; kill -KILL "$p" 2>/dev/null || true; done
	return 0
}
trap cleanup EXIT

fail() { echo "FAIL: $*"; [ -f log ] && { echo '--- log'; tail -n 30 log; }; exit 1; }
skip() { echo "$*"; exit 77; }
# A sanitizer wants to be the first library, and its search for leaks wants a process that nobody traces.
is_sanitized() { ldd "$REFRESHER" | grep -qE 'lib(a|t)san'; }
no_search_for_leaks() { export ASAN_OPTIONS=detect_leaks=0; }
skip_part() { echo "skip $*"; } # the rest of the test goes on; tests/run counts it

# start ARG...: the daemon in the background on a free port; sets $pid and $url; standard error goes to ./log
start() {
	: >log
	"$REFRESHER" -l 127.0.0.1:0 "$@" 2>>log &
	pid=$!
	children+=("$pid")
	local i
	for i in $(seq 100); do
		port=$(sed -n 's/.*msg=listening .*port=\([0-9]*\).*/\1/p' log)
		[ -n "$port" ] && break
		kill -0 "$pid" 2>/dev/null || fail 'the daemon ended at once'
		sleep 0.05
	done
	[ -n "$port" ] || fail "no port after $i looks"
	url=http://127.0.0.1:$port
}

code() { curl -s -o body -w '%{http_code}' --max-time 5 "$url$1"; } # code PATH: status; the body is in ./body
# quick PATH: answered within 50 ms. The best of seven: a blocked main loop fails them all, a busy machine only some. But
# a loop that blocks now and then is not quick either: none may take a second.
quick() {
	for _ in 1 2 3 4 5 6 7; do
		curl -s -o body -w '%{time_total}\n' --max-time 5 "$url$1" || true
		sleep 0.05
	done >seconds
	sort -n seconds | awk 'NR == 1 {best = $1} {worst = $1} END {exit !(NR == 7 && best < 0.05 && worst <= 1)}' ||
		fail "$1 took so many seconds: $(tr '\n' ' ' <seconds)"
}
metric() { curl -s --max-time 5 "$url/metrics" | awk -v m="random_refresher_$1" '$1 == m {print $2}'; }

# until_true SECONDS COMMAND...: polls; fails the test when it does not come true
until_true() {
	local end=$((SECONDS + $1))
	shift
	while ! "$@"; do
		[ $SECONDS -le $end ] || fail "not true in time: $*"
		sleep 0.05
	done
}
ready_is() { [ "$(code /readyz)" = "$1" ]; }
is_file() { [ -s "$1" ]; }
logged() { grep -qE "$1" log; }

# stop SECONDS: SIGTERM; the daemon must end with 0 within that time
stop() {
	local end=$((SECONDS + $1)) rc=0
	kill -TERM "$pid"
	while kill -0 "$pid" 2>/dev/null; do
		[ $SECONDS -le $end ] || fail "still running $1 s after SIGTERM"
		sleep 0.02
	done
	wait "$pid" || rc=$?
	[ $rc = 0 ] || fail "SIGTERM: exit $rc"
	[ -z "$(find . -name '.*.tmp*')" ] || fail "temporary files left: $(find . -name '.*.tmp*')"
}

# expect CODE ARG...: one run that must end with CODE; standard error in ./log, standard output in ./stdout
expect() {
	local want=$1 rc=0
	shift
	timeout 60 "$REFRESHER" "$@" >stdout 2>log || rc=$?
	[ $rc = "$want" ] || fail "exit $rc instead of $want: refresher $*"
}
says() { grep -qE "$1" log || fail "the log does not say: $1"; }

good_samples() { head -c "$1" /dev/urandom; } # bytes that pass the tests
# int32_file FILE COUNT: exactly COUNT lines, each a signed 32-bit number
int32_file() {
	[ "$(wc -l <"$1")" = "$2" ] || fail "$1: $(wc -l <"$1") lines instead of $2"
	awk '!/^-?[0-9]+$/ || $1 > 2147483647 || $1 < -2147483648 {exit 1}' "$1" || fail "$1: a line is no int32"
}
