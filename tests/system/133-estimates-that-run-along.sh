# Of each million samples the daemon tells three estimates, beside the floor that they should keep: good samples keep it,
# biased ones that every health test passes do not.
. "$TESTS/system/lib.sh"
estimate() { metric "source_estimated_entropy_ratio{estimator=\"$1\"}"; }
floor() { metric "source_estimated_entropy_floor_ratio{estimator=\"$1\"}"; }
below() { awk -v a="$1" -v b="$2" 'BEGIN {exit !(a + 0 < b + 0)}'; }
# run ARG...: ready behind a start-up test of a million samples
run() {
	start -s replay --set source.path=samples --set health.startup_samples=1000000 "$@" out.txt 10 3600
	until_true 30 ready_is 200
}
good_samples 1010000 >samples
run --set source.min_entropy=8
for e in most_common_value collision markov; do
	below "$(floor $e)" "$(estimate $e)" || fail "good samples: $e: $(estimate $e), floor $(floor $e)"
done
[ "$(floor most_common_value)" = 0.977 ] || fail "floor of ideal samples: $(floor most_common_value)"
metric source_last_estimate_timestamp_seconds | grep -q . || fail 'no time of the last estimate'
stop 5

# Ones of 60 % in each byte's bits: 0.737 bits of min-entropy per bit, where 7 / 8 are assumed.
python3 - <<'PY'
import random
random.seed(1)
low = [i for i in range(256) for _ in range(2 ** bin(i).count("0") * 3 ** bin(i).count("1"))]
open("samples", "wb").write(bytes(random.choices(low, k=1010000)))
PY
run --set source.min_entropy=7
[ "$(floor markov)" = 0.875 ] || fail "floor: $(floor markov)"
for e in most_common_value collision markov; do
	below "$(estimate $e)" 0.75 || fail "biased samples: $e: $(estimate $e)"
	below 0.65 "$(estimate $e)" || fail "biased samples: $e: $(estimate $e)"
done
stop 5

# Before there is an estimate nothing is told but the floor.
start -s kernel out.txt 10 3600
until_true 5 ready_is 200
[ -z "$(estimate markov)$(metric source_last_estimate_timestamp_seconds)" ] || fail 'an estimate of 1024 samples'
[ "$(floor markov)" = 0.5 ] || fail "floor: $(floor markov)"
stop 5
