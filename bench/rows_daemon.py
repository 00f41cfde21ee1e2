"""Rows of the running daemon: a refresh, the start, memory, idle cost, and what it takes from the device."""
import contextlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request

from tools import Process, Refresher, Row, await_port, run_command, take_turns

NUMBERS = 10_000


def per_refresh(d, seconds):
    """(CPU ms, wall ms) of a refresh, over a while of a daemon that refreshes often; scrapes are left out."""
    count, spent, cpu = d.metric("refreshes_total"), d.metric("refresh_duration_seconds_sum"), d.cpu()
    time.sleep(seconds)
    cpu = d.cpu() - cpu
    count, spent = d.metric("refreshes_total") - count, d.metric("refresh_duration_seconds_sum") - spent
    return 1e3 * cpu / count, 1e3 * spent / count


def bare_file(b, rounds):
    """CPU ms of the system calls that put a file of the same size in place, and nothing else."""
    text, final, temporary = b"0" * 109_600, os.path.join(b.ram, "bare"), os.path.join(b.ram, ".bare.tmp")
    directory = os.open(b.ram, os.O_RDONLY)
    total = 0
    for _ in range(rounds):
        time.sleep(0.02)
        begin = time.thread_time_ns()
        fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        os.write(fd, text)
        os.fchmod(fd, 0o444)
        os.fsync(fd)
        os.rename(temporary, final)
        os.fsync(directory)
        os.close(fd)
        total += time.thread_time_ns() - begin
    os.close(directory)
    return total / rounds / 1e6


def refresh(b):
    shuf, od = b.peer("shuf"), b.peer("od")
    path = os.path.join(b.ram, "peer")

    def by_shuf():
        return 1e3 * run_command([shuf, "-r", "-n", str(NUMBERS), "-i", "0-4294967295", "-o", path])[1]

    def by_od():
        with open(path, "w") as f:
            return 1e3 * run_command([od, "-An", "-v", "-w4", "-td4", "-N", str(4 * NUMBERS), "/dev/urandom"], stdout=f)[1]

    with contextlib.ExitStack() as stack:
        d = stack.enter_context(Refresher(b, b.ram, 0.02, "-s", "kernel"))
        runner = None if b.quick else runner_command(b, os.path.join(b.ram, "runner.txt"))
        runner = runner and stack.enter_context(Process(runner))

        def by_runner():
            """It sleeps 30 s whatever it is told: each stretch of 31 s holds one refresh."""
            before = runner.cpu()
            time.sleep(31)
            return 1e3 * (runner.cpu() - before)

        s = take_turns(b.rounds(2, 9), ours=lambda: per_refresh(d, b.rounds(0.7, 2)), shuf=shuf and by_shuf, od=od and by_od,
                       bare=lambda: bare_file(b, b.rounds(20, 60)))
        s["runner"] = [by_runner() for _ in range(3)] if runner else []
    cpu = [x[0] for x in s["ours"]]
    note = ("all threads, 50 refreshes per second; the source is getrandom(2), the file lies in memory; shuf and od are one "
            "process each time. The floor is the file: the bare system calls that put 109.6 kB in place, with nothing in it")
    rows = [Row("refresh of 10,000: CPU", "ms", cpu, "bare file", s["bare"], at_most=2.2, note=note)]
    rows += [Row("refresh of 10,000: CPU", "ms", cpu, name, s[key])
             for key, name in (("shuf", "shuf"), ("od", "od"), ("runner", "RandomRunner")) if s[key]]
    return [*rows, Row("refresh of 10,000: wall", "ms", [x[1] for x in s["ours"]])]


def device_rate():
    """Bytes per second of the device, by a read that is longer than what the kernel may hold ready."""
    with open("/dev/hwrng", "rb", buffering=0) as f:
        f.read(512)
        begin, got = time.perf_counter(), 0
        while time.perf_counter() - begin < 0.5:
            got += len(f.read(64))
        return got / (time.perf_counter() - begin)


def first_file(b, source, pause, *options):
    """Wall ms from the start of the process to the first file's name."""
    time.sleep(pause)
    begin = time.perf_counter()
    with Refresher(b, b.ram, 30, "-s", source, *options, wait=False) as d:
        while not os.path.exists(d.file):
            if time.perf_counter() - begin > 30:
                raise SystemExit("bench: no first file within 30 s")
            time.sleep(0.0005)
        return 1e3 * (time.perf_counter() - begin)


