"""device_rows.py fuse|call: what the daemon makes of every way in which a noise source can misbehave.

In every row the source is good first, then the fault comes. The row says which state, probes, metrics and log line must
follow. "frozen": not one number is published from then on, until the source is good again and its start-up test passed.

Some rows expect that a fault is NOT seen:
  - bits of which 60 % are 1, eight to a byte: a byte holds 8 * -log2(0.6) = 5.9 bits of min-entropy, more than the 4
    that are assumed, so nothing is wrong. As single bits, with H = 1 assumed for the 0.74 that they hold, the adaptive
    proportion test fails; such a source comes back by chance, since a window that begins with the rarer value counts
    that one: the rows with 60/40 and 75/25 ask for the counted failure only. 99/1 stays failed;
  - short reads and interrupted reads are no faults at all."""

import re
import sys
import time

from rig import World, check, run_rows, until

APT_PERMANENT = 'health_test_failures_total{test="adaptive_proportion",severity="permanent"}'
APT_INTERMITTENT = 'health_test_failures_total{test="adaptive_proportion",severity="intermittent"}'
REPEAT = 'health_test_failures_total{test="block_repetition",severity="permanent"}'
RATE = 'health_test_failures_total{test="failure_rate",severity="permanent"}'
RCT_INTERMITTENT = 'health_test_failures_total{test="repetition_count",severity="intermittent"}'
RCT_PERMANENT = 'health_test_failures_total{test="repetition_count",severity="permanent"}'
STARTUP = 'health_tests_total{test="startup"}'
RECOVERY = 'drbg_reseeds_total{reason="recovery"}'
KIND = sys.argv[1] if len(sys.argv) > 1 else "fuse"


def errors(cause):
    return 'source_read_errors_total{cause="%s"}' % cause


# What the fault does to the source's health.
LOST = {"state": "recovering", "ready": 503, "frozen": True, "again": True}
FAILED = {"state": "failed", "ready": 503, "frozen": True, "again": True}
STUCK = LOST  # what returns from a late read may be another generator
FINE = {"state": "ok", "ready": 200, "frozen": False, "again": False}
RETRY = ["--set", "health.retry_min=0.3"]
QUICK = ["--set", "source.timeout=0.5"]
BITS = ["--set", "source.sample_bits=1", "--set", "source.min_entropy=1"]

no_driver = ("no_driver", "cause=no_driver .*no generator is bound") if KIND == "call" else ("io", "cause=io .*No such device")

# sentence, daemon's arguments, the source's misbehaviour, what follows, metric that counts it, log line
ROWS = [
    ("200 bytes per second, whole reads", ["--set", "source.timeout=1.5"], "rate 200", {**FINE, "slow": True}, None, None),
    ("20 bytes per second, whole reads", ["--set", "source.timeout=20", "--set", "source.pool_samples=128"], "rate 20", {**FINE, "slow": True}, None, None),
    ("short reads change nothing", [], "short", FINE, None, None),
    ("short reads into the smallest pool", ["--set", "source.pool_samples=64"], "short", FINE, None, None),
    ("a storm of EINTR changes nothing", [], "storm EINTR", FINE, None, None),
    ("EAGAIN at 80 of 100 reads is waited out", [], "storm EAGAIN 80", {**FINE, "slow": True}, None, None),
    ("EAGAIN for ever is a stuck source", QUICK, "errno EAGAIN", STUCK, errors("timeout"), "cause=timeout"),
    ("EINTR for ever is a stuck source", QUICK, "errno EINTR", STUCK, errors("timeout"), "cause=timeout"),
    ("EIO: the source is lost, and back after a start-up test", [], "errno EIO", LOST, errors("io"), "cause=io"),
    ("ENODEV, then back after a start-up test", [], "errno ENODEV", LOST, errors(no_driver[0]), no_driver[1]),
    ("the end of the data is a lost source", [], "end", LOST, errors("end"), "cause=end .*end of data"),
    ("a read that never returns", QUICK, "hang", STUCK, errors("timeout"), "cause=timeout .*has not returned"),
    ("stuck after 700 bytes", QUICK, "hang 700", STUCK, errors("timeout"), "cause=timeout .*stuck"),
    ("one value for ever after 700 bytes", RETRY, "stick 700", FAILED, RCT_PERMANENT, "state=failed .*repetition_count"),
    ("all zero", RETRY, "zero", FAILED, RCT_PERMANENT, "state=failed .*repetition_count: count 16 reached cutoff 16"),
    ("alternating bytes", RETRY, "alternate", FAILED, REPEAT, "state=failed .*block_repetition"),
    ("a block of 4 bytes again and again", RETRY, "block 4", FAILED, REPEAT, "state=failed .*block_repetition"),
    ("a block of 256 bytes again and again", RETRY, "block 256", FAILED, REPEAT, "state=failed .*block_repetition: the last 18 samples"),
    ("a block of 1001 bytes again and again", RETRY, "block 1001", FAILED, REPEAT, "state=failed .*block_repetition"),
    ("a shift register of 16 bits, into the largest pool", RETRY + ["--set", "source.pool_samples=65536"], "shift",
     FAILED, REPEAT, "state=failed .*block_repetition"),
    ("a counter", RETRY, "count", FAILED, REPEAT, "state=failed .*block_repetition"),
    ("short alarms, 20000 samples apart: each is over with a start-up test", [], "alarm 20000", {"again": True},
     RCT_INTERMITTENT, "repetition_count"),
    ("short alarms, 1500 samples apart: more than chance brings", RETRY, "alarm 1500", {"again": True}, RATE,
     "state=failed .*failure_rate: 6 failures"),
    ("gone and back, it replays its start", RETRY, "replay", {"again": True}, REPEAT, "state=failed .*block_repetition: the last 18 samples"),
    ("a bias of 60/40 in bytes holds more than H: not seen", [], "bias 60", FINE, None, None),
    ("a bias of 60/40 in single bits at H 1", BITS, "bias 60", {"again": True}, APT_INTERMITTENT, "adaptive_proportion"),
    ("a bias of 75/25 in single bits at H 1", BITS + RETRY, "bias 75", {"again": True}, APT_PERMANENT, "adaptive_proportion"),
    ("a bias of 99/1 in single bits at H 1", BITS + RETRY, "bias 99", FAILED, RCT_PERMANENT, "state=failed"),
    ("half of the bytes zero: back by chance, and each time later", RETRY, "lean 50", {"damped": 6.0}, APT_PERMANENT,
     "state=failed .*adaptive_proportion"),
    ("no data at all, health.liveness source", QUICK + ["--set", "health.liveness=source"], "hang",
     {**STUCK, "live": 503}, errors("timeout"), "cause=timeout"),
    ("all zero in the middle of a long refresh, which is given up", RETRY, "zero", {**FAILED, "count": 3000000},
     RCT_PERMANENT, "stage=entropy error=.given up, the source failed meanwhile: repetition_count"),
]


