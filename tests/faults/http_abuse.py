"""http_abuse.py own|slowhttptest|wrk: the daemon under rude HTTP clients, of our own or of a tool.

One daemon lives through all rows. During each one
  - a probe of /healthz on a fresh connection every 100 ms is answered with 200 within 1 s, every single one;
  - the refresh keeps its beat: time / interval - 2 of them at least. The time is counted by the watcher's own beats, so
    that what a busy machine takes from everybody is not held against the daemon;
  - resident memory and descriptors stay bounded; and when the clients have left, the descriptors are as before.
Each row prints its figures. SEED= repeats a run, ROW= picks rows by a part of their sentence."""

import json
import os
import re
import resource
import shutil
import socket
import subprocess
import sys
import threading
import time

from http_crowd import Load, Response, dribble, exchange, gather, reset, send
from rig import Failed, Skipped, World, check, run_rows, until

KIND = sys.argv[1] if len(sys.argv) > 1 else "own"
SEED = os.environ.get("SEED", "1")
SECONDS = 2.5  # of abuse in each row
INTERVAL = 0.5
BEAT = 0.1  # of http_watch.py
COUNT = 200000  # 2.2 MB: more than the kernel's buffers of a connection to a narrow client
# The daemon's limit of 64 connections, and the 32 that may be open beyond it before those shut down are gone.
CONNECTIONS = 64 + 32
DESCRIPTORS = 2 * CONNECTIONS + 8  # a socket each and the file it reads; some for the refresh
# What the connections of a crowd may add to the budget of 6 MiB that holds without one. Measured: 4.2 MB idle and 8.3 MB
# in the heaviest row, where each connection holds what it uses of its pool (24 KiB) and a copy of /metrics (12 KiB).
RSS_KB = 10240

END = b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
STAY = b" HTTP/1.1\r\nHost: x\r\n\r\n"
NUMBERS = b"GET /numbers.txt" + STAY


