"""What the rows have in common: timing a command, watching a process, taking turns, and the table."""
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

TARGET_SIGNS = {"<=": lambda a, b: a <= b, ">=": lambda a, b: a >= b}


class Row:
    """One line of the table. ours and peer are lists of samples in the same unit; target is (sign, number), ratio_target how many
    times better than the peer it should be, at_most how many times the peer it may cost."""

    def __init__(self, name, unit, ours, peer_name="", peer=(), target=None, ratio_target=None, at_most=None, note=""):
        self.name, self.unit, self.note = name, unit, note
        self.ours, self.peer_name, self.peer = list(ours), peer_name, list(peer)
        self.target, self.ratio_target, self.at_most = target, ratio_target, at_most

    def median(self):
        return statistics.median(self.ours)

    def spread(self):
        """Half of the distance between the extremes, in percent of the median."""
        middle = self.median()
        return 50 * (max(self.ours) - min(self.ours)) / middle if middle else 0

    def ratio(self):
        """How much better: above 1 we are ahead, whether more or less is better."""
        if not self.peer or not self.median() or not statistics.median(self.peer):
            return None
        ratio = self.median() / statistics.median(self.peer)
        return ratio if more_is_better(self.unit) else 1 / ratio

    def met(self):
        if self.target:
            return TARGET_SIGNS[self.target[0]](self.median(), self.target[1])
        if self.at_most and self.ratio() is not None:
            return 1 / self.ratio() <= self.at_most
        if self.ratio_target and self.ratio() is not None:
            return self.ratio() >= self.ratio_target
        return None

    def target_text(self):
        if self.target:
            return f"{self.target[0]} {number(self.target[1])}"
        if self.at_most:
            return f"<= {number(self.at_most)} x peer"
        return f">= {number(self.ratio_target)} x peer" if self.ratio_target else ""

    def as_dict(self):
        return {"row": self.name, "unit": self.unit, "ours": self.ours, "median": self.median(),
                "spread_percent": self.spread(), "peer": self.peer_name, "peer_samples": self.peer,
                "ratio": self.ratio(), "target": self.target_text(), "met": self.met(), "note": self.note}


def more_is_better(unit):
    return unit.endswith("/s")


def number(x):
    if x == 0:
        return "0"
    if abs(x) >= 1000:
        return f"{x:,.0f}"
    text = f"{x:.3g}"
    return f"{x:.0f}" if "e" in text else text


def print_table(rows):
    header = ["row", "unit", "ours", "+-%", "peer", "is", "ahead", "target", "met"]
    lines = [header]
    for r in rows:
        ratio, met = r.ratio(), r.met()
        lines.append([r.name, r.unit, number(r.median()), f"{r.spread():.0f}" if len(r.ours) > 1 else "", r.peer_name,
                      number(statistics.median(r.peer)) if r.peer else "",
                      f"{ratio:.2f} x" if ratio is not None and ratio < 10 else f"{ratio:,.0f} x" if ratio else "",
                      r.target_text(), {True: "yes", False: "NO", None: ""}[met]])
    widths = [max(len(line[i]) for line in lines) for i in range(len(header))]
    right = {2, 3, 5, 6}
    for n, line in enumerate(lines):
        print("  ".join(t.rjust(w) if i in right else t.ljust(w) for i, (t, w) in enumerate(zip(line, widths))).rstrip())
        if n == 0:
            print("-" * (sum(widths) + 2 * len(widths) - 2))
    notes = [r for r in rows if r.note]
    if notes:
        print("\nNotes")
    for r in notes:
        print(f"* {r.name}: {r.note}")


def print_markdown(rows):
    """The same as a table for a README; rows of one name and unit share a line."""
    print("| what | here | ±% | peer: it, ratio | target | |")
    print("|---|---|---|---|---|---|")
    merged = {}
    for r in rows:
        merged.setdefault((r.name, r.unit), []).append(r)
    for (name, unit), group in merged.items():
        first = group[0]
        peers = "; ".join(f"{r.peer_name}: {number(statistics.median(r.peer))}, {number(r.ratio())}" for r in group if r.ratio())
        targets = ", ".join(r.target_text() for r in group if r.target_text())
        verdicts = [r.met() for r in group if r.met() is not None]
        spread = f"{first.spread():.0f}" if len(first.ours) > 1 else ""
        met = "" if not verdicts else "met" if all(verdicts) else "missed"
        print(f"| {name} | {number(first.median())} {unit} | {spread} | {peers} | {targets} | {met} |")


class Bench:
    """Where things are, how thorough to be, and what was found missing."""

    def __init__(self, out, quick, image):
        self.out, self.quick, self.image = out, quick, image
        self.image_name = os.environ.get("IMAGE", "")
        self.binary = os.path.join(out, "refresher")
        self.disk = tempfile.mkdtemp(prefix="refresher-bench.", dir=os.environ.get("BENCH_DIR", "/var/tmp"))
        self.ram = tempfile.mkdtemp(prefix="refresher-bench.", dir="/dev/shm")
        for d in (self.disk, self.ram):
            os.chmod(d, 0o777)
        self.has_device = os.access("/dev/hwrng", os.R_OK) and device_answers()
        self.source = "device" if self.has_device else "kernel"
        self.skipped = {}

    def close(self):
        for d in (self.disk, self.ram):
            shutil.rmtree(d, ignore_errors=True)

    def program(self, name):
        return os.path.join(self.out, "bench", name)

    def peer(self, *names):
        """The path of a peer's program, or None; a missing one is said once."""
        for name in names:
            path = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
            if path:
                return path
        self.skipped[names[0]] = "not installed; `make bench-deps` installs it"
        return None

    def rounds(self, quick, full):
        return quick if self.quick else full


