"""Rows of the HTTP endpoint: requests per second and their times, over keep-alive connections from the same machine."""
import contextlib
import os
import re
import time
import urllib.request

from tools import Process, Refresher, Row, await_port, free_port, output_of, take_turns

CONNECTIONS = 64
PACE = 2000  # requests per second where the time of one is the question


def load(b, port, path, connections, seconds, rate=0, before=()):
    text = output_of([*before, b.program("http_load"), str(port), path, str(connections), str(seconds), str(rate)])
    m = re.match(r"requests (\d+) seconds (\S+) errors (\d+) p50 (\d+) p99 (\d+) max (\d+) late (\d+)", text)
    if not m or int(m[3]):
        raise SystemExit(f"bench: http_load {path}: {text}")
    return {"rate": int(m[1]) / float(m[2]), "p50": int(m[4]) / 1e3, "p99": int(m[5]) / 1e3, "late": int(m[7]) / 1e3}


def page_size(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as page:
        return len(page.read())


def start_exporter(stack, path, *options):
    port = free_port()
    # 0: as many requests at a time as come; its default of 40 would refuse some of the 64
    process = stack.enter_context(Process([path, f"--web.listen-address=127.0.0.1:{port}", "--web.max-requests=0", *options]))
    await_port(port)
    return process, port


def against_exporter(b):
    exporter = b.peer("prometheus-node-exporter")
    seconds = b.rounds(0.4, 3)
    with contextlib.ExitStack() as stack:
        d = stack.enter_context(Refresher(b, b.ram, 30, "-s", "kernel"))
        turns = {"metrics": lambda: load(b, d.port, "/metrics", CONNECTIONS, seconds),
                 "healthz": lambda: load(b, d.port, "/healthz", CONNECTIONS, seconds)}
        if exporter:
            whole, whole_port = start_exporter(stack, exporter)
            _, part_port = start_exporter(stack, exporter, "--web.disable-exporter-metrics", "--collector.disable-defaults",
                                          "--collector.entropy")
            turns["whole"] = lambda: load(b, whole_port, "/metrics", CONNECTIONS, seconds)
            turns["part"] = lambda: load(b, part_port, "/metrics", CONNECTIONS, seconds)
        s = take_turns(b.rounds(2, 5), **turns)
        pages = [page_size(port) for port in (d.port, whole_port)] if exporter else [page_size(d.port)]
        memory = d.memory()["Rss"]
        their_memory = whole.memory()["Rss"] if exporter else 0
    rates, p99 = ({name: [x[key] for x in samples] for name, samples in s.items()} for key in ("rate", "p99"))
    note = f"{CONNECTIONS} connections, each asks again as soon as it is answered; the client has one of the cores"
    rows = [Row("/metrics", "requests/s", rates["metrics"], "node_exporter" if exporter else "", rates.get("whole", ()), ratio_target=20,
                note=note),
            Row("/metrics", "requests/s", rates["metrics"], "node_exporter, entropy only" if exporter else "",
                rates.get("part", ()), ratio_target=3),
            Row("/healthz", "requests/s", rates["healthz"]),
            Row("/metrics p99 at that rate", "ms", p99["metrics"], "node_exporter, entropy only" if exporter else "",
                p99.get("part", ())),
            Row("/healthz p99 at that rate", "ms", p99["healthz"],
                note="64 requests wait in one queue: the last of them takes 64 times the time of one"),
            Row("size of /metrics", "bytes", pages[:1], "node_exporter" if exporter else "", pages[1:]),
            Row("resident memory after that load", "kB", [memory], "node_exporter" if exporter else "",
                [their_memory] if exporter else (), ratio_target=4)]
    return rows


def undisturbed(b, d, seconds):
    """The paced load with both of its ends ahead of all ordinary programs; None where that is not allowed."""
    try:
        os.sched_setscheduler(d.pid, os.SCHED_FIFO, os.sched_param(10))
    except PermissionError:
        return None
    chrt = b.peer("chrt")
    if not chrt:
        return None
    return [load(b, d.port, "/healthz", CONNECTIONS, seconds, PACE, (chrt, "-f", "10")) for _ in range(b.rounds(2, 5))]


def times(b):
    """The time of /healthz at a fixed pace, while a refresh that never ends keeps the worker busy, and beside it of the same
    without that refresh, and of the exporter's page."""
    seconds = b.rounds(0.5, 5)
    exporter = b.peer("prometheus-node-exporter")

    def p99(port, path):
        return lambda: load(b, port, path, CONNECTIONS, seconds, PACE)

    with contextlib.ExitStack() as stack:
        turns = {}
        if exporter:
            _, port = start_exporter(stack, exporter, "--web.disable-exporter-metrics", "--collector.disable-defaults",
                                     "--collector.entropy")
            turns["exporter"] = p99(port, "/metrics")
        calm = stack.enter_context(Refresher(b, b.ram, 30, "-s", "kernel"))
        turns["calm"] = p99(calm.port, "/healthz")
        before = take_turns(b.rounds(2, 5), **turns)
        busy = stack.enter_context(Refresher(b, None, 3600, "-s", "kernel", count=1_000_000_000, wait=False))
        await_port(busy.port)
        time.sleep(0.5)
        during = take_turns(b.rounds(2, 5), busy=p99(busy.port, "/healthz"))["busy"]
        alone = undisturbed(b, busy, seconds)
    name = "/healthz p99 during a refresh"
    note = (f"{PACE} requests per second over {CONNECTIONS} connections, timed from the moment when each was due. Client, daemon "
            "and worker share the cores with whatever else runs there; at full load 64 requests wait in one queue, so that one "
            "takes 64 times the service time")
    ours, late = ([x[key] for x in during] for key in ("p99", "late"))
    rows = [Row(name, "ms", ours, "the client's own delay", late, target=("<=", 1), note=note),
            Row(name, "ms", ours, "the same at rest", [x["p99"] for x in before["calm"]])]
    if exporter:
        rows.append(Row(name, "ms", ours, "node_exporter, entropy only", [x["p99"] for x in before["exporter"]]))
    if alone:
        rows.append(Row("... undisturbed by other programs", "ms", [x["p99"] for x in alone], "the client's own delay",
                        [x["late"] for x in alone], target=("<=", 1),
                        note="the same once more; client and main thread, not the worker, in the real-time class"))
    return rows


def scale(b):
    """Requests per second and median time as the connections grow."""
    rows = []
    options = ("-s", "kernel", "--set", "http.connections=1024")
    with Refresher(b, b.ram, 30, *options) as d:
        for n in (1, 64, 1000):
            s = [load(b, d.port, "/metrics", n, b.rounds(0.4, 3)) for _ in range(b.rounds(1, 3))]
            rows.append(Row(f"/metrics, {n} connection{'s' if n > 1 else ''}", "requests/s", [x["rate"] for x in s]))
        rows.append(Row("resident memory with 1000 connections", "kB", [d.memory()["Rss"]]))
    return rows


def rows(b):
    return against_exporter(b) + times(b) + scale(b)
