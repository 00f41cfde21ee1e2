# lib.sh - what the image's test shares: the report, the container engine, a scratch directory. Sourced.
# shellcheck shell=bash disable=SC2154
passed=0 failed=0 skipped=0
scratch=$(mktemp -d)
containers=() helpers=()

ok() { echo "ok - $1"; passed=$((passed + 1)); }
# not_ok SENTENCE [FILE]: FILE is shown
not_ok() {
	echo "not ok - $1"
	[ -z "${2:-}" ] || tail -n 30 "$2" 2>/dev/null | sed 's/^/    /'
	failed=$((failed + 1))
}
skip() { echo "skip - $1: $2"; skipped=$((skipped + 1)); }
# verdict SENTENCE [FILE|logs]: ok when the command before it succeeded. (No $(...) in its arguments: it would be that command.)
verdict() {
	local rc=$? file=${2:-}
	[ "$file" != logs ] || file=$(logs)
	if [ $rc = 0 ]; then ok "$1"; else not_ok "$1" "$file"; fi
}

finish() {
	echo "$passed passed, $failed failed, $skipped skipped"
	[ "$failed" = 0 ] || exit 1
	[ "$passed" -gt 0 ] || exit 77
	exit 0
}
skip_all() { skip "$1" "$2"; finish; }

# shellcheck disable=SC2317,SC2329
cleanup() {
	local x
	for x in "${containers[@]}"; do podman rm -f -t 1 "$x" >/dev/null 2>&1; done
	for x in "${helpers[@]}"; do kill "$x" 2>/dev/null; done
	rm -rf "$scratch"
}
trap cleanup EXIT

# until_true SECONDS COMMAND...
until_true() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.1
	done
}

# The first way in which a container of IMAGE starts on this machine. Where the process may not raise its limits, podman's
# wish for higher ones has to be taken back first.
find_runtime() { # IMAGE
	local conf runtime processes
	processes=$(ulimit -Hu)
	[ "$processes" != unlimited ] && [ "$processes" -lt 4096 ] || processes=4096
	cat >"$scratch/limits.conf" <<-CONF
		[containers]
		default_ulimits = ["nofile=$(ulimit -Hn):$(ulimit -Hn)", "nproc=$processes:$processes"]
	CONF
	for conf in "${CONTAINERS_CONF:-}" "$scratch/limits.conf"; do
		for runtime in '' runc /usr/sbin/runc crun; do
			[ -z "$runtime" ] || command -v "$runtime" >/dev/null || continue
			PODMAN=(env ${conf:+"CONTAINERS_CONF=$conf"} podman ${runtime:+--runtime "$runtime"})
			if timeout 60 "${PODMAN[@]}" run --rm --network none "$1" --version >"$scratch/runtime.log" 2>&1; then return 0; fi
		done
	done
	return 1
}

# run_once LOG ARG...: one container in the foreground, at most a minute; its status is the result
run_once() {
	local log=$1
	shift
	timeout 60 "${PODMAN[@]}" run --rm --network none "$@" >"$log" 2>&1
}

# start NAME ARG...: a container in the background, in the machine's network
start() {
	local name=random-refresher-test-$1-$$
	shift
	"${PODMAN[@]}" run -d --name "$name" --network host "$@" >"$scratch/start.log" 2>&1 || { cat "$scratch/start.log"; return 1; }
	containers+=("$name")
	container=$name
}
logs() { podman logs "$container" >"$scratch/$container.log" 2>&1; echo "$scratch/$container.log"; }
logged() { grep -qE "$1" "$(logs)"; }
drop() { "${PODMAN[@]}" rm -f -t 1 "$container" >/dev/null 2>&1; }

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
code() { curl -s -o "$scratch/body" -w '%{http_code}' --max-time 5 "http://127.0.0.1:$port$1"; }
answers() { [ "$(code "$1")" = "$2" ]; }