def start(b):
    rows = []
    rounds = b.rounds(3, 11)
    device = (lambda: first_file(b, "device", 0.3)) if b.has_device else None
    replay = os.path.join(b.ram, "samples")
    with open(replay, "wb") as f:
        f.write(os.urandom(1 << 20))
    s = take_turns(rounds, device=device, kernel=lambda: first_file(b, "kernel", 0.1),
                   replay=lambda: first_file(b, "replay", 0.1, "--set", f"source.path={replay}"))
    if device:
        rows.append(Row("start to first file, real device", "ms", s["device"], target=("<=", 150),
                        note=f"the device gave {device_rate() / 1000:.1f} kB/s: 1024 start-up samples and a seed of 112 take "
                             f"{1136e3 / device_rate():.0f} ms at that rate; what the kernel has already buffered makes it less, "
                             "another reader of the device more"))
    else:
        b.skipped["start to first file, real device"] = "no /dev/hwrng that answers"
    rows.append(Row("start to first file, replayed samples", "ms", s["replay"]))
    rows.append(Row("start to first file, getrandom(2)", "ms", s["kernel"]))
    return rows


def runner_command(b, path):
    """The program that this one replaces, where the user has it."""
    classes = os.environ.get("RANDOM_RUNNER_CLASSPATH")
    java = b.peer("java") if classes else None
    if java:
        return [java, "-cp", classes, "RandomRunner", path, str(NUMBERS), "30"]
    b.skipped["RandomRunner"] = "RANDOM_RUNNER_CLASSPATH is not set, or there is no JVM"
    return None


def start_peers(b, stack):
    peers = {}
    rngd, exporter = b.peer("rngd"), b.peer("prometheus-node-exporter")
    if rngd and not (b.has_device and os.geteuid() == 0):
        b.skipped["rngd"] = "needs root and a device that answers"
    elif rngd:
        peers["rngd"] = stack.enter_context(Process([rngd, "-f", "-p", os.path.join(b.ram, "rngd.pid")]))
    if exporter:
        peers["node_exporter"] = stack.enter_context(Process([exporter, "--web.listen-address=127.0.0.1:0"]))
    runner = runner_command(b, os.path.join(b.disk, "runner.txt"))
    if runner:
        peers["RandomRunner"] = stack.enter_context(Process(runner))
    return peers


def pair(name, unit, ours, peers, values, **more):
    """A row for each peer, or one alone."""
    if not peers:
        return [Row(name, unit, [ours], **more)]
    rows = [Row(name, unit, [ours], peer, [values[peer]]) for peer in peers]
    first = rows[0]
    rows[0] = Row(name, unit, [ours], first.peer_name, first.peer, **more)
    return rows


def floor(b):
    """Private dirty kB of the least program with the same libraries."""
    child = subprocess.Popen([b.program("memory_floor")], stdout=subprocess.PIPE)
    try:
        if child.stdout.readline() != b"ready\n":
            return None
        with open(f"/proc/{child.pid}/smaps_rollup") as f:
            return next(int(line.split()[1]) for line in f if line.startswith("Private_Dirty"))
    finally:
        child.stdout.close()
        child.terminate()
        child.wait()


def probes():
    """What the kubelet asks, as the manifest says: path -> seconds, of liveness and readiness."""
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "k8s", "base", "daemonset.yaml"), encoding="utf-8") as f:
        found = re.findall(r"(?:liveness|readiness)Probe:.*?path: (\S+).*?periodSeconds: (\d+)", f.read(), re.S)
    if len(found) != 2:
        raise SystemExit("k8s/base/daemonset.yaml: no liveness and readiness probe")
    return {path: int(period) for path, period in found}


