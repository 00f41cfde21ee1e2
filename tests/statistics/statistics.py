"""statistics.py short|long: are the published numbers evenly distributed and free of pattern?

The output of each format is turned back into the bits that it shows, and tested: byte frequencies by chi-square here,
and by Debian's ent and, in the long form, dieharder, as far as they are installed. The format `range` is tested by
chi-square for ranges that a careless reduction would bend. Bad data goes through the same tests first, and has to fail
them.

False alarms. A chi-square test fails when its probability is below 1e-9 or above 1 - 1e-9. dieharder's FAILED means
1e-6 on either side, and a test that fails is run once more, so 4e-12. All in all a run of the short form fails on good data
about once in eight million runs. Exit status: 0 passed, 1 failed.
Environment: REFRESHER, and TMP for the files."""

import array
import base64
import math
import os
import re
import shutil
import subprocess
import sys

REFRESHER = os.environ["REFRESHER"]
OUT = os.path.join(os.environ["TMP"], "statistics.out")
LONG = len(sys.argv) > 1 and sys.argv[1] == "long"
COUNT = 2_000_000 if LONG else 120_000
ALPHA = 1e-9
I64 = 2**63

verdicts = []


def say(good, name, text):
    print(f"{'ok' if good else 'FAIL':4} {name}: {text}", flush=True)
    verdicts.append(bool(good))


# ---- mathematics ----------------------------------------------------------------------------------------------------
def upper_gamma(a, x):
    """Q(a, x), the regularized upper incomplete gamma function: series below a + 1, continued fraction above."""
    if x <= 0:
        return 1.0
    front = math.exp(-x + a * math.log(x) - math.lgamma(a))
    if x < a + 1:
        term = total = 1 / a
        n = a
        while term > total * 1e-15:
            n += 1
            term *= x / n
            total += term
        return 1 - front * total
    tiny = 1e-300
    b = x + 1 - a
    c, d = 1 / tiny, 1 / b
    h = d
    for i in range(1, 10000):
        an = -i * (i - a)
        b += 2
        d = 1 / ((an * d + b) or tiny)
        c = (b + an / c) or tiny
        step = d * c
        h *= step
        if abs(step - 1) < 1e-15:
            break
    return front * h


def chi_square(counts, expected):
    """The probability that good data is at least so uneven. expected: one number, or one for each count."""
    wanted = expected if isinstance(expected, list) else [expected] * len(counts)
    x = sum((n - e) ** 2 / e for n, e in zip(counts, wanted))
    return upper_gamma((len(counts) - 1) / 2, x / 2)


def is_even(p):
    return ALPHA < p < 1 - ALPHA


def poisson_limit(mean):
    """The least n for which good data exceeds n with a probability below ALPHA."""
    n, term = 0, math.exp(-mean)
    below = term
    while 1 - below > ALPHA:
        n += 1
        term *= mean / n
        below += term
    return n


# ---- the numbers ----------------------------------------------------------------------------------------------------
def refresher(numbers_format, count, *more):
    argv = [REFRESHER, "-q", "-s", "kernel", "-l", "none", "-f", numbers_format, *more, OUT, str(count)]
    subprocess.run(argv, check=True)
    with open(OUT, "rb") as f:
        data = f.read()
    os.unlink(OUT)
    return data


def integers(data, code):
    return array.array(code, map(int, data.split())).tobytes()


def lines_decoded(decode):
    return lambda data: b"".join(map(decode, data.split()))


BITS = {  # format: numbers for one, and how its text becomes bits again
    "int32": (1, lambda d: integers(d, "i")),
    "uint32": (1, lambda d: integers(d, "I")),
    "uint64": (2, lambda d: integers(d, "Q")),
    "hex": (4, lines_decoded(lambda s: bytes.fromhex(s.decode()))),
    "base64": (4, lines_decoded(base64.b64decode)),
    "binary": (1, lambda d: d),
}


# ---- the tests ------------------------------------------------------------------------------------------------------
def bytes_even(bits):
    counts = [0] * 256
    for byte in range(256):
        counts[byte] = bits.count(byte)
    p = chi_square(counts, len(bits) / 256)
    return is_even(p), f"bytes, p = {p:.4f}"


