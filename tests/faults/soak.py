"""soak.py MINUTES [SEED]: lives of the daemon under random faults and load, with everything checked all the time.

Two daemons run at once: one whose source and disk are a failing FUSE file system, one whose system calls are failed
(either is left out where the machine does not allow it). Faults of the source and of the disk come at random, alone and
together, and others take FILE's place, its directory and the room on its volume, with signals in between, while clients
read, idle, dawdle, send rubbish and reset. What must hold throughout:
  whole      a reader in a loop never sees a short, torn, mixed or missing file;
  frozen     not one number is published while the source is failed, lost or stuck, nor while the disk fails;
  back       when the fault is gone the next file comes, without a restart;
  answers    a probe on a fresh connection is answered within a second;
  monotone   no counter ever goes back; the process is the same from the beginning to the end;
  flat       resident memory and descriptors at the end are what they were after the first minute.
The seed is printed; with the same one the same faults and clients come in the same order. What the machine does not
allow is said in lines "skip ...". One line of JSON at the end. Exit status: 0 no violation, 1 some, 77 nothing could run."""

import collections
import json
import os
import random
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time

from rig import (
    PREFIX, Failed, Skipped, World, becomes_directory, check_whole, fill, make_victim, temp_path, try_make, until,
    victim_is_fine, volume,
)  # fmt: skip

MINUTES = float(sys.argv[1]) if len(sys.argv) > 1 else 1
SEED = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randrange(2**32)
ARGS = ["--set", "source.timeout=1", "--set", "health.retry_min=0.2", "--set", "health.retry_max=1"]
COUNT = 2000
INTERVAL = 0.25
GROWTH = 512 * 1024  # bytes of resident memory that the allocator may still find after the first minute
PATIENCE = 60  # seconds that a recovery may take on a busy machine

BAD = ["zero", "alternate", "block 4", "block 64", "block 256", "block 1001", "block 5000", "count", "stick 300"]  # the source's health must fail
LOST = ["errno EIO", "errno ENODEV", "end"]  # the source must be lost
STUCK = ["hang", "hang 500", "errno EAGAIN", "errno EINTR"]  # reads must be late
HARMLESS = ["short", "storm EINTR", "storm EAGAIN 50", "rate 2000", "bias 60"]
DISK = ["fail create ENOSPC", "fail create EROFS", "fail create EACCES", "fail write ENOSPC", "fail write EDQUOT",
        "fail write EIO", "fail fsync EIO", "fail rename EIO", "fail lock EIO"]  # fmt: skip
DISK_HANG = ["hang write", "hang fsync", "hang rename"]
DISK_HARMLESS = ["short write 500", "fail chmod EPERM", "fail write EINTR 20", "fail fsyncdir EINVAL", "fail lock ENOLCK"]


def move_directory(w):
    os.rename(w.out_dir, w.out_dir + ".away")


def move_directory_back(w):
    os.rename(w.out_dir + ".away", w.out_dir)


def file_becomes_link(w):
    os.symlink(make_victim(w), w.file + ".new")
    os.rename(w.file + ".new", w.file)


def plant(make):
    def take_names(w):
        victim = make_victim(w)
        for n in (0, 1):
            until(lambda: try_make(lambda path: make(victim, path), temp_path(w, n)), "the name is free for a moment")

    return take_names


def give_names(w):
    for n in (0, 1):
        if os.path.lexists(temp_path(w, n)):  # hard links the daemon may tidy up
            os.unlink(temp_path(w, n))
    victim_is_fine(w)


# What others do: the deed, how it is undone, and the stage at which refreshes fail meanwhile (None: they do not).
FULL, GONE = "the volume is full", "the directory is moved away"
OTHERS = {
    GONE: (move_directory, move_directory_back, "write"),
    FULL: (lambda w: fill(w.out_dir + ".filler"), lambda w: os.unlink(w.out_dir + ".filler"), "write"),
    "a directory in place of FILE": (
        lambda w: until(lambda: becomes_directory(w.file), "no file comes between unlink and mkdir"),
        lambda w: os.rmdir(w.file),
        "publish",
    ),
    "a symbolic link in place of FILE": (file_becomes_link, victim_is_fine, None),
    "symbolic links in place of the temporary file": (plant(os.symlink), give_names, None),
    "hard links in place of the temporary file": (plant(os.link), give_names, None),
}