class IdleFloor(Process):
    """The least program that puts such a file in place each 30 s and answers each connection (bench/idle_floor.c)."""

    def __init__(self, b):
        super().__init__([b.program("idle_floor"), b.ram], stdout=subprocess.PIPE)
        self.port = int(self.child.stdout.readline().split()[1])

    def get(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as page:
            return page.read().decode()


def watch(programs, seconds, asked):
    """So long they are asked as a node's is: by Prometheus each 30 s and by the kubelet, each time over a new connection."""
    begin = time.monotonic()
    for second in range(int(seconds)):
        time.sleep(max(0, begin + second - time.monotonic()))
        for offset, (path, period) in enumerate(asked.items(), 1):
            if second % period == 2 * offset:
                for program in programs:
                    program.get(path)
    time.sleep(max(0, begin + seconds - time.monotonic()))


def before_the_first_file(b):
    """kB resident of a daemon that waits for the samples of its start-up test."""
    pipe = os.path.join(b.ram, "silent")
    os.mkfifo(pipe)
    held = os.open(pipe, os.O_RDWR)
    try:
        with Refresher(b, b.ram, 30, "-s", "replay", "--set", f"source.path={pipe}", wait=False) as d:
            await_port(d.port)
            time.sleep(b.rounds(1, 3))
            return [Row("resident memory before the first file", "kB", [d.memory()["Rss"]], target=("<=", 6144))]
    finally:
        os.close(held)


def idle(b):
    """Everything at its defaults beside the peers, all at once, left alone for a while but for scrapes and probes."""
    seconds, asked = b.rounds(6, 120), {"/metrics": 30, **probes()}
    with contextlib.ExitStack() as stack:
        d = stack.enter_context(Refresher(b, b.ram, 30, "-s", b.source))
        peers = start_peers(b, stack)
        least_work = stack.enter_context(IdleFloor(b))
        time.sleep(b.rounds(1.5, 10))
        d.metric("refreshes_total")  # one scrape: the endpoint's memory is part of it
        for name in [name for name, p in peers.items() if not p.alive()]:
            b.skipped[name] = "ended by itself"
            del peers[name]
        refreshes = d.metric("refreshes_total")
        working = {"ours": d, "least program": least_work, **peers}
        before = {name: p.tasks() for name, p in working.items()}
        watch([d, least_work], seconds, asked)
        after = {name: p.tasks() for name, p in working.items()}
        refreshes = d.metric("refreshes_total") - refreshes
        memory = {"ours": d.memory(), **{name: p.memory() for name, p in peers.items()}}
    cpu = {n: (after[n][0] - before[n][0]) * 3600 / seconds for n in after}
    wakes = {n: (after[n][1] - before[n][1]) / seconds for n in after}
    scaled = (f"{', '.join(f'{path} each {period} s' for path, period in asked.items())}, over new connections, as the manifests have it; measured over {seconds} s with {refreshes:.0f} refreshes, scaled"
              f"{'; only the full run sees enough of them' if b.quick else ''}; the file lies in memory, as k8s/ deploys it")
    least = floor(b)
    dirty_note = (f"of it {least} kB are the libraries' floor, the least program that makes one of each object "
                  "(bench/memory_floor.c): relocated tables of libcrypto, its context, and GnuTLS, which Debian's "
                  "libmicrohttpd brings along") if least else ""
    rows = []
    for label, key, target, note in (("resident memory", "Rss", ("<=", 6144), ""),
                                     ("proportional memory (PSS)", "Pss", None, ""),
                                     ("private dirty memory", "Private_Dirty", None, dirty_note),
                                     ("threads", "Threads", None, ""), ("descriptors", "Descriptors", None, "")):
        unit = "" if key in ("Threads", "Descriptors") else "kB"
        rows += pair(label, unit, memory["ours"][key], peers, {n: memory[n][key] for n in peers}, target=target, note=note)
    if least:
        rows.append(Row("private dirty memory above the libraries' floor", "kB", [memory["ours"]["Private_Dirty"] - least],
                        target=("<=", 300)))
    else:
        b.skipped["private dirty memory above the libraries' floor"] = "memory_floor says nothing on this machine"
    # The least program with the same work is the floor of CPU: what it takes is the kernel's, on any machine.
    working = {"least program": least_work, **peers}
    rows += pair("CPU per hour, scraped and probed", "s", cpu["ours"], working, cpu, target=("<=", 0.3),
                 note=f"{scaled}. The least program (bench/idle_floor.c) has the same file and connections, by bare system calls")
    rows += pair("wake-ups per second, scraped and probed", "", wakes["ours"], working, wakes, target=("<=", 1), note=scaled)
    return rows


def device_bytes(b):
    """Bytes taken from the source for one refresh, the refill of the pool included."""
    with Refresher(b, b.ram, 3600, "-s", b.source) as d:
        def settled():
            last = -1
            while (now := d.metric("source_read_bytes_total")) != last:
                last = now
                time.sleep(0.4)
            return now

        def one():
            before = settled()
            os.kill(d.pid, signal.SIGUSR1)
            time.sleep(0.2)
            return settled() - before
        samples = [one() for _ in range(b.rounds(2, 5))]
    return [Row("source bytes per refresh", "bytes", samples,
                note="a refresh takes all that the pool holds, 1024 samples; 80 would do for its seed")]


def directory_size(top):
    return sum(os.lstat(os.path.join(at, f)).st_size for at, _, files in os.walk(top) for f in files)


def engine_image_size(b):
    """Bytes of the image that `make image` left, or None."""
    for engine in ("docker", "podman"):
        if shutil.which(engine):
            done = subprocess.run([engine, "image", "inspect", "--format", "{{.Size}}", b.image_name], check=False,
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            if done.returncode == 0 and done.stdout.strip().isdigit():
                return int(done.stdout)
    return None


def sizes(b):
    with tempfile.NamedTemporaryFile() as stripped:
        subprocess.run(["strip", "--strip-unneeded", "-o", stripped.name, b.binary], check=True)
        ours = os.path.getsize(stripped.name) / 1e3
    exporter = b.peer("prometheus-node-exporter")
    rows = [Row("program size, stripped", "kB", [ours], "node_exporter" if exporter else "",
                [os.path.getsize(exporter) / 1e3] if exporter else ())]
    size = directory_size(b.image) if b.image else engine_image_size(b)
    if size:
        rows.append(Row("image, unpacked", "MB", [size / 1e6], target=("<=", 12)))
    else:
        b.skipped["image size"] = "IMAGE_ROOT= names no unpacked image, and neither docker nor podman has one (`make image`)"
    return rows


def rows(b):
    return refresh(b) + start(b) + before_the_first_file(b) + idle(b) + device_bytes(b) + sizes(b)
