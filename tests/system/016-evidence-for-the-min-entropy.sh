# source.min_entropy_file: what refresher-assess wrote lowers H and never raises it; what is no such result is refused with
# its place, and none of it is waited for.
. "$TESTS/system/lib.sh"
# result NAME [SED]: a good result, changed by SED
result() {
	sed "${2:-}" >"$1" <<-'JSON'
		{
		  "program": "refresher-assess",
		  "version": "0.2.0",
		  "date": "2026-01-02T03:04:05Z",
		  "source": "samples",
		  "driver": "",
		  "track": "non_iid",
		  "mode": "initial",
		  "samples": 2000000,
		  "bits": 8,
		  "assessed": true,
		  "min_entropy": 3,
		  "blocks": [{"samples": 1000000, "min_entropy": 7.5}]
		}
	JSON
}
use_is() { [ "$(metric "source_evidence{use=\"$1\"}")" = 1 ] || fail "the use is not $1: $(curl -s "$url/metrics" | grep evidence)"; }
status_has() { curl -s "$url/status" | grep -q "$1" || fail "/status lacks $1: $(curl -s "$url/status")"; }

# What the program itself wrote of a source with little entropy: exactly that is in use, and every place says so.
python3 -c 'import random; random.seed(16); open("samples", "wb").write(bytes(b & 7 for b in random.randbytes(1000000)))'
assess=$(dirname "$REFRESHER")/refresher-assess
"$assess" --output real.json samples >table || fail 'refresher-assess'
expect 78 --check-config -s kernel --set source.min_entropy_file=real.json
says 'real.json:[0-9]*: bits: 3, but source.sample_bits is 8; assess with refresher-assess --bits 8'
"$assess" --bits 8 --output real.json samples >table || fail 'refresher-assess --bits 8'
expect 0 --check-config -s kernel --set source.min_entropy_file=real.json
start -s kernel --set source.min_entropy_file=real.json out.txt 10 3600
until_true 10 ready_is 200
use_is assessed
says 'level=info .*less was assessed than source.min_entropy says, and is in use.*file=real.json'
for place in /metrics /status; do curl -s "$url$place" >"seen${place#/}"; done
python3 - <<-'PY' || fail "not what was assessed is in use: $(grep entropy seenmetrics)"
	import json, re
	result, status, metrics = json.load(open("real.json")), json.load(open("seenstatus"))["source"], open("seenmetrics").read()
	ratio = lambda name: float(re.search(rf"^random_refresher_{name} (.*)$", metrics, re.M)[1])
	h = result["min_entropy"]
	assert 0.1 < h < 3 and result["samples"] == 1000000, result
	assert abs(status["h_per_sample"] - h) < 1e-9 and status["evidence_version"] == result["version"], status
	assert abs(ratio("source_evidence_entropy_ratio") - h / 8) < 1e-9 and abs(ratio("source_assessed_entropy_ratio") - h / 8) < 1e-9
	assert ratio("source_evidence_samples") == 1000000
PY
"$REFRESHER" --status "${url#http://}" | grep -q '^entropy  *[0-9.]* of 8 bits a sample, as assessed' || fail '--status does not say where H comes from'
stop 5

# less than the configured 4 is in use: the cutoffs follow from it, 1 + 30 / 3
result less.json
start -s kernel --set source.min_entropy_file=less.json out.txt 10 3600
until_true 10 ready_is 200
use_is assessed
[ "$(metric source_assessed_entropy_ratio)" = 0.375 ] || fail "H in use: $(metric source_assessed_entropy_ratio)"
[ "$(metric source_evidence_entropy_ratio)" = 0.375 ] || fail 'the assessed value'
[ "$(metric source_evidence_samples)" = 2000000 ] || fail 'the samples'
[ "$(metric source_evidence_timestamp_seconds)" = 1767323045 ] || fail "the date: $(metric source_evidence_timestamp_seconds)"
[ "$(metric 'health_test_cutoff{test="repetition_count",severity="intermittent"}')" = 11 ] || fail 'the cutoff'
floor=$(metric 'source_estimated_entropy_floor_ratio{estimator="markov"}')
awk -v f="$floor" 'BEGIN {exit !(f > 0.3374 && f < 0.3376)}' || fail "the floor of the estimates: $floor"
status_has '"evidence":"assessed"'
status_has '"h_per_sample":3,'
status_has '"evidence_version":"0.2.0"'
# a new result waits for the next start, also behind a reload
result less.json 's/: 3,/: 2,/'
kill -HUP "$pid"
until_true 5 logged 'configuration reloaded'
[ "$(metric source_evidence_entropy_ratio)" = 0.375 ] || fail 'a reload has read the evidence'
stop 5

# more than the configured value raises nothing
result more.json 's/: 3,/: 7.25,/'
start -s kernel --set source.min_entropy_file=more.json out.txt 10 3600
until_true 10 ready_is 200
use_is configured
[ "$(metric source_assessed_entropy_ratio)" = 0.5 ] || fail "H in use: $(metric source_assessed_entropy_ratio)"
[ "$(metric source_evidence_entropy_ratio)" = 0.90625 ] || fail 'the assessed value'
stop 5

# a file that is not there yet, and another generator's: a warning, once, and the configured value
start -s kernel --set source.min_entropy_file=none.json out.txt 10 3600
until_true 10 ready_is 200
use_is missing
[ "$(grep -c 'level=warn .*no evidence.*refresher-assess --output.*file=none.json' log)" = 1 ] || fail 'no warning, or more than one'
[ -z "$(metric source_evidence_entropy_ratio)" ] || fail 'an assessed value without a file'
stop 5
result other.json 's/"driver": ""/"driver": "virtio_rng.0"/; s/: 3,/: 0,/'
start -s kernel --set source.min_entropy_file=other.json out.txt 10 3600
until_true 10 ready_is 200
use_is other_driver
says 'level=warn .*evidence of another generator is not used.*assessed=virtio_rng.0 present=getrandom'
[ "$(metric source_assessed_entropy_ratio)" = 0.5 ] || fail "H in use: $(metric source_assessed_entropy_ratio)"
[ -z "$(metric source_evidence_entropy_ratio)" ] || fail 'an assessed value of another generator'
status_has '"evidence_driver":"virtio_rng.0"'
stop 5
start -s kernel out.txt 10 3600
until_true 10 ready_is 200
use_is none
stop 5

# refused NAME CODE WORDS: the run ends with that code, at once, and no numbers are made
refused() {
	rm -f out.txt
	expect "$2" -s kernel --set "source.min_entropy_file=$1" out.txt 5
	says "source.min_entropy_file: .*$3"
	[ ! -e out.txt ] || fail "$1: numbers were made"
}
result zero.json 's/: 3,/: 0.05,/'
refused zero.json 69 '0.05 bits.*the least that can be used is 0.1; use another generator'
result bits.json 's/"bits": 8/"bits": 1/'
refused bits.json 78 'bits.json:10: bits: 1, but source.sample_bits is 8; assess with refresher-assess --bits 8'
result few.json 's/2000000/500000/'
refused few.json 78 'few.json:9: samples: 500000; allowed: 1000000 or more'
result failed.json 's/true/false/'
refused failed.json 78 'failed.json:11: assessed: not true'
result future.json 's/2026-01-02/2999-01-02/'
refused future.json 78 'future.json:4: date: 2999-01-02T03:04:05Z is still to come'
result whole.json
head -c 200 whole.json >cut.json
refused cut.json 78 'cut.json:[0-9]*: no whole JSON; write it anew with refresher-assess --output'
: >empty.json
refused empty.json 78 'empty.json:1: no result of refresher-assess'
{ cat whole.json && head -c 2000000 /dev/zero | tr '\0' ' '; } >huge.json
refused huge.json 78 'huge.json: longer than 1048576 bytes'
mkdir directory.json
refused directory.json 78 'directory.json: is a directory'
mkfifo fifo.json
refused fifo.json 78 'fifo.json: is a pipe'
refused /dev/zero 78 '/dev/zero: is a device'

# --check-config says it before anything is started, and takes what is well
expect 78 --check-config -s kernel --set source.min_entropy_file=bits.json
expect 0 --check-config -s kernel --set source.min_entropy_file=whole.json
grep -q 'min_entropy_file: "whole.json"' stdout || fail 'the key is not printed'