# ---- crowds ----------------------------------------------------------------------------------------------------------
def slow_headers(load):
    dribble(load, 500, [b"GET /heal", b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: "], b"a")


def slow_bodies(load):
    lengths = [b"Content-Length: 4000", b"Content-Length: 1000000", b"Transfer-Encoding: chunked"]
    firsts = [b"POST /healthz HTTP/1.1\r\nHost: x\r\n" + n + b"\r\n\r\n" for n in lengths]
    dribble(load, 500, firsts, b"1")


def more_arguments(load):
    """What libmicrohttpd cannot store it may leave unanswered, until the connection is idle for too long."""
    gather(load, 2000, b"GET /readyz?" + b"a&" * 3000 + STAY, 800)


def raise_limit(wanted):
    """How many of the wanted descriptors this process may open."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for limit in ((max(wanted, soft), max(wanted, hard)), (min(max(wanted, soft), hard), hard)):
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, limit)
            return min(wanted, limit[0])
        except (ValueError, OSError):
            pass
    return min(wanted, soft)


def ten_thousand_idle(load):
    wanted = 10000
    can = raise_limit(wanted + 200) - 200
    n = gather(load, can, b"", 6000, patience=60)
    check(n == can, f"only {n} connections in a minute")
    return "" if can == wanted else f"only {can} connections: the limit of descriptors is {can + 200}"


def slow_readers(load):
    gather(load, 2000, NUMBERS, 800, narrow=True)


def readers_of_nothing(load):
    """Each answer is a page in the daemon's memory; the next one waits until it is gone."""
    gather(load, 2000, (b"GET /metrics" + STAY) * 60, 800, narrow=True)


# ---- strict clients --------------------------------------------------------------------------------------------------
def pipelining(load):
    """Every answer comes, in order, on 20 connections at once."""
    paths = [b"/healthz", b"/none", b"/readyz", b"/metrics"]
    codes = [200, 404, 200, 200]
    batch = b"".join(b"GET " + p + STAY for p in paths) * 12
    clients = [load.connect() for _ in range(20)]
    load.keep(clients)
    requests = 0
    while load.goes_on():
        for s in clients:
            check(send(s, batch), "a connection in use was closed")
        for s in clients:
            data = b""
            for i in range(4 * 12):
                data = next_response(s, data, codes[i % 4])
            check(not data, f"more than was asked for: {data[:200]!r}")
            requests += 4 * 12
    return f"{requests} requests"


def next_response(s, data, code):
    """Reads one answer; what follows it."""
    while True:
        if b"\r\n\r\n" in data:
            a = Response(data)
            if a.whole:
                check(a.code == code, f"{a.code} instead of {code}")
                return a.rest
        more = s.recv(65536)
        check(more, "closed between two answers")
        data += more


def ask_all(load, table):
    """Sends the requests of a table one after the other, each on its connection: every one once at least. A row: the
    request, and the codes that may come; 0: the connection is closed without a word. Where there are several, they are
    those of libmicrohttpd 0.9.75 (Debian 12) and 1.0.1 (Debian 13)."""
    todo = list(table)
    while todo or load.goes_on():
        request, codes = todo.pop() if todo else load.random.choice(table)
        data, closed = exchange(load, request)
        what = f"{request[:60]!r}..."
        check(closed, f"{what}: still open, after {data[:100]!r}")
        if not data:
            check(0 in codes, f"{what}: no answer")
            continue
        a = Response(data)
        check(a.code in codes, f"{what}: {a.code}")
        # libmicrohttpd 0.9.75 says some of its own refusals twice.
        check(a.whole and (a.code in (400, 413, 431) or not a.rest), f"{what}: {a.head}, {a.body[:99]}, {a.rest[:99]!r}")


def header_lines(lines, path=b"/healthz"):
    return b"GET " + path + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + lines + b"\r\n"


def over_long(load):
    ask_all(
        load,
        [
            (b"GET /" + b"a" * 6000 + END, [404]),  # fits
            (b"GET /" + b"a" * 8192 + END, [414, 431]),
            (b"GET /" + b"a" * 100000 + END, [414, 431]),
            (b"GET /healthz?" + b"a" * 20000 + END, [414, 431]),
            (b"A" * 20000 + b" /" + END, [0, 405, 414, 431]),
            (b"GET / HTTP/1.1" + b"1" * 20000 + b"\r\n\r\n", [400, 414, 431]),
            (b"\r\n" * 10000 + b"GET /" + END, [0, 200, 400, 414]),
            (header_lines(b"X: " + b"a" * 20000 + b"\r\n"), [431]),
            (header_lines(b"X" * 20000 + b": a\r\n"), [431]),
            (header_lines(b"".join(b"X-%d: a\r\n" % i for i in range(2000))), [431]),
            (header_lines(b"X: a\r\n" * 900), [431]),
            (header_lines(b"Cookie: " + b"a=b;" * 5000 + b"\r\n"), [431]),
            (header_lines(b"X: a\r\n" + b" a\r\n" * 5000), [400, 431]),
            (header_lines(b"Content-Length: 4097\r\n"), [413]),
            (header_lines(b"Content-Length: " + b"9" * 30 + b"\r\n"), [413]),
            (header_lines(b"Range: bytes=" + b"0-," * 1000 + b"\r\n", b"/numbers.txt"), [200]),
        ],
    )


def rubbish(random):
    return bytes(random.randrange(256) for _ in range(random.randrange(1, 400)))


def bad_bytes(load):
    method = [(m + b" /healthz" + END, [405]) for m in b"FOO get POST PUT DELETE TRACE PATCH PRI OPTIONS".split()]
    ask_all(
        load,
        method
        + [
            (b"CONNECT localhost:22" + END, [405]),
            (b"GET /healthz HTTP/9.9\r\nHost: x\r\n\r\n", [505]),
            (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [505]),
            (b"GET /healthz\r\n\r\n", [400]),
            (b" GET /healthz" + END, [0, 400]),
            (b"GET /healthz HTTP/1.1\rHost: x\r\r\n\r\n", [0, 400]),
            (b"GET /he\0althz" + END, [0, 404]),
            (b"GET /\xff\xfe\x80" + END, [400, 404]),
            (b"GET /%ff%zz%" + END, [400, 404]),
            (b"GET /../../etc/passwd" + END, [404]),
            (b"GET /%2e%2e/%2e%2e/etc/passwd" + END, [404]),
            (b"\x16\x03\x01\x00\xc8\x01\x00\x00\xc4\x03\x03" + rubbish(load.random) + b"\r\n\r\n", [0, 400]),  # TLS
            (b"G\0T /healthz" + END, [0, 405]),
            (b"GET \0\0\0\0" + END, [0, 404]),
            (b"\xff" * 3000 + b"\r\n\r\n", [0, 400]),
            (header_lines(b"no colon\r\n"), [400]),
            (header_lines(b"Content-Length: -1\r\n"), [400]),
            (header_lines(b"Content-Length: zz\r\n"), [400]),
            # What could smuggle a second request closes the connection behind the first.
            (header_lines(b"Content-Length: 34\r\n") + b"GET /status" + STAY, [200]),
            (header_lines(b"Content-Length: 5\r\nContent-Length: 6\r\n") + b"GET /status" + STAY, [200, 400]),
            (header_lines(b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n") + b"0\r\n\r\nGET /" + STAY, [400, 413]),
            (header_lines(b"Transfer-Encoding: x\r\n") + b"0\r\n\r\nGET /" + STAY, [400, 413]),
            (header_lines(b"Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n"), [200]),
        ]
        + [(rubbish(load.random) + b"\r\n\r\n", [0, 400, 404, 405, 505]) for _ in range(100)],
    )


def head_and_options(load):
    pages = [b"/", b"/healthz", b"/livez", b"/readyz", b"/startupz", b"/metrics", b"/status", b"/numbers.txt", b"/none"]
    while load.goes_on():
        for page in pages:
            got, head, options = (exchange(load, m + b" " + page + END)[0] for m in (b"GET", b"HEAD", b"OPTIONS"))
            a, b, c = Response(got), Response(head, head_only=True), Response(options)
            check(a.whole and not a.rest, f"GET {page}: {len(a.body)} bytes of {a.length}")
            check(a.code == b.code and a.fields.keys() == b.fields.keys(), f"HEAD {page}: {b.head} is not {a.head}")
            check(not b.rest, f"HEAD {page}: a body")
            check(c.code == 405 and c.fields["allow"] == "GET, HEAD", f"OPTIONS {page}: {c.head}")
        check(Response(exchange(load, b"OPTIONS *" + END)[0]).code == 405, "OPTIONS *")


def header_injection(load):
    known = {"date", "connection", "content-type", "cache-control", "x-content-type-options", "content-length", "allow"}
    known |= {"etag", "last-modified"}
    evil = b"%0d%0aX-Evil:%20yes%0d%0a%0d%0aHTTP/1.1%20200%20OK%0d%0aX-Evil:%20yes%0d%0a"
    lone = b"%0aX-Evil:%20yes%0dX-Evil:%20yes%00"
    raw = b"a\rX-Evil: yes\x0b\x0cX-Evil: yes"
    targets = [b"/", b"/healthz", b"/readyz/", b"/readyz?exclude=", b"/readyz?verbose&exclude=", b"/readyz?verbose&"]
    targets += [b"/healthz?verbose&verbose=", b"/numbers.txt?", b"/none/", b"http://x/", b"http://x"]
    fields = [b"Host", b"Accept", b"If-None-Match", b"If-Range", b"Range", b"If-Modified-Since", b"Cookie", b"Referer"]
    requests = [m + b" " + t + e + END for m in (b"GET", b"HEAD", b"POST") for t in targets for e in (evil, lone)]
    host = b"Host: x\r\n"
    requests += [b"GET /numbers.txt HTTP/1.1\r\n" + (b"" if f == b"Host" else host) + f + b": " + v + END[END.index(b"\r\nConn"):]
                 for f in fields for v in (evil, raw)]  # fmt: skip
    while load.goes_on():
        for request in requests:
            data, _ = exchange(load, request)
            check(data, f"{request!r}: no answer")
            a = Response(data, request.startswith(b"HEAD"))
            check(b"evil" not in a.head.lower() and set(a.fields) <= known, f"{request!r}: {a.head!r}")
            check(a.whole and not a.rest, f"{request!r}: {a.rest[:200]!r} behind the answer")


def half_closed(load):
    """Who asked is answered in full, however much it is. Who did not ask to the end waits for the idle time at most:
    libmicrohttpd may not notice an end that came together with the last bytes."""
    while load.goes_on():
        for path in (b"/healthz", b"/metrics", b"/numbers.txt"):
            with load.connect() as s:
                check(send(s, b"GET " + path + STAY), "closed at once")
                s.shutdown(socket.SHUT_WR)
                check(not next_response(s, b"", 200), f"{path}: more than one answer")
        for part in (b"", b"GET /heal", b"GET /healthz HTTP/1.1\r\nHost: x\r\n", b"POST / HTTP/1.1\r\nContent-Le"):
            s = load.open(part)
            load.keep([s])
            try:
                s.shutdown(socket.SHUT_WR)
            except OSError:  # pushed out already
                pass


def resets(load):
    """In the middle of an answer, of a request, and before the server knows of the connection."""
    while load.goes_on():
        s = load.open(NUMBERS, narrow=True)
        check(s.recv(2000).startswith(b"HTTP/1.1 200 "), "no answer")
        reset(s)
        reset(load.open((b"GET /metrics" + STAY) * 20))
        reset(load.open(b"GET /heal"))
        reset(load.connect())


def everything(load):
    """All at once, each at a quarter of its pace: more than a busy machine can accept would be another test."""
    jobs = [slow_headers, slow_bodies, more_arguments, slow_readers, readers_of_nothing, bad_bytes, resets]
    loads = [Load(load.port, load.end - time.monotonic(), f"{SEED} {job.__name__}", pace=0.25) for job in jobs]
    threads = [threading.Thread(target=quietly, args=(j, one)) for j, one in zip(jobs, loads)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    for one in loads:
        load.opened += one.opened
        load.keep(one.kept)


def quietly(job, load):
    """A client that the others have pushed out is nobody's failure."""
    while load.goes_on():
        try:
            job(load)
        except (OSError, Failed):
            time.sleep(0.02)


# ---- tools -----------------------------------------------------------------------------------------------------------
def tool(load, *argv):
    if not shutil.which(argv[0]):
        raise Skipped(f"{argv[0]} is not installed")
    got = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=30)
    text = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", got.stdout.decode(errors="replace"))
    check(got.returncode == 0, f"{argv[0]}: exit {got.returncode}: {text[-600:]}")
    return text


def slowhttptest(mode, *more, page="/healthz"):
    def abuse(load):
        text = tool(load, "slowhttptest", mode, "-c", "600", "-r", "400", "-l", "4", "-p", "1", *more,
                    "-u", f"http://127.0.0.1:{load.port}{page}")  # fmt: skip
        load.opened += 600
        said = re.findall(r"service available:\s*(\w+)", text)
        check(said and "NO" not in said, f"service available: {said}: {text[-600:]}")

    return abuse


def wrk(connections, page, polite):
    def abuse(load):
        text = tool(load, "wrk", "-t", "1", "-c", str(connections), "-d", "3s", f"http://127.0.0.1:{load.port}{page}")
        load.opened += connections
        check("Non-2xx" not in text, text)
        check(not polite or "Socket errors" not in text, text)
        answered = int(re.search(r"([0-9]+) requests in ", text).group(1))
        check(answered > 0, f"they push each other out before they have asked: {text}")
        return f"{answered / 3:.0f} requests a second"

    return abuse


# sentence, abuse, descriptors that it must occupy, or else it did not bite
FULL = 48
ROWS = {
    "own": [
        ("500 clients with slow headers", slow_headers, FULL),
        ("500 clients with slow bodies", slow_bodies, 0),
        ("800 clients a second with more arguments than fit", more_arguments, 0),
        ("10000 idle connections, 6000 a second at most", ten_thousand_idle, FULL),
        ("800 clients a second that do not read the numbers", slow_readers, 2 * FULL),
        ("800 clients a second that ask for 60 pages and read none", readers_of_nothing, FULL),
        ("20 clients with 48 requests at a time", pipelining, 20),
        ("over-long lines and header sets", over_long, 0),
        ("bad methods and bad bytes", bad_bytes, 0),
        ("HEAD and OPTIONS", head_and_options, 0),
        ("header injection", header_injection, 0),
        ("half-closed sockets", half_closed, 0),
        ("resets in the middle of an answer", resets, 0),
        ("everything at once", everything, FULL),
        ("SIGTERM in the middle of everything", None, 0),
    ],
    "slowhttptest": [
        ("slowhttptest -H: slow headers", slowhttptest("-H", "-i", "1", "-x", "24"), 0),
        ("slowhttptest -B: slow bodies", slowhttptest("-B", "-i", "1", "-s", "8192"), 0),
        ("slowhttptest -X: slow reading", slowhttptest("-X", "-w", "1", "-y", "64", "-k", "3", page="/numbers.txt"), 0),
        ("slowhttptest -R: many ranges", slowhttptest("-R", "-a", "5", "-b", "2000", page="/numbers.txt"), 0),
    ],
    "wrk": [
        ("wrk with 50 connections, as many as there may be", wrk(50, "/healthz", True), 0),
        ("wrk with 400 connections, which come back at once when pushed out", wrk(400, "/metrics", False), 0),
    ],
}


class Watch:
    """http_watch.py, from its first probe on."""

    def __init__(self, w):
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "http_watch.py")
        argv = [sys.executable, script, str(w.port), str(w.pid)]
        self.process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        check(self.process.stdout.readline() == "watching\n", "the watcher does not watch")

    def end(self):
        return json.loads(self.process.communicate()[0])


def descriptors(w):
    return int(w.metrics()["process_open_fds"])


def measure(w, name, abuse):
    """Figures of one row of abuse: what the daemon and the watcher say."""
    load = Load(w.port, SECONDS, f"{SEED} {name}")
    before, began = w.metrics(), time.monotonic()
    watch = Watch(w)
    try:
        said = abuse(load)
        after, seconds = w.metrics(), time.monotonic() - began
    finally:
        seen = watch.end()
        load.release()
    seen["refreshes"] = int(after["refreshes_total"] - before["refreshes_total"])
    seen["descriptors"] = int(after["process_open_fds"])
    seen["seconds"], seen["connections"], seen["said"] = seconds, load.opened, said
    return seen


def ends_in_the_middle(w):
    """SIGTERM with all of them at the door."""
    load = Load(w.port, SECONDS, f"{SEED} SIGTERM")
    crowd = threading.Thread(target=quietly, args=(everything, load))
    crowd.start()
    time.sleep(1)  # they have arrived
    began = time.monotonic()
    w.stop()
    seconds = time.monotonic() - began
    crowd.join()
    load.release()
    return f"ended after {seconds:.2f} s"


def test_row(w, idle, sanitized, row):
    name, abuse, least = row
    if abuse is None:
        return ends_in_the_middle(w)
    until(lambda: descriptors(w) <= idle, "the clients of another row have left")
    f = measure(w, name, abuse)
    text = (
        f"{f['connections']} connections, {f['probes']} probes, worst {f['worst_ms']} ms, RSS {f['rss_kb']} kB, "
        f"{f['descriptors']} descriptors, {f['refreshes']} refreshes in {f['seconds']:.1f} s"
    ) + (f", {f['said']}" if f["said"] else "")
    check(not f["late"], f"{len(f['late'])} probes failed: {f['late'][:5]}; {text}")
    check(f["refreshes"] >= f["probes"] * BEAT / INTERVAL - 2, "the refresh lost its beat; " + text)
    check(sanitized or f["rss_kb"] <= RSS_KB, f"more than {RSS_KB} kB resident; " + text)
    check(idle - 1 + least <= f["descriptors"] <= idle + DESCRIPTORS, f"{idle} descriptors before; " + text)
    until(lambda: descriptors(w) <= idle, lambda: f"{descriptors(w)} descriptors, {idle} before; {text}")
    return text


def main():
    print(f"http abuse: seed {SEED}, {SECONDS} s a row, bound {RSS_KB} kB", flush=True)
    # An idle time that ends no row, and does not hold up the next.
    args = ["--set", "http.serve_numbers=true", "--set", "http.idle_timeout=3"]
    with World("plain", "http abuse", args, interval=INTERVAL, count=COUNT) as w:
        w.start()
        w.ready()
        w.beat(2)
        # the metric is up to a second old, and may have met a temporary file
        idle = min([descriptors(w), *(time.sleep(0.7) or descriptors(w) for _ in range(4))])
        sanitized = json.loads(w.get("/status")[1])["confinement"]["seccomp"]["detail"] == "off: sanitizer build"
        try:
            run_rows(ROWS[KIND], lambda row: test_row(w, idle, sanitized, row), at_once=1)
        finally:
            if not w.is_over():
                w.stop()


main()
