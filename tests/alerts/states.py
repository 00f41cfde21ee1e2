"""The states of run.py: what a node's daemon and its generator do, and the alerts that must fire for it, no more and no less.

feed        pieces for the FIFO that stands for the generator: bytes, or seconds to wait
samples     a file in its place, which ends
source, set, interval   more arguments of the daemon
evidence    what an assessment found, for source.min_entropy_file: bits of min-entropy per sample, and the driver
full        of the second of the test: whether the volume is full then
killed_at, restart_every, bad_config_at, target_from, target_until   seconds of the test
node_until  from that second on kube-state-metrics knows no such node
loose       it may be ready or not at the end
"""

import itertools
import os
import random
import time


def needs_root(state):
    return "full" in state


def good():
    while True:
        yield os.urandom(4096)


def good_for(seconds):
    """Then nothing comes any more, and no error."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield os.urandom(512)


def slow(bytes_a_second):
    while True:
        yield os.urandom(bytes_a_second // 10)
        yield 0.1


def repeating():
    return itertools.repeat(os.urandom(64) * 64)


def biased():
    """One value with a probability of 0.117 where 2^-4 is allowed: each failure is intermittent, and there are too many."""
    table = bytes(0 if i < 30 else i for i in range(256))
    while True:
        yield os.urandom(65536).translate(table)


def with_short_runs():
    """Good samples, and four times within half a minute a run of twelve: an intermittent failure each."""
    for run in range(4):
        yield from good_for(6)
        yield bytes([run]) * 12
    yield from good()


def low_entropy():
    """Ones of 60 % in each byte's bits, more than a million samples of them: no test fails at the H of 7 that is assumed."""
    weights = [2 ** bin(i).count("0") * 3 ** bin(i).count("1") for i in range(256)]
    yield bytes(random.choices(range(256), weights, k=1400000))


STATES = {
    "ok": {"what": "a sound generator", "source": ["-s", "kernel"], "fires": []},
    "fast": {"what": "ten refreshes between two scrapes", "source": ["-s", "kernel"], "interval": 0.2, "fires": []},
    "slow": {"what": "a generator that is slow, and quick enough", "feed": lambda: slow(300), "fires": []},
    "too-slow": {
        "what": "a generator whose start-up test takes fifteen minutes",
        "feed": lambda: slow(20),
        "interval": 15,
        "fires": ["RandomRefresherNeverWritten"],
    },
    "zeros": {"what": "zeros", "source": ["-s", "device", "-d", "/dev/zero"], "fires": ["RandomRefresherSourceFailed"]},
    "removed": {
        "what": "zeros behind a good start, and the file is removed",
        "feed": lambda: itertools.chain(good_for(8), itertools.repeat(bytes(4096))),
        "set": {"health.on_failure": "remove"},
        "fires": ["RandomRefresherSourceFailed"],
    },
    "restarted": {
        "what": "zeros, and a restart between all scrapes",
        "source": ["-s", "device", "-d", "/dev/zero"],
        "restart_every": 2,
        "fires": ["RandomRefresherSourceFailed"],
    },
    "repeating": {"what": "a block of 64 bytes again and again", "feed": repeating, "fires": ["RandomRefresherBlockRepetition"]},
    "biased": {
        "what": "failures that come too often",
        "feed": biased,
        "pipe": 1 << 20,
        "interval": 0.1,
        "set": {"source.pool_samples": 65536},
        "loose": True,
        "fires": ["RandomRefresherFailureRate"],
    },
    "alarms": {"what": "a failure now and then", "feed": with_short_runs, "fires": ["RandomRefresherHealthTestAlarms"]},
    "estimate": {
        "what": "less entropy than is assumed",
        "feed": low_entropy,
        "pipe": 1 << 20,
        "set": {"source.min_entropy": 7, "health.startup_samples": 1000000},
        "fires": ["RandomRefresherEntropyEstimateLow"],
    },
    "assessed": {"what": "a sound generator, with evidence", "source": ["-s", "kernel"], "evidence": (7, ""), "fires": []},
    "below-evidence": {
        "what": "more entropy than is assumed, and less than was assessed",
        "feed": low_entropy,
        "pipe": 1 << 20,
        "set": {"health.startup_samples": 1000000},
        "evidence": (7.9, ""),
        "fires": ["RandomRefresherEntropyBelowEvidence"],
    },
    "unassessed": {
        "what": "evidence that is not there",
        "source": ["-s", "kernel"],
        "set": {"source.min_entropy_file": "no-such-result.json"},
        "fires": ["RandomRefresherEvidenceUnused"],
    },
    "other-driver": {
        "what": "evidence of another driver",
        "source": ["-s", "kernel"],
        "evidence": (7, "virtio_rng.0"),
        "fires": ["RandomRefresherEvidenceUnused"],
    },
    "stuck": {"what": "a generator that never gave anything", "feed": lambda: iter(()), "fires": ["RandomRefresherSourceDown"]},
    "stuck-later": {"what": "a generator that stops", "feed": lambda: good_for(10), "fires": ["RandomRefresherSourceDown"]},
    "ended": {"what": "a generator that gives errors", "samples": lambda: os.urandom(8192), "fires": ["RandomRefresherSourceDown"]},
    "silent": {
        "what": "no look at the generator, and no error, between two refreshes",
        "feed": lambda: good_for(8),
        "set": {"source.timeout": 3600},
        "interval": 240,
        "fires": ["RandomRefresherSilent"],
    },
    "full": {"what": "a full disk", "source": ["-s", "kernel"], "full": lambda age: age >= 10, "fires": ["RandomRefresherStale"]},
    "full-slowly": {
        "what": "a full disk and five and a half minutes between refreshes",
        "source": ["-s", "kernel"],
        "interval": 22,
        "full": lambda age: age >= 10,
        "fires": ["RandomRefresherNotReady"],
    },
    "full-at-times": {
        "what": "a disk that is full for every third refresh",
        "source": ["-s", "kernel"],
        "full": lambda age: age % 6 in (3, 4),
        "loose": True,
        "fires": ["RandomRefresherRefreshFailing"],
    },
    "refused": {"what": "a configuration with a mistake", "source": ["-s", "kernel"], "bad_config_at": 5, "fires": ["RandomRefresherConfigRejected"]},
    "gone": {"what": "a daemon that is gone", "source": ["-s", "kernel"], "killed_at": 15, "fires": ["RandomRefresherDown"]},
    "missing": {
        "what": "a node that lost its pod",
        "source": ["-s", "kernel"],
        "target_until": 20,
        "killed_at": 20,
        "fires": ["RandomRefresherNodeMissing"],
    },
    "scaled": {
        "what": "a node that was taken away, as kube-state-metrics knows",
        "source": ["-s", "kernel"],
        "target_until": 20,
        "node_until": 20,
        "killed_at": 20,
        "fires": [],
    },
    "new": {"what": "the node that came in its place", "source": ["-s", "kernel"], "target_from": 20, "fires": []},
}
