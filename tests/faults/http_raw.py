"""http_raw.py PORT IDLE: one table of requests, byte for byte, and what each must be answered, over sockets of its own.

Every request gets exactly the answers of its row, in order; behind the last one the connection ends, or it takes another
request, as the row says. Nothing is closed without a byte, and nothing is left open that should end. IDLE: the daemon's
idle time in seconds, which ends no row but those that wait for it. Prints a line for each failure; exits 1 on any."""

import re
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor

PORT, IDLE = int(sys.argv[1]), int(sys.argv[2])
SILENCE = 3  # seconds without a byte in which an end or an answer must have come
HOST = b" HTTP/1.1\r\nHost: x\r\n"
OPEN, END = "open", "end"
LIMIT = 8192  # bytes of a head


def get(path=b"/healthz", fields=b"", version=b"HTTP/1.1"):
    return b"GET " + path + b" " + version + b"\r\nHost: x\r\n" + fields + b"\r\n"


LIVEZ = get(b"/livez")
rows = []


def row(name, request, codes, last, half=False, pieces=None):
    """codes: of the answers, each a number or several of which one must come."""
    rows.append((name, pieces or [request], [c if isinstance(c, tuple) else (c,) for c in codes], last, half))


def lengths():
    """Sizes around the limit, densely, and around the powers of two and the buffers that other servers have."""
    near = {LIMIT + d for d in (0, *(s * d for d in (1, 2, 3, 5, 8, 16, 32, 64, 100, 150, 200, 300) for s in (1, -1)))}
    return sorted(near | set(range(7500, 8800, 50)) | {b + d for b in (4096, 16384, 32768, 65536) for d in (-300, -1, 0, 1, 300)})


