"""Rows of refresher-assess: CPU and wall time of one run, its memory, beside NIST's public tool where it is installed (Debian 13:
sp800-90b-entropy-assessment; or EA_NON_IID=, EA_IID=, EA_RESTART= name its programs) and beside our own plain readings."""
import os
import re
import subprocess
import sys
import time

from tools import Row, output_of, take_turns

RESTART_H = "7.14"


def measured(command):
    """(CPU s, wall s, peak MB) of one run; below 1 is a result, and so is 1: an IID claim may fail."""
    begin = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, use = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in (0, 1):
        sys.exit(f"{' '.join(command)}: exit {child.returncode}")
    return use.ru_utime + use.ru_stime, time.perf_counter() - begin, use.ru_maxrss / 1024


def peer(b, name):
    """The public tool's program by that name; None where it is missing, which is said once, or would take too long."""
    if b.quick:
        b.skipped["NIST's tool"] = "half a minute for a run; the full bench has it"
        return None
    path = os.environ.get(name.upper()) or next(
        (p for d in os.environ.get("PATH", "").split(":") for p in [os.path.join(d, name)] if os.access(p, os.X_OK)), None)
    if not path:
        b.skipped[name] = f"not installed (Debian 13: sp800-90b-entropy-assessment), and {name.upper()}= names none"
    return path


def sides(rounds, ours, theirs=None):
    """Samples of both, taking turns; each of them (CPU, wall, memory)."""
    s = take_turns(rounds, ours=lambda: measured(ours()), theirs=theirs and (lambda: measured(theirs)))
    return [list(zip(*s[name])) or [(), (), ()] for name in ("ours", "theirs")]


def non_iid(b, program, inputs):
    rows, tool = [], peer(b, "ea_non_iid")
    targets = {"a_sha8": ((1.0, 0.7, 80), "all ten estimators, random bytes"), "f_ctr7": ((1.2, None, None), "... a counter, a seventh random")}
    for name, (limits, what) in targets.items():
        ours, theirs = sides(b.rounds(3, 5), lambda f=inputs[name]: [program, f], tool and [tool, "-i", inputs[name]])
        for i, (unit, part) in enumerate((("s", "CPU"), ("s", "wall"), ("MB", "memory"))):
            if limits[i]:
                rows.append(Row(f"{what}: {part}", unit, ours[i], "NIST's tool", theirs[i], target=("<=", limits[i])))
    return rows


def repeats(b, program, inputs):
    """A block that comes again and again may not take much longer than random bytes."""
    rows = []
    for period in b.rounds((64,), (64, 5000, 500_000)):
        path = os.path.join(b.ram, "repeated")
        with open(inputs["a_sha8"], "rb") as f:
            block = f.read(period)
        with open(path, "wb") as f:
            f.write(block * (1_000_000 // period))
        s = take_turns(b.rounds(3, 5), ours=lambda: measured([program, path])[0],
                       random=lambda: measured([program, inputs["a_sha8"]])[0])
        rows.append(Row(f"... a block of {period:,} bytes again and again: CPU", "s", s["ours"], "random bytes", s["random"],
                        at_most=3))
    return rows


def iid(b, program, inputs):
    """How many permutations it takes is a matter of chance, on both sides: ours has another seed for each run."""
    rows, tool = [], peer(b, "ea_iid")
    for name, bits in (("a_sha8", 8), ("c_sha4", 4), ("b_sha1", 1)):
        seeds = iter(range(1, 100))
        ours, theirs = sides(b.rounds(1, 4), lambda f=inputs[name], s=seeds: [program, "--iid", "--seed", str(next(s)), f],
                             tool and [tool, "-i", inputs[name]])
        rows.append(Row(f"IID track, {bits} bit: CPU", "s", ours[0], "NIST's tool", theirs[0], ratio_target=10))
    rows[-1].note = ("8 bit: the length of bzip2's output is most of it, and is computed without bzip2. Of fewer bits a permutation itself "
                     "is: a number drawn and two bytes swapped for each sample, 1.2 ms for a million")
    return rows


def restart(b, program, inputs):
    tool = peer(b, "ea_restart")
    ours, theirs = sides(b.rounds(1, 2), lambda: [program, "--restart", "--initial", RESTART_H, inputs["a_sha8"]],
                         tool and [tool, "-n", inputs["a_sha8"], "8", RESTART_H])
    return [Row("restart tests, 8 bit: CPU", "s", ours[0], "NIST's tool", theirs[0], ratio_target=10)]


def plain(b):
    """The estimators alone, on 20,000 bytes, beside their plain readings, which are what they mean."""
    rows = []
    text = output_of([b.program("assess_speed")])
    for name, fast, slow in re.findall(r"^(.+)\t([\d.]+)\t([\d.]+)$", text, re.M):
        rows.append(Row(f"{name}, 20,000 bytes: CPU", "ms", [float(fast)], "plainly", [float(slow)]))
    return rows or sys.exit(f"assess_speed: {text}")


def rows(b):
    program, inputs = os.path.join(b.out, "refresher-assess"), {}
    for name in ("a_sha8", "b_sha1", "c_sha4", "f_ctr7"):
        inputs[name] = os.path.join(b.ram, name)
        subprocess.run([b.program("assess_speed"), name, inputs[name]], check=True)
    if b.quick:
        b.skipped["repeats, IID track, restart tests, plain readings"] = "half a minute; the full bench has them"
        return non_iid(b, program, inputs)
    return non_iid(b, program, inputs) + repeats(b, program, inputs) + iid(b, program, inputs) + restart(b, program, inputs) + plain(b)