class Soak:
    def __init__(self, kind, seed):
        self.kind, self.random = kind, random.Random(seed)
        self.world = World(kind, "soak", ARGS, interval=INTERVAL, count=COUNT, output_faults=True, seed=seed)
        self.end = time.monotonic() + MINUTES * 60
        self.over = threading.Event()
        self.violations = []
        self.faults = collections.Counter()
        self.reads = self.probes = self.scrapes = self.requests = 0
        self.slowest = 0.0
        self.late = []
        self.memory, self.descriptors = [], []
        self.counters = {}
        self.started = None
        self.deeds = 0  # counts the beginnings and the ends of what others do to FILE: odd, one is under way
        self.others = [o for o in OTHERS if kind == "call" or o != GONE]  # nobody can remove a mount point

    def make_volume(self):
        """A small volume of its own, that can be filled; the output is a directory in it."""
        path = os.path.join(self.world.dir, "volume")
        os.mkdir(path)
        try:
            volume(self.world, "size=2m", path)
        except Skipped as e:
            print(f"skip {self.kind}: {FULL}: {e}", flush=True)
            self.others.remove(FULL)
            return
        self.world.out_dir = os.path.join(path, "out")
        os.mkdir(self.world.out_dir)
        os.chmod(self.world.out_dir, 0o777)

    def violate(self, what):
        if not self.over.is_set():
            self.violations.append(f"{time.strftime('%H:%M:%S')} {what}")
            print(f"VIOLATION {self.kind}: {what}", flush=True)
        if len(self.violations) > 20:
            self.over.set()

    # ---- watchers, each a thread ------------------------------------------------------------------------------------
    def guarded(self, step, pause):
        while not self.over.is_set():
            try:
                step()
            except Failed as e:
                self.violate(str(e))
            except Exception as e:  # pylint: disable=broad-except
                self.violate(f"{step.__name__}: {type(e).__name__}: {e}")
            time.sleep(pause)

    def read_file(self):
        deeds = self.deeds
        try:
            with open(self.world.file, "rb") as f:
                check_whole(f.read(), COUNT)
        except (OSError, Failed):
            if deeds % 2 == 0 and deeds == self.deeds:
                raise
        self.reads += 1

    def probe(self):
        status, body, seconds = self.world.get("/healthz")
        self.probes += 1
        self.late.append(seconds)
        self.slowest = max(self.slowest, seconds)
        if status not in (200, 503) or (status == 503 and "directory failed" not in body):
            raise Failed(f"/healthz {status}: {body}")
        if seconds > 1:
            raise Failed(f"/healthz answered after {seconds:.2f} s")

    def scrape(self):
        m = self.world.metrics()
        self.scrapes += 1
        for name, value in m.items():
            if re.search(r"(_total|_count|_sum|_bucket)(\{|$)", name):
                if value < self.counters.get(name, 0):
                    raise Failed(f"{name} went from {self.counters[name]} to {value}")
                self.counters[name] = value
        self.started = self.started or m["process_start_time_seconds"]
        # The wall clock may be set meanwhile, and the time of the start is told by the clock as it goes now.
        if abs(m["process_start_time_seconds"] - self.started) > 0.5:
            raise Failed("the process was started anew")
        self.memory.append((time.monotonic(), m["process_resident_memory_bytes"]))
        self.descriptors.append(m["process_open_fds"])

    # ---- load -------------------------------------------------------------------------------------------------------
    def connect(self):
        s = socket.create_connection(("127.0.0.1", self.world.port), timeout=5)
        self.requests += 1
        return s

    def client(self, rng):
        """One client of a random kind. What it gets does not matter here, as long as the others get theirs."""
        kind = rng.randrange(7)
        try:
            with self.connect() as s:
                if kind == 0:  # idle
                    time.sleep(rng.random() * 3)
                elif kind == 1:  # dawdles over its request
                    for byte in b"GET /metrics HTTP/1.1\r\nHost: x\r\nX-Slow: aaaaaaaaaaaaaaaa":
                        s.send(bytes([byte]))
                        time.sleep(0.05)
                elif kind == 2:  # rubbish
                    s.send(rng.randbytes(rng.randrange(1, 3000)))
                    s.recv(4096)
                elif kind == 3:  # asks for much and resets
                    s.send(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n" * 20)
                    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                elif kind == 4:  # half closed
                    s.send(b"GET /status HTTP/1.1\r\nHost: x\r\n\r\n")
                    s.shutdown(socket.SHUT_WR)
                    s.recv(65536)
                elif kind == 5:  # a long line
                    s.send(b"GET /" + b"a" * 20000 + b" HTTP/1.1\r\n\r\n")
                    s.recv(4096)
                else:
                    for path in (b"/metrics", b"/status", b"/readyz?verbose", b"/nonsense", b"/"):
                        s.send(b"GET " + path + b" HTTP/1.1\r\nHost: x\r\n\r\n")
                        s.recv(65536)
        except OSError:
            pass

    def crowd(self, rng):
        self.guarded(lambda: self.client(rng), 0.02)

    def burst(self):
        url = f"http://127.0.0.1:{self.world.port}/healthz"
        subprocess.run(["wrk", "-t1", "-c16", "-d2s", url], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(20)

    # ---- faults -----------------------------------------------------------------------------------------------------
    def published(self):
        return self.world.generation()

    def hold(self, what, settle):
        """Something is wrong: nothing may be published until it is put right."""
        time.sleep(settle)
        before, digest = self.published(), self.world.digest()
        time.sleep(self.random.uniform(0.3, 2))
        after = self.published()
        if after != before or self.world.digest() != digest:
            self.violate(f"{what}: generation went from {before} to {after}")

    def back(self, what):
        aim = self.published() + 2
        until(lambda: self.published() >= aim, lambda: f"no file after {what}: " + self.world.log()[-500:], PATIENCE)
        until(lambda: self.world.probe("/readyz") == 200, f"not ready after {what}", PATIENCE)

    def source_fault(self):
        group = self.random.choice([BAD, LOST, STUCK, HARMLESS])
        words = self.random.choice(group)
        w = self.world
        self.faults["source " + words] += 1
        w.device(words)
        if group is HARMLESS:
            time.sleep(self.random.uniform(0.5, 2))
        elif group is BAD:
            until(lambda: w.state() == "failed", lambda: f"{words}: state {w.state()}", PATIENCE)
            w.settled()
            self.hold(words, 0)
        else:
            wanted = 'source_up'
            until(lambda: w.metrics()[wanted] == 0, lambda: f"{words}: the source is still up", PATIENCE)
            self.hold(words, 3 * INTERVAL)
        return words

    def disk_fault(self, groups=(DISK, DISK, DISK_HANG, DISK_HARMLESS)):
        group = self.random.choice(groups)
        line = self.random.choice(group)
        w = self.world
        self.faults["disk " + line] += 1
        w.fault(line)
        if group is DISK_HARMLESS:
            time.sleep(self.random.uniform(0.5, 2))
        else:
            until(lambda: w.hits() > 0, f"{line}: not met", PATIENCE)
            self.hold(line, 0.3)
        return line

    def others_fault(self):
        name = self.random.choice(self.others)
        do, undo, stage = OTHERS[name]
        w = self.world
        self.faults[name] += 1
        self.deeds += 1
        try:
            failures = w.failures(stage) if stage else 0
            do(w)
            if stage:
                until(lambda: w.failures(stage) > failures, f"{name}: no refresh fails", PATIENCE)
                self.hold(name, 0)
            else:
                self.back(name)
            undo(w)
            self.back(name)
        finally:
            self.deeds += 1
        return name

    def one_fault(self):
        turn = self.random.random()
        w = self.world
        what = []
        if turn < 0.4:
            what.append(self.source_fault())
            w.device("good")
        elif turn < 0.7:
            what.append(self.disk_fault())
            w.fault("clear")
        elif turn < 0.85:
            what.append(self.others_fault())
        else:
            # Both: the disk first, since without a seed no refresh comes so far. Not a disk that hangs: a worker that
            # hangs takes no samples, so nobody reads the source.
            what.append(self.disk_fault([DISK, DISK_HARMLESS]))
            what.append(self.source_fault())
            w.fault("clear")
            w.device("good")
        if self.random.random() < 0.2:
            name = self.random.choice(["SIGHUP", "SIGUSR1", "SIGUSR2"])
            self.faults[name] += 1
            os.kill(w.pid, getattr(signal, name))
        self.back(" and ".join(what))

    # ---- the run ----------------------------------------------------------------------------------------------------
    def start_threads(self):
        jobs = [(self.read_file, 0.01), (self.probe, 0.1), (self.scrape, 0.5)]
        jobs += [(self.burst, 0)] if shutil.which("wrk") else []
        threads = [threading.Thread(target=self.guarded, args=j, daemon=True) for j in jobs]
        crowd = [random.Random(f"{SEED} {self.kind} {i}") for i in range(12)]
        threads += [threading.Thread(target=self.crowd, args=(rng,), daemon=True) for rng in crowd]
        for t in threads:
            t.start()
        return threads

    def run(self):
        try:
            with self.world as w:
                self.make_volume()
                w.start()
                w.ready()
                w.beat()
                threads = self.start_threads()
                while time.monotonic() < self.end and not self.over.is_set():
                    try:
                        self.one_fault()
                    except Failed as e:
                        self.violate(str(e))
                        w.device("good")
                        w.fault("clear")
                self.over.set()
                for t in threads:
                    t.join(30)
                self.settle()
                w.stop()
        except Skipped as e:
            print(f"skip {self.kind}: {e}", flush=True)
            return {"kind": self.kind, "skipped": str(e)}
        except Failed as e:
            self.over.clear()
            self.violate(str(e))
        return self.summary()

    def settle(self):
        """All clients are gone. After the idle time of the last connection the descriptors are those of the start."""
        until(lambda: self.world.metrics()["process_open_fds"] <= min(self.descriptors), "descriptors come down", 30)

    def summary(self):
        first = [b for t, b in self.memory if t < self.memory[0][0] + 60] if self.memory else [0]
        last = [b for t, b in self.memory if t > self.memory[-1][0] - 60] if self.memory else [0]
        growth = statistics.median(last) - statistics.median(first)
        if MINUTES >= 3 and growth > GROWTH:
            self.over.clear()
            self.violate(f"resident memory grew by {growth / 1024:.0f} KiB")
        late = sorted(self.late) or [0]
        return {
            "kind": self.kind,
            "faults": sum(self.faults.values()),
            "generations": int(self.counters.get("numbers_written_total", 0)) // COUNT,
            "whole_reads": self.reads,
            "probes": self.probes,
            "probe_p99_ms": round(late[int(len(late) * 0.99)] * 1000, 1),
            "probe_max_ms": round(self.slowest * 1000, 1),
            "scrapes": self.scrapes,
            "connections": self.requests,
            "rss_first_kib": round(statistics.median(first) / 1024),
            "rss_last_kib": round(statistics.median(last) / 1024),
            "descriptors_min_max": [int(min(self.descriptors or [0])), int(max(self.descriptors or [0]))],
            "violations": self.violations,
            "by_kind": dict(sorted(self.faults.items())),
        }


def main():
    print(f"soak: {MINUTES:g} minutes, seed {SEED}; metrics {PREFIX}*", flush=True)
    if not shutil.which("wrk"):
        print("skip bursts of requests: wrk is not installed", flush=True)
    soaks = [Soak("fuse", SEED), Soak("call", SEED + 1)]
    results = [None] * len(soaks)

    def run(i):
        results[i] = soaks[i].run()

    threads = [threading.Thread(target=run, args=(i,)) for i in range(len(soaks))]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    ran = [r for r in results if r and "skipped" not in r]
    violations = sum(len(r["violations"]) for r in ran)
    print(json.dumps({"minutes": MINUTES, "seed": SEED, "violations": violations, "daemons": results}))
    if not ran:
        sys.exit(77)
    sys.exit(1 if violations else 0)


main()