def expect_fault(w, follows, metric, log, before):
    state, ready = follows.get("state"), follows.get("ready")
    until(lambda: not metric or w.metrics()[metric] > before[metric], lambda: f"{metric} counts: " + w.log()[-800:])
    until(lambda: not log or re.search(log, w.log()), lambda: f"log line {log}: " + w.log()[-800:])
    if state == "failed":  # the retries in between are STARTING for a moment
        until(lambda: w.state() == "failed", lambda: f"state failed, not {w.state()}")
    elif state:
        until(lambda: w.state() == state, lambda: f"state {state}, not {w.state()}")
    if ready:
        w.ready(ready)
    check(w.probe("/healthz") == follows.get("live", 200), "healthz: " + w.get("/healthz?verbose")[1])


def expect_quiet(w, follows, before):
    """A row in which nothing is wrong: no failure, no error, the beat goes on."""
    w.beat(2 if follows.get("slow") else 3, 60)
    after = w.metrics()
    for name, value in after.items():
        if name.startswith(("source_read_errors_total", "health_test_failures_total")):
            check(value == before[name], f"{name} {before[name]} became {value}")
    check(w.state(after) == "ok", f"state {w.state(after)}")


def test(row):
    name, args, words, follows, metric, log = row
    slow = words.startswith("rate") or "storm EAGAIN" in words
    long = follows.get("count", 1000)
    with World(KIND, name, args, interval=2 if long > 1000 or words == "rate 20" else 0.5, count=long) as w:
        w.start()
        w.ready()
        if long > 1000:
            time.sleep(0.5)  # the pool is full: the source is read again when the next refresh has taken its seed
        before = w.metrics()
        w.device(words)
        if metric is None:
            expect_quiet(w, follows, before)
        else:
            expect_fault(w, follows, metric, log, before)
        if follows.get("damped"):
            damped(w, follows["damped"])
            return
        if follows.get("frozen"):
            # A source that is lost or late fails no sample: what was tested before may become one file more. One that
            # failed stops even the refresh that is under way, unless it has come to its last step.
            if follows["state"] != "failed":
                time.sleep(0.6)
            w.settled()
            before_cpu = w.metrics()["process_cpu_seconds_total"]
            w.frozen(1.3)
            used = w.metrics()["process_cpu_seconds_total"] - before_cpu
            check(used < 0.7, f"{used:.2f} s of CPU in 1.3 s of waiting for a bad source")
            check(w.probe("/startupz") == 200, "startupz")
        good_again(w, follows, before, slow)
        w.stop()


def damped(w, seconds):
    """Of a source that is half as good as assumed every fourth start-up test is passed. From pauses of 0.3, 0.6, 1.2 ...
    s come five retries in that time, each good for a file at most; without the doubling it would be a file each tick."""
    failures, generation = w.metrics()[APT_PERMANENT], w.generation()
    time.sleep(seconds)
    check(w.metrics()[APT_PERMANENT] > failures, "the source is still bad")
    check(w.generation() - generation <= 6, f"{w.generation() - generation} files of a bad source")
    w.stop()


def good_again(w, follows, before, slow):
    w.device("good")
    w.beat(1, 60 if slow else None)
    w.ready(seconds=60 if slow else None)
    after = w.metrics()
    check(w.state(after) == "ok" or "state" not in follows, f"state {w.state(after)}")
    if follows["again"]:
        check(after[STARTUP] > before[STARTUP], "back without a fresh start-up test")
        until(lambda: w.metrics()[RECOVERY] > before[RECOVERY], "a reseed for recovery")
    else:
        check(after[STARTUP] == before[STARTUP], "a start-up test that nothing asked for")


run_rows(ROWS, test)
