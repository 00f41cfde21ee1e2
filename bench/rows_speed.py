"""Rows of the stages by themselves and of bulk output: bytes per second of CPU time."""
import os
import re
import subprocess

from tools import Refresher, Row, output_of, output_size, run_command, take_turns

GB = 1e9
FORMATS = ("int32", "uint32", "uint64", "range", "float64", "hex", "base64", "uuid", "binary", "runner")


def health(b):
    """All health tests, a read at a time as the daemon feeds them, beside ent on as many bytes."""
    sample = os.path.join(b.ram, "random")
    size = 16 << 20
    with open(sample, "wb") as f:
        f.write(os.urandom(size))
    ent = b.peer("ent")

    def ours():
        text = output_of([b.program("health_speed"), "1"])  # one round: the best of several would flatter
        return float(re.search(r"^bytes, H 4 +(\d+) B/s", text, re.M).group(1)) / GB

    s = take_turns(b.rounds(2, 7), ours=ours, ent=ent and (lambda: size / GB / run_command([ent, sample])[1]))
    os.unlink(sample)
    return [Row("all health tests, as the daemon feeds them", "GB/s", s["ours"], "ent", s["ent"], target=(">=", 0.06),
                note="ent computes other statistics; no peer runs these tests on its own")]


def drbg(b):
    """The DRBG, 64 KiB requests, beside the bare cipher of the same OpenSSL: the program takes the turns itself."""
    rates = {}
    for _ in range(b.rounds(2, 7)):
        text = output_of([b.program("drbg_speed"), "8", "1"])
        for name, v in re.findall(r"^(\S+)\s+([\d.]+)\s+[\d.]+ %", text, re.M):
            rates.setdefault(name, []).append(float(v) / 1000)
    return [Row("DRBG: CTR-DRBG, AES-256", "GB/s", rates["CTR-DRBG"], "bare AES-256-CTR", rates["AES-256-CTR"],
                note="the peer's limit is the cipher; what is missing to it is the counter block and the wiping of each request")]


def ours_command(b, form, count, file="-"):
    return [b.binary, "-q", "-l", "none", "-s", "kernel", "--set", "confine.user=none", "-f", form, file, str(count)]


def rate(command, size, **where):
    return size / GB / run_command(command, **where)[1]


def bulk_peers(b, form):
    """Debian's ways to the same kind of output: (name, command, bytes); slow ones make less of it."""
    n = b.rounds(100_000, 1_000_000)
    shuf, od, openssl = b.peer("shuf"), b.peer("od"), b.peer("openssl")
    words = {"int32": ("td4", 4), "uint32": ("tu4", 4), "uint64": ("tu8", 8)}
    commands = []
    if form in words and od:
        kind, width = words[form]
        commands.append(("od", [od, "-An", "-v", f"-w{width}", f"-{kind}", "-N", str(n * width), "/dev/urandom"]))
    if form in ("uint32", "range") and shuf:
        top = 99 if form == "range" else 2**32 - 1
        commands.append(("shuf", [shuf, "-r", "-n", str(5 * n), "-i", f"0-{top}"]))
    if form in ("hex", "base64") and openssl:
        commands.append((f"openssl rand -{form}", [openssl, "rand", f"-{form}", str(10 * n)]))
    if form == "binary" and openssl:
        commands.append(("openssl rand", [openssl, "rand", str(400 * n)]))
        commands.append(("head /dev/urandom", ["head", "-c", str(200 * n), "/dev/urandom"]))
    return [(name, command, output_size(command)) for name, command in commands]


def bulk_formats(b):
    count = 10_000_000
    rows = []
    for form in FORMATS:
        command = ours_command(b, form, count)
        size = output_size(ours_command(b, form, count // 10)) * 10
        peers = bulk_peers(b, form)
        contenders = {"ours": lambda c=command, s=size: rate(c, s)}
        for name, peer, bytes_made in peers:
            contenders[name] = lambda c=peer, s=bytes_made: rate(c, s)
        s = take_turns(b.rounds(2, 7), **contenders)
        for name, _, _ in peers or [("", None, 0)]:
            rows.append(Row(f"bulk {form}, 10^7 to /dev/null", "GB/s", s["ours"], name, s.get(name, ())))
    rows[-1].note = "each run of 10^7 numbers holds the start of the process; see the run of 10^4, and 10^8, below"
    return rows


def bulk_big(b):
    """10^8 numbers to /dev/null."""
    rows, count = [], 100_000_000
    targets = {"int32": (">=", 2), "binary": (">=", 3)}
    for form in targets if b.quick else FORMATS:
        target = targets.get(form)
        size = output_size(ours_command(b, form, count // 100)) * 100
        samples = take_turns(b.rounds(2, 3), ours=lambda f=form, s=size: rate(ours_command(b, f, count), s))
        rows.append(Row(f"bulk {form}, 10^8 to /dev/null", "GB/s", samples["ours"], target=target))
    return rows


def bulk_counts(b):
    """How the cost grows: CPU time of one run that writes int32 to /dev/null, the start of the process included."""
    rows = []
    for exponent in range(4, b.rounds(8, 10)):
        s = [1e3 * run_command(ours_command(b, "int32", 10**exponent))[1] for _ in range(b.rounds(1, 3))]
        rows.append(Row(f"one run of 10^{exponent} int32: CPU", "ms", s))
    return rows


def bulk_memory(b):
    """The peak of resident memory must not grow with the count."""
    peak = {}
    for count in (10_000, b.rounds(10_000_000, 1_000_000_000)):
        with Refresher(b, None, 3600, "-s", "kernel", count=count) as d:
            peak[count] = d.memory()["Peak"]
    few, many = peak
    return [Row(f"peak memory at 10^{len(str(many)) - 1} numbers", "kB", [peak[many]], "the same at 10^4",
                [peak[few]])]


def bulk_places(b):
    """Text and raw bytes to a pipe, to memory and to a disk."""
    rows = []
    for form in ("int32",) if b.quick else ("int32", "binary"):
        rows += bulk_place(b, form)
    return rows


def bulk_place(b, form):
    count = b.rounds(10_000_000, 100_000_000)
    exponent = "7" if b.quick else "8"
    size = output_size(ours_command(b, form, 1_000_000)) * count // 1_000_000

    def to_pipe():
        with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as reader:
            result = rate(ours_command(b, form, count), size, stdout=reader.stdin)
            reader.stdin.close()
        return result

    def to_file(directory):
        path = os.path.join(directory, "bulk")
        result = rate(ours_command(b, form, count, path), size)
        os.unlink(path)
        return result

    s = take_turns(b.rounds(2, 3), pipe=to_pipe, ram=lambda: to_file(b.ram), disk=lambda: to_file(b.disk))
    return [Row(f"bulk {form}, 10^{exponent} to a pipe", "GB/s", s["pipe"]),
            Row(f"bulk {form}, 10^{exponent} to tmpfs", "GB/s", s["ram"]),
            Row(f"bulk {form}, 10^{exponent} to disk, with fsync", "GB/s", s["disk"])]


def rows(b):
    return health(b) + drbg(b) + bulk_formats(b) + bulk_big(b) + bulk_counts(b) + bulk_memory(b) + bulk_places(b)