def pairs_even(bits):
    """Neighbours that are equal, a whole number apart: sees short cycles and stuck bits that frequencies do not."""
    words = array.array("I", bits[: len(bits) // 4 * 4])
    same = sum(a == b for a, b in zip(words, words[1:]))
    repeats = len(words) - len(set(words))
    expected = len(words) ** 2 / 2**33
    limit = poisson_limit(expected)
    return same <= poisson_limit(len(words) / 2**32) and repeats <= limit, f"{repeats} repeats, {expected:.1f} expected"


def ent(bits):
    got = subprocess.run(["ent", "-t"], input=bits, stdout=subprocess.PIPE, check=True).stdout.decode().splitlines()
    row = dict(zip(got[0].split(","), got[1].split(",")))
    n = len(bits)
    entropy, mean, serial = float(row["Entropy"]), float(row["Mean"]), float(row["Serial-Correlation"])
    # 6.1 standard deviations are 1e-9. Good bytes lack 255 / (2 n ln 2) bits of entropy on average.
    good = 8 - entropy < 3 * 255 / (2 * n * math.log(2)) and abs(mean - 127.5) < 6.1 * 73.9 / math.sqrt(n)
    good = good and abs(serial) < 6.1 / math.sqrt(n)
    return good, f"entropy {entropy:.6f}, mean {mean:.3f}, serial correlation {serial:.6f}"


TESTS = [("chi-square", bytes_even), ("repeats", pairs_even), ("ent", ent)]


def present(test):
    return test != "ent" or shutil.which(test) is not None


def test_formats():
    for name, (per_number, decode) in BITS.items():
        more = ["--set", "numbers.bytes=16"] if name in ("hex", "base64") else []
        bits = decode(refresher(name, COUNT // per_number, *more))
        for title, test in TESTS:
            if present(title):
                good, text = test(bits)
                say(good, f"{name}, {title}", text)


RANGES = [  # min, max, and into how many equal buckets its values go (0: one for each value)
    (0, 1, 0), (0, 2, 0), (1, 6, 0), (-5, 5, 0), (0, 96, 0), (0, 255, 0), (0, 256, 0), (1, 1000, 0), (-128, 127, 0),
    (0, 3 * 2**30 - 1, 3),      # by remainder of 32 bits the first third would be twice as likely
    (0, 2**32, 1000), (0, 2**31 + 2, 999), (-(2**31), 2**31 - 1, 1024),
    (0, 3 * 2**61 - 1, 3), (-I64, -I64 + 3 * 2**62 - 1, 3),  # the same of 64 bits
    (-I64, I64 - 1, 1000), (I64 - 7, I64 - 1, 0),
]  # fmt: skip


def range_counts(values, low, high, buckets):
    """Counts of each bucket and what is expected in each: buckets of a range that they do not divide differ by one."""
    size = high - low + 1
    buckets = buckets or size
    counts = [0] * buckets
    for v in values:
        if not low <= v <= high:
            return None, None
        counts[(v - low) * buckets // size] += 1
    edges = [-(-i * size // buckets) for i in range(buckets + 1)]
    return counts, [len(values) * (b - a) / size for a, b in zip(edges, edges[1:])]


def test_ranges():
    for low, high, buckets in RANGES:
        more = ["--set", f"numbers.min={low}", "--set", f"numbers.max={high}"]
        values = list(map(int, refresher("range", COUNT, *more).split()))
        counts, expected = range_counts(values, low, high, buckets)
        name = f"range {low} ... {high}"
        if counts is None:
            say(False, name, "a number out of range")
            continue
        p = chi_square(counts, expected)
        ends = high - low > 10000 or (low in values and high in values)
        say(is_even(p) and ends, name, f"{len(counts)} buckets, p = {p:.4f}")


def test_float64():
    values = list(map(float, refresher("float64", COUNT).split()))
    counts = [0] * 1000
    for v in values:
        counts[int(v * 1000)] += 1
    p = chi_square(counts, COUNT / 1000)
    say(is_even(p) and 0 <= min(values) and max(values) < 1, "float64", f"1000 buckets, p = {p:.4f}")


def test_bad_data():
    """What a test cannot refuse it does not test."""
    good = os.urandom(COUNT)
    lean = bytearray(good)
    for i in range(0, len(lean), 16):  # the top bit is 1 in one byte of 16
        lean[i] |= 0x80
    bad = {
        "chi-square": bytes(lean), "repeats": good[:1000] * (COUNT // 1000), "ent": bytes(lean),
    }  # fmt: skip
    for title, test in TESTS:
        if present(title):
            say(not test(bad[title])[0], f"bad data, {title}", "refused")
    words = array.array("I", os.urandom(4 * COUNT))
    counts, expected = range_counts([w % (3 * 2**30) for w in words], 0, 3 * 2**30 - 1, 3)
    say(not is_even(chi_square(counts, expected)), "bad data, a remainder instead of a range", "refused")
    say(abs(chi_square([10, 20, 30], 20) - 0.00673795) < 1e-7, "the chi-square of a textbook", "p = exp(-5)")


# ---- dieharder ------------------------------------------------------------------------------------------------------
DIEHARDER = {0: "birthdays", 2: "ranks of 32x32", 8: "count the 1s", 10: "parking lot", 12: "3d spheres", 15: "runs",
             16: "craps", 100: "STS monobit", 101: "STS runs"}  # fmt: skip


def dieharder(number):
    """The assessments of one test on a stream of the format binary."""
    source = subprocess.Popen(
        [REFRESHER, "-q", "-s", "kernel", "-l", "none", "-f", "binary", "-", "1000000000"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    argv = ["dieharder", "-g", "200", "-d", str(number)]
    got = subprocess.run(argv, stdin=source.stdout, stdout=subprocess.PIPE, check=True).stdout.decode()
    source.stdout.close()
    source.wait()
    return re.findall(r"\|\s*([0-9.]+)\|\s*(PASSED|WEAK|FAILED)", got)


def test_dieharder():
    for number, name in DIEHARDER.items():
        rows = dieharder(number)
        if any(verdict == "FAILED" for _, verdict in rows):
            rows = dieharder(number)
        good = rows and not any(verdict == "FAILED" for _, verdict in rows)
        say(good, f"dieharder {number} ({name})", ", ".join(f"p = {p} {verdict}" for p, verdict in rows))


def main():
    missing = [t for t in ("ent",) + (("dieharder",) if LONG else ()) if not shutil.which(t)]
    test_bad_data()
    test_formats()
    test_ranges()
    test_float64()
    if LONG and "dieharder" not in missing:
        test_dieharder()
    for tool in missing:
        print(f"skip {tool}: not installed")
    print(f"{sum(verdicts)} passed, {verdicts.count(False)} failed, {len(missing)} skipped")
    sys.exit(0 if all(verdicts) else 1)


main()
