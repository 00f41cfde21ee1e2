"""http_raw.py PORT: one table of requests, byte for byte, and what each must be answered, over sockets of its own.

Every request gets the answers of its row, in order; behind the last one the connection ends, or it takes another request,
as the row says. Where the library answers before the daemon is asked, it closes some malformed lines without a word, and
some refusals are followed by a second one (libmicrohttpd 0.9.75): such a row is LOOSE, it must end, and nothing behind it
may be answered as a request. Prints a line for each failure; exits 1 on any."""

import re
import socket
import sys
from concurrent.futures import ThreadPoolExecutor

PORT = int(sys.argv[1])
SILENCE = 3  # seconds without a byte in which an end or an answer must have come
HOST = b" HTTP/1.1\r\nHost: x\r\n"
OPEN, END, LOOSE = "open", "end", "loose"
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
    near = {LIMIT + s * d for d in (0, 1, 2, 3, 5, 8, 16, 32, 64, 100, 150, 200, 300) for s in (1, -1)}
    return sorted(near | set(range(7500, 8800, 100)) | {b + d for b in (4096, 16384) for d in (-300, -1, 0, 1, 300)} | {65536})


def long_heads():
    """A head of n bytes, filled up in one place: answered where it fits, and 414 or 431 where not."""
    kinds = {
        "header": (b"GET /healthz" + HOST + b"X: ", b"a", b"\r\n\r\n", 200),
        "header name": (b"GET /healthz" + HOST + b"X", b"a", b": a\r\n\r\n", 200),
        "query": (b"GET /healthz?", b"a", HOST + b"\r\n", 200),
        "path": (b"GET /", b"a", HOST + b"\r\n", 404),
        "check": (b"GET /healthz/", b"a", HOST + b"\r\n", 404),
        "method": (b"A", b"A", b" /healthz" + HOST + b"\r\n", 405),
        "host": (b"GET /healthz HTTP/1.1\r\nHost: a", b"a", b"\r\n\r\n", 200),
        "Accept": (b"GET /metrics" + HOST + b"Accept: ", b"a/b,", b"\r\n\r\n", 200),
    }
    for kind, (before, unit, after, code) in kinds.items():
        for n in lengths():
            head = before + unit * (max(0, n - len(before) - len(after)) // len(unit)) + after
            if len(head) <= LIMIT:
                row(f"{kind}, {len(head)} bytes", head, [code], OPEN)
            else:
                row(f"{kind}, {len(head)} bytes", head, [(414, 431)], END if len(head) < 3 * LIMIT else LOOSE)


def framing():
    """Where a request ends: what two programs could read differently is refused, and nothing behind it is a request."""
    for value in (b"+0", b"-0", b"+5", b"-1", b"0x5", b"5,5", b"5, 6", b"a", b"1e3", b"5;a", b'"5"', b"5 5"):
        row(f"Content-Length: {value!r}", get(fields=b"Content-Length: " + value + b"\r\n") + b"hello" + LIVEZ, [400], LOOSE)
    for value in (b"4097", b"9223372036854775807", b"9" * 30):
        row(f"Content-Length: {value!r}", get(fields=b"Content-Length: " + value + b"\r\n") + b"hello" + LIVEZ, [413], LOOSE)
    for a, b in ((b"5", b"6"), (b"0", b"5"), (b"5", b"0"), (b"1", b"01")):
        two = b"Content-Length: " + a + b"\r\nCONTENT-LENGTH: " + b + b"\r\n"
        row(f"Content-Length {a!r} and {b!r}", get(fields=two) + b"hello" + LIVEZ, [400], END)
    for field in (b"Content-Length : 5", b"Transfer-Encoding : chunked", b"Content-Length\t: 5", b"X Y: 1", b"X: a\rContent-Length: 5",
                  b"X: a\x0bb"):
        row(f"a field {field!r}", get(fields=field + b"\r\n") + b"hello" + LIVEZ, [400], LOOSE)
    for hosts in (b"Host: x\r\nHost: y\r\n", b"Host: x\r\nhost: x\r\n"):
        row(f"{hosts!r}", b"GET /healthz HTTP/1.1\r\n" + hosts + b"\r\n" + LIVEZ, [400], END)
    for field in (b"chunked", b"x", b"identity", b"gzip, chunked"):
        field = b"Transfer-Encoding: " + field + b"\r\n"
        refused = [(400, 413, 501)]
        row(f"{field!r}", get(fields=field) + b"0\r\n\r\n" + LIVEZ, refused, LOOSE)
        row(f"{field!r} and a length", get(fields=field + b"Content-Length: 5\r\n") + b"0\r\n\r\n" + LIVEZ, refused, LOOSE)
        row(f"a length and {field!r}", get(fields=b"Content-Length: 0\r\n" + field) + b"0\r\n\r\n" + LIVEZ, refused, LOOSE)
    row("a small body", get(fields=b"Content-Length: 5\r\n") + b"hello" + LIVEZ, [200], END)
    row("a request for a body", b"POST /healthz" + HOST + b"Content-Length: " + b"%d" % len(LIVEZ) + b"\r\n\r\n" + LIVEZ, [405], END)
    row("no body, zeros", get(fields=b"Content-Length: 000\r\n") + LIVEZ, [200, 200], OPEN)


def lines():
    for line in (b"GET", b"GET\t/healthz\tHTTP/1.1", b"\xff\xfe\x01", b"hello", b"GET /healthz FOO/1.1"):
        row(f"a first line {line!r}", line + b"\r\nHost: x\r\n\r\n" + LIVEZ, [], LOOSE)
    row("the preface of HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [505], LOOSE)
    row("HTTP/1.0", b"GET /healthz HTTP/1.0\r\n\r\n", [200], END)
    row("HTTP/1.1 without Host", b"GET /healthz HTTP/1.1\r\n\r\n", [400], LOOSE)


def targets():
    for path in (b"/%00", b"/healthz%00", b"/readyz/%00", b"/healthz%00/x", b"/%00healthz", b"/readyz%00?verbose", b"/metrics%00",
                 b"/numbers.txt%00", b"/readyz/source%00", b"http://x/healthz%00", b"/%68ealthz%00", b"/./healthz", b"/a/../healthz",
                 b"//healthz", b"healthz", b"*", b"/../../etc/passwd", b"/%2e%2e/%2e%2e/etc/passwd"):
        row(f"the target {path!r}", get(path), [404], OPEN)
    for path in (b"/%68ealthz", b"/healthz%2Fworker", b"/healthz?", b"/healthz?exclude=%00", b"http://x/healthz", b"https://x/healthz"):
        row(f"the target {path!r}", get(path), [200], OPEN)
    for method in (b"FOO", b"get", b"POST", b"PUT", b"DELETE", b"TRACE", b"PATCH"):
        row(f"the method {method!r}", method + b" /healthz" + HOST + b"\r\n" + LIVEZ, [405, 200], OPEN)


def pipelines():
    for name, first, codes in (("404", get(b"/x"), [404, 200]), ("405", b"PUT /" + HOST + b"\r\n", [405, 200]), ("200", get(), [200, 200])):
        row(f"another request behind {name}", first + LIVEZ, codes, OPEN)
    row("another request behind Connection: close", get(fields=b"Connection: close\r\n") + LIVEZ, [200], END)
    row("another request behind 431", get(fields=b"X: " + b"a" * 9000 + b"\r\n") + LIVEZ, [431], END)
    row("a hundred requests", LIVEZ * 100, [200] * 100, OPEN)
    row("a hundred pages", get(b"/metrics") * 100, [200] * 100, OPEN)
    request = get(b"/readyz?verbose", b"Accept: */*\r\n")
    for i in range(1, len(request)):
        row(f"cut behind byte {i}", None, [200], OPEN, pieces=[request[:i], request[i:]])


def half_closed():
    for path, code in ((b"/healthz", 200), (b"/metrics", 200), (b"/numbers.txt", 200), (b"/none", 404)):
        row(f"half-closed {path}", get(path), [code], END, half=True)
    row("half-closed HEAD", b"HEAD /metrics" + HOST + b"\r\n", [200], END, half=True)
    row("half-closed behind three", get() + get(b"/metrics") + LIVEZ, [200, 200, 200], END, half=True)
    row("half-closed behind a hundred", get(b"/metrics") * 100, [200] * 100, END, half=True)
    row("half-closed with a body", b"POST /" + HOST + b"Content-Length: 5\r\n\r\nhello", [405], END, half=True)


def cut_response(data, head_only):
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
            answer = cut_response(data, head_only)
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


def loose(name, got, codes, rest, how, s):
    """Refused by one of the codes or by the end, and no request that lies behind it is answered with success."""
    more, how = ends(s) if how == OPEN else (b"", how)
    if any(g not in c for g, c in zip(got, codes)):
        return f"{name}: {got[:5]} instead of {codes[:5]}"
    if b" 200 " in rest + more:
        return f"{name}: what lies behind it was answered"
    return None if how in (END, "reset") else f"{name}: left open"


def run(one):
    name, pieces, codes, last, half = one
    with socket.create_connection(("127.0.0.1", PORT)) as s:
        s.settimeout(SILENCE)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            for piece in pieces:
                s.sendall(piece)
            if half:
                s.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it was refused before it was over
        try:
            got, rest, how = hears(s, len(codes), pieces[0].startswith(b"HEAD"))
            if last == LOOSE:
                return loose(name, got, codes, rest, how, s)
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


def main():
    for kind in (long_heads, framing, lines, targets, pipelines, half_closed):
        kind()
    with ThreadPoolExecutor(24) as threads:
        failures = [f for f in threads.map(run, rows) if f]
    print("\n".join(failures))
    n = len(rows)
    print(f"{n - len(failures)} of {n} requests are answered as they should be")
    return 1 if failures else 0


sys.exit(main())
