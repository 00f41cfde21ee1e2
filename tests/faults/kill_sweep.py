"""kill_sweep.py [STEP]: SIGKILL at every system call of a run that replaces a file.

The real binary writes numbers over an old file and is killed before the 1st, 2nd, 3rd ... system call of each of its
threads, until the run ends by itself. Every call of the collector and the worker is tried, which is all of the
publication; of the main thread's (loading, opening, the end) every STEPth. After each kill the file must be the old
one, byte for byte, or a whole new one; a reader that holds the old one open must still read the old numbers; and after
the next start no temporary file may be left."""

import collections
import os
import re
import subprocess
import sys

from rig import PROGRAMS, REFRESHER, Failed, check, check_whole, may_trace_all

COUNT = 1000
RUN = [REFRESHER, "-q", "-s", "kernel", "-l", "none", "-f", "runner", "numbers.txt", str(COUNT)]
ENVIRONMENT = {**os.environ, "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"}
PUBLICATION = ("flock", "write", "fchmod", "fsync", "renameat")
MISSES = 3  # a run is not always as long as the last one: the threads wait for one another more or less often


def read():
    with open("numbers.txt", "rb") as f:
        return f.read()


def temporaries():
    return [n for n in os.listdir(".") if ".tmp." in n]


def kill_at(thread, nth):
    """The call's name, or None when the program ended before."""
    got = subprocess.run(
        [os.path.join(PROGRAMS, "killsweep"), str(thread), str(nth)] + RUN,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=ENVIRONMENT,
    )
    if got.returncode == 77:
        print("nobody may be traced here")
        sys.exit(77)
    check(got.returncode in (0, 1), f"killsweep {thread} {nth}: exit {got.returncode}")
    return got.stdout.decode().split()[1] if got.returncode == 0 else None


def next_start(where):
    got = subprocess.run(RUN, stderr=subprocess.PIPE, env=ENVIRONMENT)
    check(got.returncode == 0, f"the start after {where}: exit {got.returncode}: {got.stderr.decode()}")
    check(not temporaries(), f"left after the start after {where}: {temporaries()}")
    check_whole(read(), COUNT)


class Sweep:
    def __init__(self):
        self.kills, self.calls = 0, collections.Counter()
        self.old = self.new = self.litter = 0

    def point(self, thread, nth):
        """One kill and what must hold after it. False: the run ended before."""
        where = f"kill of thread {thread} at its call {nth}"
        before = read()
        with open("numbers.txt", "rb") as reader:
            call = kill_at(thread, nth)
            check(reader.read() == before, f"a reader of the old file sees something else after {where}")
        after = read()
        check_whole(after, COUNT)
        if call is None:
            return False
        self.kills += 1
        self.calls[call] += 1
        self.old += after == before
        self.new += after != before
        if temporaries():
            self.litter += 1
            next_start(where)
        return True

    def thread(self, thread, step):
        nth, misses = 1, 0
        while misses < MISSES:
            misses = 0 if self.point(thread, nth) else misses + 1
            nth += step


def object_of(path):
    """What a call of the publication works on."""
    here = os.path.realpath(".")
    if path == here:
        return "directory"
    return "file" if path.startswith(os.path.join(here, ".numbers.txt.tmp.")) else "other"


def check_order():
    """The power-cut model, on the calls as the kernel saw them and on what each works on: the data is on the disk before
    the name changes, the mode before that, and the directory is brought to the disk after it.
    tests/unit/test_sink_file.c holds the same for each write mode, and test_sink_sweep.c what becomes of it when one of
    them fails."""
    # The descriptors of an undumpable process, or of another user's, only root can look at.
    open_to_us = [] if may_trace_all() else ["--set", "confine.no_core_dump=false", "--set", "confine.user=none"]
    got = subprocess.run(
        [os.path.join(PROGRAMS, "killsweep"), "2", "0"] + RUN + open_to_us,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=ENVIRONMENT,
    )
    calls = [line.split(" ", 2) for line in got.stdout.decode().splitlines()]
    if not calls:
        print("nobody may be traced here")
        sys.exit(77)
    story = [f"{name} {object_of(path)}" for _, name, path in calls if name in PUBLICATION]
    order = "flock file, (write file, )+fchmod file, fsync file, renameat directory, fsync directory(, write other)*"
    check(re.fullmatch(order, ", ".join(story)), f"order of the publication: {story}")
    return ", ".join(story)


def main():
    story = check_order()
    step = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    next_start("nothing")
    s = Sweep()
    for thread, every in ((2, 1), (1, 1), (0, step), (2, 1)):
        s.thread(thread, every)
    for _ in range(20):  # a call that the threads' turns have moved out of the sweep's way
        if not all(s.calls[c] for c in PUBLICATION):
            s.thread(2, 1)
    next_start("everything")
    check(s.old > 10 and s.new > 3, f"the sweep missed the rename: {s.old} old, {s.new} new")
    check(s.litter > 3, "no kill met a temporary file")
    for call in PUBLICATION:
        check(s.calls[call], f"no kill before {call}")
    print(f"{s.kills} kills: {s.old} left the old file, {s.new} the new one, {s.litter} a temporary file as well")
    print("order: " + story)
    print("killed before: " + ", ".join(f"{name} {n}" for name, n in s.calls.most_common()))


try:
    main()
except Failed as e:
    print(f"FAIL: {e}")
    sys.exit(1)
