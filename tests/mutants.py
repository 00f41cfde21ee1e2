#!/usr/bin/env python3
"""mutants.py OUT [--only PATH] [--since COMMIT] [--seed N] [--count N] [--jobs N]: would the unit tests notice?

Changes one operator, constant, return value or call of refresher/ at a time (mutator.py says how), builds what depends on
it, and runs the unit tests that link it, those named after the module first, until one fails, crashes or takes too long.
Lists what none noticed, and ends with "N noticed, N not, N did not build". Those that make the very same machine code count
among the last. Run in the top folder, after `make unit-programs` of the same OUT: everything happens in copies below
OUT. mutants.md has the known ones that cannot be noticed, with the reason.

Exits 1 when a mutant without a reason was not noticed, or a reason has no such mutant any more."""
import argparse
import collections
import os
import queue
import random
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

import mutator

REASONS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "mutants.md")
LIMITS = ["prlimit", "--as=8000000000", "--fsize=1000000000", "--core=0", "--"]  # a mutant may write for ever
# Tests leave files in /tmp when they end early: theirs is one of their own, where that can be had.
OWN_TMP = ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs -o size=512m,mode=1777 none /tmp && exec "$@"', "sh"]


def run(argv, cwd, seconds=300):
    """(exit code, output); the code is None when it took longer. What it started ends with it."""
    p = subprocess.Popen(argv, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         start_new_session=True)
    try:
        out, code = p.communicate(timeout=seconds)[0], p.returncode
    except subprocess.TimeoutExpired:
        out, code = b"", None
    try:
        os.killpg(p.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    p.communicate()
    return code, out.decode(errors="replace")


class Build:
    """What make would do, asked once: how each object is compiled and each test linked, and what depends on what."""

    def __init__(self, out):
        self.out = out
        sources = subprocess.run(["git", "ls-files", "refresher/*.c", "tests/unit/*.c"], check=True, text=True,
                                 stdout=subprocess.PIPE).stdout.split()
        changed = [a for s in sources for a in ("-W", s)]
        folder, variant = os.path.split(out)
        dry = subprocess.run(["make", "-n", "V=1", f"B={folder}", f"VARIANT={variant}", *changed, "unit-programs"],
                             check=True, text=True, stdout=subprocess.PIPE, env=no_make()).stdout
        self.compile, self.link, self.depend = {}, {}, collections.defaultdict(set)
        for line in dry.splitlines():
            self.read_command(line)
        for obj in self.compile:
            with open(f"{out}/{obj[len('out/'):-2]}.d", encoding="utf-8") as d:
                for name in d.read().replace("\\\n", " ").split("\n")[0].split()[1:]:
                    self.depend[name].add(obj)

    def read_command(self, line):
        at = line.find(f" -o {self.out}/")
        if at < 0 or not re.search(r"/(?:obj/(?:refresher|tests/unit)|tests/unit)/", line[at:]):
            return
        argv = [a.replace(self.out + "/", "out/", 1) if a.startswith(self.out + "/") else a for a in shlex.split(line)]
        made = argv[argv.index("-o") + 1]
        if "-c" in argv:
            self.compile[made] = [a for a in argv if a not in ("-MMD", "-MP", "-Werror")] + ["-g0", "-w"]
        else:
            self.link[made] = argv


def no_make():
    """The environment without what the make around us set for its children."""
    return {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES")}


class Copy:
    """One worker's own tree: sources and objects are copies, so that a change touches nobody else."""

    def __init__(self, build, folder, wrapper):
        self.build, self.folder, self.wrapper = build, folder, wrapper
        self.pristine = {}  # object -> its bytes, without debugging information
        os.makedirs(f"{folder}/out")
        for name in os.listdir("."):
            if name in ("refresher", "tests"):
                shutil.copytree(name, f"{folder}/{name}")
            elif name not in (".git", build.out.split("/", maxsplit=1)[0]):
                os.symlink(os.path.abspath(name), f"{folder}/{name}")
        shutil.copytree(f"{build.out}/obj", f"{folder}/out/obj")
        os.makedirs(f"{folder}/out/tests/unit")
        for name, part in (("librefresher.a", "refresher"), ("libunit.a", "tests/unit")):
            members = [o for o in build.compile if o.startswith(f"out/obj/{part}/") and "/test_" not in o
                       and o != "out/obj/refresher/main.o"]
            # A thin archive has only the names of its members: nothing is copied when one is made anew.
            subprocess.run(["ar", "rcsT", f"out/{name}", *members], cwd=folder, check=True)

    def compile(self, obj):
        return run(self.build.compile[obj], self.folder)[0] == 0

    def object_bytes(self, obj):
        with open(f"{self.folder}/{obj}", "rb") as f:
            return f.read()

    def link(self, test):
        """The objects of the project that the linker took, or None."""
        code, said = run(self.build.link[test] + ["-Wl,--trace"], self.folder)
        return set(re.findall(r"out/obj/\S+\.o", said)) if code == 0 else None

    def run_test(self, test, seconds):
        return run([*self.wrapper, *LIMITS, test], self.folder, seconds)

    def write(self, file, text):
        with open(f"{self.folder}/{file}", "w", encoding="utf-8") as f:
            f.write(text)

    def try_mutant(self, file, text, mutant, tests):
        """"noticed" by a test (its name), "survived" or "unbuilt"."""
        objects = sorted(o for o in self.build.depend[file] if "/refresher/main.o" not in o)
        for obj in objects:
            if obj not in self.pristine:
                self.compile(obj)
                self.pristine[obj] = self.object_bytes(obj)
        self.write(file, text[:mutant.start] + mutant.to + text[mutant.end:])
        try:
            if not all(self.compile(obj) for obj in objects):
                return "unbuilt", None
            objects = {obj for obj in objects if self.object_bytes(obj) != self.pristine[obj]}
            if not objects:
                return "unbuilt", None
            for test in tests.order(file, objects):
                if self.link(test) is None:
                    return "unbuilt", None
                if self.run_test(test, tests.seconds[test])[0] != 0:
                    return "noticed", test
            return "survived", None
        finally:
            self.write(file, text)
            for obj in self.build.depend[file]:
                if obj in self.pristine:
                    with open(f"{self.folder}/{obj}", "wb") as f:
                        f.write(self.pristine[obj])


class Tests:
    """Which test links what, how long it may take, and which is likely to notice a change of a file."""

    def __init__(self, copies, build, files):
        self.links, self.seconds = {}, {}
        self.noticed = collections.Counter()
        wanted = set().union(*(build.depend[f] for f in files))

        def measure(copy, test):
            self.links[test] = copy.link(test)
            begin = time.monotonic()
            code, said = copy.run_test(test, 300) if self.links[test] & wanted else (0, "")
            if code != 0:
                raise SystemExit(f"{said[-2000:]}mutants: {test} fails on the program as it is")
            self.seconds[test] = 10 + 8 * (time.monotonic() - begin)

        spread(copies, [(t,) for t in sorted(build.link)], measure)

    def order(self, file, objects):
        folder, stem = file[:-2].split("/")[-2:]

        def rank(test):
            words = os.path.basename(test).split("_")
            return (-self.noticed[file, test], -2 * (stem in "_".join(words)) - (folder in words), self.seconds[test])

        return sorted((t for t in self.links if self.links[t] & objects), key=rank)


def spread(copies, jobs, work):
    """Calls work(copy, *job) for all jobs, each copy in one thread at a time; the results, in order."""
    free = queue.Queue()
    for copy in copies:
        free.put(copy)

    def one(job):
        copy = free.get()
        try:
            return work(copy, *job)
        finally:
            free.put(copy)

    with ThreadPoolExecutor(len(copies)) as pool:
        return list(pool.map(one, jobs))


def read_reasons():
    """{(file, old, new): reason} of the table in mutants.md."""
    rows = {}
    with open(REASONS, encoding="utf-8") as md:
        for row in md:
            m = re.match(r"\| `([^`]+)` \| `` (.+?) `` \| (`` .+ ``) \| (.+) \|$", row)
            for new in re.findall(r"`` (.+?) ``", m[3]) if m else []:
                rows[m[1], m[2].replace("\\|", "|"), new.replace("\\|", "|")] = m[4]
    return rows


def choose(options, texts):
    files = sorted(texts)
    if options.only:
        files = [f for f in files if f == options.only or f.startswith(options.only.rstrip("/") + "/")]
    if options.since:
        changed = subprocess.run(["git", "diff", "--name-only", options.since, "--", "refresher"], check=True, text=True,
                                 stdout=subprocess.PIPE).stdout.split()
        files = [f for f in files if f in changed]
    made = [(f, m) for f in files for m in mutator.mutants(texts[f])]
    if options.count and options.count < len(made):
        made = random.Random(options.seed).sample(made, options.count)
    return sorted(made, key=lambda fm: (fm[0], fm[1].start))


def stale(reasons, results, texts):
    """Prints the reasons that have no mutant any more, or one that a test noticed; how many they are."""
    found = 0
    for file, old, new in reasons:
        alike = sum(m.old == old and m.new == new for m in mutator.mutants(texts.get(file, "")))
        if alike == 0 or (alike == 1 and results.get((file, old, new)) == "noticed"):
            print(f"mutants.md: {file}: {old}  ->  {new}: {'noticed now' if alike else 'gone'}")
            found += 1
    return found


def main():
    p = argparse.ArgumentParser()
    p.add_argument("out")
    p.add_argument("--only")
    p.add_argument("--since")
    p.add_argument("--seed", default="1")
    p.add_argument("--count", type=int, default=200)
    p.add_argument("--jobs", type=int, default=os.cpu_count())
    options = p.parse_args()
    build = Build(options.out)
    texts = {}
    for file in build.depend:
        if file.startswith("refresher/") and file != "refresher/main.c":
            with open(file, encoding="utf-8") as f:
                texts[file] = f.read()
    chosen, reasons, results = choose(options, texts), read_reasons(), {}
    top = tempfile.mkdtemp(prefix="mutants.", dir=options.out)
    wrapper = OWN_TMP if subprocess.run([*OWN_TMP, "true"], stderr=subprocess.DEVNULL).returncode == 0 else []
    try:
        copies = [Copy(build, f"{top}/{n}", wrapper) for n in range(options.jobs)]
        tests = Tests(copies, build, {file for file, _ in chosen})
        print(f"{len(chosen)} mutants, seed {options.seed}", flush=True)

        def attempt(copy, file, m):
            result, test = copy.try_mutant(file, texts[file], m, tests)
            tests.noticed[file, test] += result == "noticed"
            if results.get((file, m.old, m.new)) != "survived":  # the same text may stand twice
                results[file, m.old, m.new] = result
            if result == "survived":
                why = reasons.get((file, m.old, m.new))
                print(f"{file}:{m.line}: {m.old}  ->  {m.new}" + (f"  ({why})" if why else ""), flush=True)
            return result

        sums = collections.Counter(spread(copies, chosen, attempt))
    finally:
        shutil.rmtree(top, ignore_errors=True)
    bad = stale(reasons, results, texts)
    bad += sum(r == "survived" and key not in reasons for key, r in results.items())
    print(f"{sums['noticed']} noticed, {sums['survived']} not, {sums['unbuilt']} did not build")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