def device_answers():
    """One byte within 2 s; a device without a driver, or a stuck one, is no device."""
    try:
        probe = subprocess.run(["head", "-c", "1", "/dev/hwrng"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=2)
        return len(probe.stdout) == 1
    except (subprocess.TimeoutExpired, OSError):
        return False


def take_turns(rounds, **contenders):
    """A B A B ...: each contender once per round; None is left out. Returns name -> samples."""
    samples = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, measure in contenders.items():
            if measure:
                samples[name].append(measure())
    return samples


def run_command(command, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL):
    """(wall s, CPU s) of one command, which must succeed."""
    begin = time.perf_counter()
    child = subprocess.Popen(command, stdout=stdout, stdin=stdin, stderr=subprocess.PIPE)
    complaint = child.stderr.read()
    _, status, use = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - begin
    child.stderr.close()
    if child.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit {child.returncode}: {complaint.decode(errors='replace')[-300:]}")
    return wall, use.ru_utime + use.ru_stime


def output_of(command, stdin=None):
    done = subprocess.run(command, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return done.stdout


def output_size(command):
    """Bytes that a command writes to standard output."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        total = 0
        while block := child.stdout.read(1 << 20):
            total += len(block)
    return total


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def await_port(port, seconds=10):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    sys.exit(f"bench: nothing listens on port {port}")


class Process:
    """A running program; ended and reaped on exit. Its figures come from /proc."""

    def __init__(self, command, name="", stdout=subprocess.DEVNULL):
        self.name = name
        self.child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.DEVNULL)
        self.pid = self.child.pid

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)
        try:
            self.child.wait(10)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()

    def alive(self):
        return self.child.poll() is None

    def tasks(self):
        """(CPU s, times that a thread went to sleep, and so had to be woken) of all threads."""
        cpu = switches = 0
        for task in os.listdir(f"/proc/{self.pid}/task"):
            base = f"/proc/{self.pid}/task/{task}/"
            try:
                with open(base + "schedstat") as f:
                    cpu += int(f.read().split()[0])
                with open(base + "status") as f:
                    switches += sum(int(n) for n in re.findall(r"^voluntary_ctxt_switches:\s*(\d+)", f.read(), re.M))
            except FileNotFoundError:
                pass
        return cpu / 1e9, switches

    def cpu(self):
        return self.tasks()[0]

    def memory(self):
        """kB: Rss, Pss, Private_Dirty; and the numbers of threads and descriptors."""
        with open(f"/proc/{self.pid}/smaps_rollup") as f:
            figures = {k: int(v) for k, v in re.findall(r"^(\w+):\s+(\d+) kB", f.read(), re.M)}
        with open(f"/proc/{self.pid}/status") as f:
            figures["Peak"] = int(re.search(r"VmHWM:\s+(\d+)", f.read()).group(1))
        figures["Threads"] = len(os.listdir(f"/proc/{self.pid}/task"))
        figures["Descriptors"] = len(os.listdir(f"/proc/{self.pid}/fd"))
        return figures


class Refresher(Process):
    """The daemon with its HTTP endpoint on a free port, started and through with its first file."""

    def __init__(self, bench, directory, seconds, *options, count=10000, wait=True):
        """directory None: to standard output, which is /dev/null."""
        self.port = free_port()
        self.file = os.path.join(directory, f"numbers.{self.port}") if directory else "-"
        self.wait = wait
        listen = f"127.0.0.1:{self.port}"
        super().__init__([bench.binary, "-q", "--listen", listen, *options, self.file, str(count), str(seconds)])

    def __enter__(self):
        try:
            if self.wait:
                self.await_file()
        except BaseException:
            self.__exit__()
            raise
        return self

    def await_file(self, limit=60):
        end = time.monotonic() + limit
        await_port(self.port)
        while not (os.path.exists(self.file) if self.file != "-" else self.metric("file_numbers")):
            if time.monotonic() > end or not self.alive():
                sys.exit(f"bench: the daemon published nothing (exit {self.child.poll()})")
            time.sleep(0.02)

    def get(self, path):
        """A page, over a connection of its own."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as page:
            return page.read().decode()

    def metric(self, name):
        """The sum of a metric's series."""
        text = self.get("/metrics")
        return sum(float(v) for v in re.findall(rf"^random_refresher_{name}(?:{{[^}}]*}})? (\S+)$", text, re.M))


def machine():
    """The machine in words, for the table's head and the JSON."""
    cpu = re.search(r"model name\s*: (.*)", open("/proc/cpuinfo").read())
    osname = re.search(r'PRETTY_NAME="(.*)"', open("/etc/os-release").read())
    return {"cpu": cpu.group(1) if cpu else os.uname().machine, "cores": os.cpu_count(), "kernel": os.uname().release,
            "system": osname.group(1) if osname else "", "load": os.getloadavg()[0],
            "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}


def save(path, about, rows, skipped):
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(path, "w") as f:
        json.dump({"machine": about, "rows": [r.as_dict() for r in rows], "skipped": skipped}, f, indent=1)
        f.write("\n")
