"""http_watch.py PORT PID: looks at the daemon from outside while others abuse it, as a process of its own so that the
abusers' work does not count as the daemon's delay.

Every 100 ms a probe of /healthz on a fresh connection; between them the resident memory, every 20 ms. Says "watching"
after the first probe, and when standard input closes one line of JSON: probes, worst_ms, rss_kb (the highest) and
late: what was wrong with each probe that was not answered with 200 within a second."""

import json
import re
import select
import socket
import sys
import time

PORT, PID = int(sys.argv[1]), sys.argv[2]
BEAT, LOOK, PATIENCE = 0.1, 0.02, 1.0
REQUEST = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def left(end):
    return max(end - time.monotonic(), 0.001)


def ask(end):
    with socket.create_connection(("127.0.0.1", PORT), timeout=left(end)) as s:
        s.sendall(REQUEST)
        answer = b""
        while True:
            s.settimeout(left(end))
            more = s.recv(4096)
            if not more:
                return answer
            answer += more


def probe():
    """(seconds, what was wrong or None)"""
    began = time.monotonic()
    try:
        answer = ask(began + PATIENCE)
        wrong = None if answer.startswith(b"HTTP/1.1 200 ") and answer.endswith(b"\r\n\r\nok\n") else repr(answer[:80])
    except OSError as e:
        wrong = f"{type(e).__name__} {e}"
    seconds = time.monotonic() - began
    if seconds > PATIENCE:
        wrong = wrong or "answered"
    return seconds, wrong and f"{wrong} after {seconds * 1000:.0f} ms"


def resident_kb():
    try:
        with open(f"/proc/{PID}/status", encoding="ascii") as f:
            return int(re.search(r"VmRSS:\s*(\d+)", f.read()).group(1))
    except (OSError, AttributeError):  # it has ended: the probes say so
        return 0


def main():
    probes, worst, rss, late = 0, 0.0, 0, []
    due = time.monotonic()
    while True:
        if time.monotonic() >= due:
            due += BEAT
            seconds, wrong = probe()
            probes, worst = probes + 1, max(worst, seconds)
            late += [wrong] if wrong else []
            if probes == 1:
                print("watching", flush=True)
        rss = max(rss, resident_kb())
        if select.select([sys.stdin], [], [], LOOK)[0]:
            break
    print(json.dumps({"probes": probes, "worst_ms": round(worst * 1000, 1), "rss_kb": rss, "late": late}))


main()
