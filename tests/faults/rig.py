"""What the fault tests share: the daemon, its noise source and its disk under command, and what the daemon says of itself.

A World is one daemon with a directory of its own. Its faults come from one of two programs, and the same commands
(faults.h) go to both:
  fuse  faultfs mounts a file system with the noise source (--source replay) and the output in it;
  call  faultcall fails the system calls of the daemon, which reads a real character device (--source device).
Environment, set by tests/run: REFRESHER, TMP."""

import concurrent.futures
import hashlib
import http.client
import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time

REFRESHER = os.environ["REFRESHER"]
PROGRAMS = os.path.join(os.path.dirname(REFRESHER), "tests", "faults")
PREFIX = "random_refresher_"
PATIENCE = float(os.environ.get("PATIENCE", "15"))  # seconds that something expected may take on a busy machine


worlds = []


def give_up(*_):
    """The runner's time is over: nothing of ours may stay behind."""
    for w in worlds:
        w.kill()
        w.unmount()
    os._exit(143)


signal.signal(signal.SIGTERM, give_up)


class Failed(Exception):
    pass


class Skipped(Exception):
    pass


def check(fact, what):
    if not fact:
        raise Failed(what)


def until(fact, what, seconds=None):
    """Polls fact() and returns its first true value."""
    end = time.monotonic() + (seconds or PATIENCE)
    while True:
        value = fact()
        if value:
            return value
        check(time.monotonic() < end, "not true in time: " + (what() if callable(what) else what))
        time.sleep(0.03)


LINE = rb"(\d\d:\d\d:\d\d\.\d{3}),([0-9a-f-]{36}),\d+,(-?\d{1,10})\n"


def check_whole(data, count):
    """One whole generation in the format runner, and nothing else. Its lines name the process and the time of writing:
    lines of another process, or older ones behind newer ones, are those of another file."""
    lines = data.count(b"\n")
    check(lines == count and data.endswith(b"\n"), f"torn file: {lines} lines, {len(data)} bytes")
    if count > 100000:
        return
    found = re.findall(LINE, data)
    check(len(found) == count and sum(map(len, re.split(LINE, data)[::4])) == 0, "a line is no line of the format runner")
    check(all(-(2**31) <= int(n) < 2**31 for _, _, n in found), "a number is no int32")
    writers = {uuid for _, uuid, _ in found}
    check(len(writers) == 1, f"lines of {len(writers)} processes in one file")
    times = [t for t, _, _ in found]
    midnight = times[0] > b"23" and times[-1] < b"01"
    check(midnight or times == sorted(times), "older lines behind newer ones")


def may_trace_all():
    with open("/proc/self/status", encoding="ascii") as f:
        caps = int(re.search(r"CapEff:\s*([0-9a-f]+)", f.read()).group(1), 16)
    return bool(caps >> 19 & 1)  # CAP_SYS_PTRACE


