# The wall clock stands in 1970 until somebody sets it, and the machine sleeps for three hours at that moment: every time
# that is shown is right by the new clock, and no age is wrong. The clocks are those of the process alone.
. "$TESTS/system/lib.sh"
step=$(dirname "$REFRESHER")/tests/faults/clockstep.so
[ -e "$step" ] || skip 'clockstep.so was not built'
! is_sanitized || skip 'a sanitizer wants to be loaded first'
before=$(($(date +%s) - 100)) slept=10800
wrapper() { printf '#!/bin/sh\nCLOCK_FILE=%s/set CLOCK_BEFORE=%s CLOCK_SLEPT=%s LD_PRELOAD=%s exec %s "$@"\n' "$TMP" $before $slept "$step" "$REFRESHER" >run; chmod 755 run; REFRESHER=$TMP/run; }
wrapper
began=$(date +%s)
start -s kernel --set http.serve_numbers=true "$TMP/n.txt" 10 3600
until_true 5 ready_is 200
times='process_start_time_seconds random_refresher_drbg_last_self_test_timestamp_seconds random_refresher_drbg_last_reseed_timestamp_seconds random_refresher_last_refresh_timestamp_seconds
random_refresher_config_last_reload_success_timestamp_seconds'
# shown_near SECONDS: each time of /metrics, /status and Last-Modified lies within 10 s of it
shown_near() {
	curl -s "$url/metrics" >metrics
	curl -s "$url/status" >status
	modified=$(curl -sI "$url/numbers.txt" | sed -n 's/^Last-Modified: //p' | tr -d '\r')
	modified=$(date -d "$modified" +%s) || fail "Last-Modified: $modified"
	times="$times" near="$1" modified=$modified python3 - <<'PY' || fail "the times are not near $1"
import json, os
near, s = float(os.environ["near"]), json.load(open("status"))
m = dict(line.rsplit(" ", 1) for line in open("metrics") if line[0] != "#")
shown = {name: float(m[name]) for name in os.environ["times"].split()}
shown |= {"/status " + k: s[k] for k in ("start_unix_seconds",)}
shown |= {"/status " + k: s[a][k] for a, k in (("drbg", "last_reseed_unix_seconds"),
          ("output", "last_refresh_unix_seconds"), ("config", "last_reload_unix_seconds"))}
shown["Last-Modified"] = float(os.environ["modified"])
print("\n".join(f"{k}: {v - near:+.1f}" for k, v in shown.items()))
assert all(abs(v - near) < 10 for v in shown.values()), shown
PY
}
shown_near 100
touch set
# By the clock that was set, all of that was three hours ago and a moment: the machine slept since.
shown_near "$began"
now=$(python3 -c 'import json; print(int(json.load(open("status"))["now_unix_seconds"]))')
[ $((now - $(date +%s) - slept)) -le 10 ] || fail "now is $now"
[ "$(code '/readyz')" = 503 ] && grep -q '^\[-\]freshness failed: file is 3 h old' body || fail "readyz: $(cat body)"
kill -USR1 "$pid"
until_true 5 ready_is 200
stop 5