def long_heads():
    """A head of n bytes, filled up in one place: answered where it fits, and 414 or 431 where not."""
    kinds = {
        "header": (b"GET /healthz" + HOST + b"X: ", b"a", b"\r\n\r\n", 200),
        "header name": (b"GET /healthz" + HOST + b"X", b"a", b": a\r\n\r\n", 200),
        "cookie": (b"GET /healthz" + HOST + b"Cookie: ", b"a=b;", b"\r\n\r\n", 200),
        "headers": (b"GET /healthz" + HOST, b"X: a\r\n", b"\r\n", 200),
        "query": (b"GET /healthz?", b"a", HOST + b"\r\n", 200),
        "arguments": (b"GET /healthz?", b"a&", HOST + b"\r\n", 200),
        "excludes": (b"GET /readyz?", b"exclude=source&", HOST + b"\r\n", 200),
        "escapes": (b"GET /healthz?", b"%61=%62&", HOST + b"\r\n", 200),
        "path": (b"GET /", b"a", HOST + b"\r\n", 404),
        "check": (b"GET /healthz/", b"a", HOST + b"\r\n", 404),
        "method": (b"A", b"A", b" /healthz" + HOST + b"\r\n", 405),
        "host": (b"GET /healthz HTTP/1.1\r\nHost: a", b"a", b"\r\n\r\n", 200),
        "Accept": (b"GET /metrics" + HOST + b"Accept: ", b"a/b,", b"\r\n\r\n", 200),
    }
    for kind, (before, unit, after, code) in kinds.items():
        for n in lengths():
            times = max(0, n - len(before) - len(after)) // len(unit)
            head = before + unit * times + after
            if len(head) <= LIMIT:
                row(f"{kind}, {len(head)} bytes", head, [code], OPEN)
            else:
                row(f"{kind}, {len(head)} bytes", head, [(414, 431)], END)
    for n in (LIMIT, LIMIT + 1, 3 * LIMIT):
        row(f"a line of {n} bytes without an end", b"GET /" + b"a" * (n - 5), [414], END)
        row(f"fields of {n} bytes without an end", (b"GET /" + HOST + b"X: a\r\n" * n)[:n], [431], END)
        row(f"{n} bytes of empty lines", b"\r\n" * (n // 2) + LIVEZ, [200], OPEN)


def framing():
    """Where a request ends: what two programs could read differently is refused, and nothing behind it is a request."""
    for value in (b"+0", b"-0", b"+5", b"-1", b"0x5", b"5,5", b"5, 6", b"", b" ", b"a", b"1e3", b"5;a", b'"5"', b"5 5", b"\0005"):
        row(f"Content-Length: {value!r}", get(fields=b"Content-Length: " + value + b"\r\n") + b"hello" + LIVEZ, [400], END)
    for value in (b"4097", b"9223372036854775808", b"18446744073709551616", b"9" * 30):
        row(f"Content-Length: {value!r}", get(fields=b"Content-Length: " + value + b"\r\n") + b"hello" + LIVEZ, [413], END)
    for a in (b"5", b"0", b"+5", b""):
        for b in (b"5", b"6", b"0"):
            two = b"Content-Length: " + a + b"\r\nCONTENT-LENGTH: " + b + b"\r\n"
            row(f"Content-Length {a!r} and {b!r}", get(fields=two) + b"hello" + LIVEZ, [400], END)
    for coding, code in ((b"chunked", 413), (b"x", 501), (b"identity", 501), (b"gzip, chunked", 501), (b"", 501), (b"\x0bchunked", 400)):
        field = b"Transfer-Encoding: " + coding + b"\r\n"
        row(f"Transfer-Encoding: {coding!r}", get(fields=field) + b"0\r\n\r\n" + LIVEZ, [code], END)
        row(f"{coding!r} and a length", get(fields=field + b"Content-Length: 5\r\n") + b"0\r\n\r\n" + LIVEZ, [400], END)
        row(f"a length and {coding!r}", get(fields=b"Content-Length: 0\r\n" + field) + b"0\r\n\r\n" + LIVEZ, [400], END)
        row(f"{coding!r} twice", get(fields=field * 2) + b"0\r\n\r\n" + LIVEZ, [400], END)
        row(f"{coding!r} in HTTP/1.0", get(fields=field, version=b"HTTP/1.0") + b"0\r\n\r\n" + LIVEZ, [400], END)
    for field in (b"Content-Length : 5", b"Transfer-Encoding : chunked", b"Content-Length\t: 5", b"X: a\r\n b", b"X: a\r\n\tContent-Length: 5",
                  b"Content-Length:\r\n 5", b" Content-Length: 5", b"X: a\rContent-Length: 5", b"X: a\nContent-Length: 5", b"X: a\0b", b"X\0: a"):
        row(f"a field {field!r}", get(fields=field + b"\r\n") + b"hello" + LIVEZ, [400], END)
    row("a small body", get(fields=b"Content-Length: 5\r\n") + b"hello" + LIVEZ, [200], END)
    row("a request for a body", b"POST /healthz" + HOST + b"Content-Length: " + b"%d" % len(LIVEZ) + b"\r\n\r\n" + LIVEZ, [405], END)
    row("a body that is announced", get(fields=b"Expect: 100-continue\r\nContent-Length: 5\r\n"), [200], END)
    row("no body, zeros", get(fields=b"Content-Length: 000\r\n") + LIVEZ, [200, 200], OPEN)


def lines():
    row("bare LF", b"GET /healthz HTTP/1.1\nHost: x\n\n", [400], END)
    row("a bare LF in the middle", b"GET /healthz HTTP/1.1\r\nHost: x\n\r\n", [400], END)
    row("a bare LF at the end", b"GET /healthz HTTP/1.1\r\nHost: x\r\n\n", [400], END)
    row("bare CR", b"GET /healthz HTTP/1.1\rHost: x\r\r", [400], END)
    for line in (b"GET /healthz", b"GET /healthz ", b"GET", b"GET /healthz HTTP/1.", b"GET /healthz HTTP/11", b"GET /healthz http/1.1",
                 b"GET /healthz HTTP/1.10", b"GET /healthz HTTP/01.1", b"GET /healthz FOO/1.1", b"GET /healthz HTTP/1.1 ", b" GET /healthz HTTP/1.1",
                 b"GET  /healthz HTTP/1.1", b"GET /healthz  HTTP/1.1", b"GET /health z HTTP/1.1", b"GET\t/healthz\tHTTP/1.1", b"GET HTTP/1.1",
                 b"G\0T /healthz HTTP/1.1", b"GET /healthz\0 HTTP/1.1", b"GET /he\x80althz HTTP/1.1", b"\xff\xfe\x01", b"hello"):
        row(f"a first line {line!r}", line + b"\r\nHost: x\r\n\r\n" + LIVEZ, [400], END)
    row("HTTP/0.9", b"GET /healthz\r\n", [400], END)
    row("a TLS hello", b"\x16\x03\x01\x00\xc8\x01\x00\x00\xc4\x03\x03" + b"\x01" * 32, [400], END)
    for version in (b"HTTP/2.0", b"HTTP/0.9", b"HTTP/9.9"):
        row(f"{version}", get(version=version) + LIVEZ, [505], END)
    row("the preface of HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [505], END)
    row("HTTP/1.0", b"GET /healthz HTTP/1.0\r\n\r\n", [200], END)
    row("HTTP/1.0 that asks to stay", b"GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", [200], END)
    row("HTTP/1.2", get(version=b"HTTP/1.2"), [200], OPEN)
    for name, host, code in (("no Host", b"", 400), ("an empty Host", b"Host:\r\n", 200), ("two Hosts", b"Host: x\r\nHost: y\r\n", 400),
                             ("the same Host twice", b"Host: x\r\nhost: x\r\n", 400), ("a blank in Host", b"Host: a b\r\n", 400),
                             ("two names in Host", b"Host: a, b\r\n", 400), ("a path in Host", b"Host: a/b\r\n", 400)):
        row(name, b"GET /healthz HTTP/1.1\r\n" + host + b"\r\n", [code], OPEN if code == 200 else END)
    for field in (b"nocolon", b": x", b"X Y: x", b" ", b"X(: x"):
        row(f"a field {field!r}", get(fields=field + b"\r\n") + LIVEZ, [400], END)


def targets():
    for path in (b"/%00", b"/healthz%00", b"/readyz/%00", b"/healthz%00/x", b"/%00healthz", b"/readyz%00?verbose", b"/metrics%00",
                 b"/numbers.txt%00", b"/readyz/source%00", b"http://x/healthz%00", b"http://x%00/healthz", b"/healthz%", b"/healthz%0",
                 b"/healthz%zz", b"/healthz#x", b"/healthz;x", b"/./healthz", b"/a/../healthz", b"//healthz", b"healthz", b"*", b"x:80",
                 b"http:/healthz", b"ftp://x/healthz", b"\\healthz", b"/../../etc/passwd", b"/%2e%2e/%2e%2e/etc/passwd"):
        row(f"the target {path!r}", get(path), [404], OPEN)
    for path in (b"/%68ealthz", b"/healthz%2Fworker", b"/healthz?", b"/healthz?exclude=%00", b"/healthz??", b"http://x/healthz", b"HTTP://x/healthz",
                 b"https://x/healthz", b"http://x", b"http://x?verbose"):
        row(f"the target {path!r}", get(path), [200], OPEN)
    for method in (b"FOO", b"get", b"POST", b"PUT", b"DELETE", b"TRACE", b"CONNECT", b"PATCH"):
        row(f"the method {method!r}", method + b" /healthz" + HOST + b"\r\n" + LIVEZ, [405, 200], OPEN)
    row("OPTIONS *", b"OPTIONS *" + HOST + b"\r\n", [405], OPEN)
    row("CONNECT", b"CONNECT x:80" + HOST + b"\r\n", [405], OPEN)


def pipelines():
    for name, first, codes in (("404", get(b"/x"), [404, 200]), ("405", b"PUT /" + HOST + b"\r\n", [405, 200]), ("200", get(), [200, 200])):
        row(f"another request behind {name}", first + LIVEZ, codes, OPEN)
    for name, first, code in (("400", b"GET /healthz HTTP/1.1\r\n\r\n", 400), ("413", get(fields=b"Content-Length: 5000\r\n") + b"a" * 5000, 413),
                              ("414", get(b"/" + b"a" * 20000), 414), ("431", get(fields=b"X: " + b"a" * 20000 + b"\r\n"), 431),
                              ("501", get(fields=b"Transfer-Encoding: x\r\n"), 501), ("505", get(version=b"HTTP/2.0"), 505),
                              ("Connection: close", get(fields=b"Connection: close\r\n"), 200)):
        row(f"another request behind {name}", first + LIVEZ, [code], END)
    row("a hundred requests", LIVEZ * 100, [200] * 100, OPEN)
    row("a hundred pages", get(b"/metrics") * 100, [200] * 100, OPEN)
    row("empty lines between requests", LIVEZ + b"\r\n\r\n" + LIVEZ, [200, 200], OPEN)
    request = get(b"/readyz?verbose", b"Accept: */*\r\n")
    for i in range(1, len(request)):
        row(f"cut behind byte {i}", None, [200], OPEN, pieces=[request[:i], request[i:]])
    row("byte by byte", None, [200], OPEN, pieces=[bytes([c]) for c in LIVEZ])


def half_closed():
    for path, code in ((b"/healthz", 200), (b"/metrics", 200), (b"/numbers.txt", 200), (b"/none", 404)):
        row(f"half-closed {path}", get(path), [code], END, half=True)
    row("half-closed HEAD", b"HEAD /metrics" + HOST + b"\r\n", [200], END, half=True)
    row("half-closed behind three", get() + get(b"/numbers.txt") + LIVEZ, [200, 200, 200], END, half=True)
    row("half-closed behind a hundred", get(b"/metrics") * 100, [200] * 100, END, half=True)
    row("half-closed with a body", b"POST /" + HOST + b"Content-Length: 5\r\n\r\nhello", [405], END, half=True)
    row("half-closed behind a refusal", get(fields=b"Content-Length: x\r\n"), [400], END, half=True)
    for part in (b"GET /heal", b"GET /healthz" + HOST, b"GET /healthz" + HOST + b"X: a", b"\r"):
        row(f"half-closed in the middle, {part!r}", part, [400], END, half=True)
    row("half-closed without a request", b"", [], END, half=True)


def cut_answer(data, head_only):
    """(code, what follows the answer), or None while it is not whole."""
    head, found, rest = data.partition(b"\r\n\r\n")
    if not found:
        return None
    status = re.fullmatch(rb"HTTP/1\.1 ([1-5][0-9][0-9]) [ -~]+", head.split(b"\r\n")[0])
    length = re.search(rb"\r\nContent-Length: (\d+)", head)
    if not status or not length:
        raise ValueError(f"no answer: {data[:200]!r}")
    want = 0 if head_only else int(length.group(1))
    return (int(status.group(1)), rest[want:]) if len(rest) >= want else None


def hears(s, n, head_only):
    """Up to n answers' codes, what came behind them, and how it ended: END, OPEN (silence) or "reset"."""
    codes, data, last = [], b"", OPEN
    try:
        while len(codes) < n:
            answer = cut_answer(data, head_only)
            if answer:
                codes.append(answer[0])
                data = answer[1]
                continue
            more = s.recv(65536)
            if not more:
                return codes, data, END
            data += more
    except socket.timeout:
        return codes, data, OPEN
    except ConnectionError:
        return codes, data, "reset"
    return codes, data, last


def ends(s):
    """What comes until the end, and how it ends."""
    data = b""
    try:
        while more := s.recv(65536):
            data += more
    except socket.timeout:
        return data, OPEN
    except ConnectionError:
        return data, "reset"
    return data, END


def run(one):
    name, pieces, codes, last, half = one
    with socket.create_connection(("127.0.0.1", PORT)) as s:
        s.settimeout(SILENCE)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            for piece in pieces:
                if len(pieces) > 1:
                    time.sleep(0.002)
                s.sendall(piece)
            if half:
                s.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it was refused before it was over
        try:
            got, rest, how = hears(s, len(codes), pieces[0].startswith(b"HEAD"))
            if len(got) != len(codes) or any(g not in c for g, c in zip(got, codes)):
                return f"{name}: {got[:5]} {how} instead of {codes[:5]}"
            if last == END:
                more, how = ends(s) if how == OPEN else (b"", how)
                return f"{name}: {how} with {(rest + more)[:100]!r} behind {got[:5]}" if rest + more or how != END else None
            s.sendall(LIVEZ)
            got, rest, how = hears(s, 1, False)
            return None if got == [200] and not rest else f"{name}: it does not take another request: {got} {how} {rest[:100]!r}"
        except (OSError, ValueError) as e:
            return f"{name}: {e}"


# What never comes to its end is told so when the idle time is over; who says nothing is just let go.
LATE = ((b"GET /heal", 408), (b"GET /healthz" + HOST, 408), (b"GET /healthz" + HOST + b"X: a\r", 408), (b"", None))


def run_late(one):
    part, code = one
    with socket.create_connection(("127.0.0.1", PORT)) as s:
        s.settimeout(IDLE + 5)
        s.sendall(part)
        data, how = ends(s)
        got = cut_answer(data, False)[0] if data else None
        return None if got == code and how == END else f"{part!r} and then nothing: {got} {how}"


def main():
    for kind in (long_heads, framing, lines, targets, pipelines, half_closed):
        kind()
    with ThreadPoolExecutor(24) as threads:
        failures = [f for f in (*threads.map(run, rows), *threads.map(run_late, LATE)) if f]
    print("\n".join(failures[:60]))
    n = len(rows) + len(LATE)
    print(f"{n - len(failures)} of {n} requests are answered as they should be")
    return 1 if failures else 0


sys.exit(main())