class Commanded:
    """faultfs or faultcall: lines in, one answer for each."""

    def __init__(self, argv, log, **more):
        program = os.path.join(PROGRAMS, argv[0])
        if not os.path.exists(program):
            raise Skipped(f"{argv[0]} was not built (libfuse3-dev is missing)")
        self.process = subprocess.Popen(
            [program] + argv[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, **more
        )
        self.first = self.process.stdout.readline().strip()
        if self.first.startswith("pid ") or self.first == "ready":
            return
        code = self.process.wait()
        if code == 77:
            raise Skipped(self.first)
        raise Failed(f"{argv[0]}: exit {code}: {self.first}")

    def command(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        check(answer and not answer.startswith("refused"), f"command {line!r}: {answer!r}")
        return answer

    def end(self):
        if self.process.poll() is None:
            self.process.stdin.close()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class World:
    """args: more arguments of the daemon. Use it as a context: everything that was started ends with it."""

    def __init__(self, kind, name, args=(), interval=0.5, count=1000, output_faults=False, seed=1, wrapper=(), stderr=None):
        self.kind, self.args, self.interval, self.count, self.seed = kind, list(args), interval, count, seed
        # Of root a directory below /tmp: the daemon gives up root, and TMP may be closed to others.
        below = "/tmp" if os.geteuid() == 0 else os.environ["TMP"]
        self.dir = tempfile.mkdtemp(prefix=re.sub(r"\W+", "-", f"refresher {kind} {name}")[:80] + "-", dir=below)
        self.out_dir = os.path.join(self.dir, "out")
        self.output_faults, self.wrapper, self.stderr = output_faults, list(wrapper), stderr
        self.faults = self.process = self.port = self.pid = None
        self.mounts = []  # what tests mounted, the oldest first
        worlds.append(self)
        os.makedirs(self.out_dir)
        os.chmod(self.dir, 0o777)  # as made again by a test, whoever the daemon is
        os.chmod(self.out_dir, 0o777)
        self.log_path = os.path.join(self.dir, "log")
        self.log_file = open(self.log_path, "ab")
        self.environment = dict(os.environ)
        if kind == "call":  # the leak checker is a tracer too, and there can be one only
            self.environment["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"

    def __enter__(self):
        return self

    def kill(self):
        if self.pid and not self.is_over():
            try:
                os.kill(self.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def unmount(self):
        while self.mounts:
            subprocess.run(["umount", "-l", self.mounts.pop()], stderr=subprocess.DEVNULL)

    def __exit__(self, *failure):
        self.kill()
        worlds.remove(self)
        if self.faults:
            self.faults.end()
        if self.process:
            self.process.wait()
        self.unmount()
        self.log_file.close()
        shutil.rmtree(self.dir, ignore_errors=True)
        return False

    @property
    def file(self):
        return os.path.join(self.out_dir, "numbers.txt")

    def start(self, device="good"):
        mount = os.path.join(self.dir, "mnt")
        if self.kind == "fuse":
            os.makedirs(mount)
            self.faults = Commanded(["faultfs", self.out_dir, mount, str(self.seed)], self.log_file)
            self.faults.command("device " + device)
            self.visible = os.path.join(mount, "numbers.txt") if self.output_faults else self.file
            source = ["-s", "replay", "--set", f"source.path={mount}/device"]
        elif self.kind == "call":
            self.visible = self.file
            source = ["-s", "device", "-d", "/dev/zero"]
            if not may_trace_all():  # an undumpable process, or another user's, is closed even to its tracer
                source += ["--set", "confine.no_core_dump=false", "--set", "confine.user=none"]
        else:
            self.visible = self.file
            source = ["-s", "kernel"]
        argv = [REFRESHER, "-l", "127.0.0.1:0", "-f", "runner"] + source + self.args + [self.visible, str(self.count), str(self.interval)]
        if self.kind == "call":
            self.faults = Commanded(
                ["faultcall", "/dev/zero", self.out_dir, str(self.seed)] + argv, self.log_file, env=self.environment
            )
            self.pid = int(self.faults.first.split()[1])
            self.faults.command("device " + device)
        else:
            self.process = subprocess.Popen(self.wrapper + argv, stderr=self.stderr or self.log_file, env=self.environment)
            self.pid = self.process.pid
        self.find_port()
        return self

    def find_port(self):
        found = until(lambda: re.search(r"msg=listening .*port=(\d+)", self.log()) or self.is_over(), "listening")
        check(found is not True, "the daemon ended at once: " + self.log()[-600:])
        self.port = int(found.group(1))

    def is_over(self):
        return (self.process or self.faults.process).poll() is not None

    # ---- faults
    def device(self, words):
        self.faults.command("device " + words)

    def fault(self, line):
        self.faults.command(line)

    def hits(self):
        return int(self.faults.command("hits").split()[1])

    # ---- what it says of itself
    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as f:
            return f.read()

    def get(self, path):
        """(status, body, seconds)"""
        began = time.monotonic()
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            c.request("GET", path, headers={"Connection": "close"})
            r = c.getresponse()
            return r.status, r.read().decode(), time.monotonic() - began
        finally:
            c.close()

    def probe(self, path):
        return self.get(path)[0]

    def metrics(self):
        rows = (line.rsplit(" ", 1) for line in self.get("/metrics")[1].splitlines() if line and line[0] != "#")
        return {name.removeprefix(PREFIX): float(value) for name, value in rows}

    def state(self, m=None):
        m = m or self.metrics()
        return next(s for s in ("starting", "ok", "recovering", "failed") if m['health_state{state="%s"}' % s])

    def generation(self, m=None):
        """Published files: numbers_written is counted once for each, at its end."""
        return int((m or self.metrics())["numbers_written_total"]) // self.count

    def digest(self):
        try:
            with open(self.file, "rb") as f:
                return hashlib.sha256(f.read()).hexdigest()
        except (FileNotFoundError, IsADirectoryError):
            return None

    def whole(self):
        """The file is one whole generation."""
        with open(self.file, "rb") as f:
            data = f.read()
        check_whole(data, self.count)

    def temporaries(self):
        return [n for n in os.listdir(self.out_dir) if ".tmp." in n]

    # ---- what tests want
    def ready(self, code=200, seconds=None):
        until(lambda: self.probe("/readyz") == code, lambda: f"readyz {code}: " + self.get("/readyz?verbose")[1], seconds)

    def beat(self, generations=1, seconds=None):
        """Waits for new generations and finds the file whole."""
        aim = self.generation() + generations
        until(lambda: self.generation() >= aim, lambda: "a new generation: " + self.log()[-600:], seconds)
        self.whole()

    def failures(self, stage):
        return self.metrics()['refresh_failures_total{stage="%s"}' % stage]

    def output_fails(self, stage, log):
        """A refresh fails at that stage, the log says why, and /readyz names the output. No restart would help: live."""
        before = self.failures(stage)
        until(lambda: self.failures(stage) > before, lambda: f"a failure at {stage}: " + self.log()[-800:])
        until(lambda: re.search(f"stage={stage} .*{log}", self.log()), lambda: f"{log}: " + self.log()[-800:])
        until(lambda: self.probe("/readyz") == 503, "readyz 503")
        body = self.get("/readyz")[1]
        check("[-]output failed: " in body, f"readyz does not name the output: {body}")
        check(self.probe("/healthz") == 200, "healthz: " + self.get("/healthz?verbose")[1])
        check(self.state() == "ok", "the disk's fault became the source's")

    def directory_fails(self):
        """What was opened at the start is not at its path any more: a refresh says so, and only a restart helps."""
        until(lambda: re.search("removed or replaced .*restart refresher", self.log()), lambda: "lost: " + self.log()[-800:])
        until(lambda: self.probe("/healthz") == 503, "healthz 503")
        body = self.get("/healthz")[1]
        check("[-]directory failed: " in body and "restart refresher" in body, f"healthz does not say it: {body}")
        check(self.probe("/readyz") == 503, "ready without a directory")
        check(self.state() == "ok", "the directory's fault became the source's")

    def restart(self):
        """As the kubelet does it when liveness fails."""
        self.stop(clean=False)
        self.log_file.truncate(0)
        self.start()

    def output_is_back(self):
        self.beat()
        self.ready()
        check(self.probe("/healthz") == 200, "healthz after the fault: " + self.get("/healthz?verbose")[1])

    def settled(self):
        """Waits until no publication is under way."""
        until(lambda: json.loads(self.get("/status")[1])["refresh"]["stage"] in ("waiting", "entropy"), "the worker rests")

    def frozen(self, seconds):
        """No file is published and the present one is not touched."""
        generation, digest = self.generation(), self.digest()
        time.sleep(seconds)
        now = self.generation()
        check(now == generation, f"generation moved from {generation} to {now}")
        check(self.digest() == digest, "the file changed")

    def answers(self):
        """The quickest of some answers counts: the machine may be busy, the daemon may not."""
        best = 9.0
        for _ in range(20):
            best = min(best, self.get("/healthz")[2])
            if best < 0.05:
                return
            time.sleep(0.05)
        raise Failed(f"/healthz took {best:.3f} s")

    def run_once(self):
        """The next start: a run that writes once over what is there. (After faultcall's daemon has ended.)"""
        argv = [REFRESHER, "-q", "-l", "none", "-s", "kernel", "-f", "runner", self.visible, str(self.count)]
        got = subprocess.run(argv, stderr=self.log_file, env=self.environment, timeout=30)
        check(got.returncode == 0, f"the next start: exit {got.returncode}: " + self.log()[-600:])
        self.whole()

    def stop(self, clean=True):
        os.kill(self.pid, signal.SIGTERM)
        try:
            code = (self.process or self.faults.process).wait(6.5)  # 5 s are promised; the rest is for a busy machine
        except subprocess.TimeoutExpired:
            raise Failed("still running 6.5 s after SIGTERM") from None
        check(code == 0, f"SIGTERM: exit {code}: " + self.log()[-600:])
        if clean:
            check(not self.temporaries(), f"temporary files left: {self.temporaries()}")
        found = re.search(r"(ERROR: \w+Sanitizer|runtime error).*", self.log())
        check(not found, found and found.group(0))


VICTIM_TEXT = b"not yours\n"


def victim_path(w):
    return os.path.join(os.path.dirname(w.out_dir), "victim")


def make_victim(w):
    path = victim_path(w)
    with open(path, "wb") as f:
        f.write(VICTIM_TEXT)
    os.chmod(path, 0o666)
    return path


def victim_is_fine(w):
    with open(victim_path(w), "rb") as f:
        check(f.read() == VICTIM_TEXT, "another file was written to")


def mount(*argv):
    got = subprocess.run(["mount"] + list(argv), stderr=subprocess.PIPE)
    if got.returncode != 0:
        raise Skipped("cannot mount here")


def volume(w, options, path=None):
    mount("-t", "tmpfs", "-o", "mode=777," + options, "tmpfs", path or w.out_dir)
    w.mounts.append(path or w.out_dir)


def fill(path):
    """A file that takes all the room that is left."""
    fd = os.open(path, os.O_CREAT | os.O_WRONLY)
    try:
        while True:
            os.write(fd, b"x" * 4096)
    except OSError:
        os.close(fd)


def removed(path):
    shutil.rmtree(path, ignore_errors=True)
    return not os.path.exists(path)


def becomes_directory(path):
    os.unlink(path)
    return try_make(os.mkdir, path)


def temp_path(w, number=0):
    """A name such as temporary files have. Which one comes next nobody knows."""
    return os.path.join(w.out_dir, f".numbers.txt.tmp.{number:016x}")


def try_make(make, path):
    try:
        make(path)
        return True
    except FileExistsError:
        return False


def run_rows(rows, test, at_once=12):
    """Runs test(row) for all rows, some at a time. Each row is a tuple whose first member is its sentence; figures that
    the test returns are printed. Ends the program: 0 passed, 77 all rows were skipped, 1 something failed. Its closing
    line is what tests/run counts."""
    only = os.environ.get("ROW")
    rows = [r for r in rows if not only or only in r[0]]
    counts = {"ok": 0, "skip": 0, "FAIL": 0}
    check(rows, f"no row is called {only}")
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        for row, future in [(r, pool.submit(timed, test, r)) for r in rows]:
            verdict, text = "ok", ""
            try:
                text = future.result()
            except Skipped as e:
                verdict, text = "skip", str(e)
            except Exception as e:  # pylint: disable=broad-except
                verdict, text = "FAIL", f"{type(e).__name__}: {e}"
            counts[verdict] += 1
            print(f"{verdict:4} {row[0]}: {text}", flush=True)
    print(f"{counts['ok']} passed, {counts['FAIL']} failed, {counts['skip']} skipped")
    if counts["FAIL"]:
        sys.exit(1)
    sys.exit(0 if counts["ok"] else 77)


def timed(test, row):
    began = time.monotonic()
    figures = test(row)
    return f"{time.monotonic() - began:.1f} s" + (f"; {figures}" if figures else "")
