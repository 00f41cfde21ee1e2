#!/usr/bin/python3
"""run.py REFRESHER: a real Prometheus with our rules beside daemons in each state, all on 127.0.0.1, for two minutes.

What fired for each node, from beginning to end, must be exactly what the table says, so that one cause is seen to be one
alert. Then the same Prometheus must have data for every query of the dashboard. A real Alertmanager gets all of it under the
example's inhibition, beside an alert about a node that is down as a whole.

Time runs SCALE times as fast as in a cluster: daemons, scrapes and evaluations every 30 s / SCALE, and a copy of the rules in
which every `for`, every range and every `N * 60` is divided by SCALE. Limits that count events stay as they are. As root the
rows with a full disk are run too, on a tmpfs each. The closing line counts rows, as tests/run does; 77: no Prometheus here."""

import fcntl
import http.server
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

from states import STATES, needs_root  # the table

SCALE = 15
STEP = 30 / SCALE  # of refreshes, scrapes, evaluations, and of health.watch_interval
SECONDS = 115  # the longest way to an alert is NotReady's: 15 minutes behind the second refresh
TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NAMESPACE = "random-refresher"


ports = set()


def free_port():
    """Another one at each call."""
    while True:
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        if port not in ports:
            ports.add(port)
            return port


def scaled(text):
    """The rules for a time that runs SCALE times as fast."""
    unit = {"s": 1, "m": 60, "h": 3600}

    def shorter(m):
        return f"{m[1]}{int(m[2]) * unit[m[3]] * 1000 // SCALE}ms{m[4]}"

    text = re.sub(r"(\[|\bfor: )(\d+)([smh])(\]|$)", shorter, text, flags=re.M)
    text = re.sub(r"\b(\d+ \* 60)\b", rf"(\1 / {SCALE})", text)
    expressions = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith(("#", "description")))
    assert not re.search(r"\[\d+[smh]\]|for: \d+[smh]$|offset", expressions), "a length of time was not scaled"
    return text


class Feeder:
    """Writes into a FIFO what `pieces` yields: bytes, or a number of seconds to wait. Behind the end: nothing more."""

    def __init__(self, path, pieces, size):
        os.mkfifo(path)
        os.chmod(path, 0o666)
        self.fd = os.open(path, os.O_RDWR | os.O_NONBLOCK)
        fcntl.fcntl(self.fd, 1031, size)  # F_SETPIPE_SZ: what waits in the pipe is older than what comes
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run, args=(pieces,), daemon=True)
        self.thread.start()

    def run(self, pieces):
        for piece in pieces:
            if not isinstance(piece, bytes):
                self.over.wait(piece)
                piece = b""
            while piece and not self.over.is_set():
                try:
                    piece = piece[os.write(self.fd, piece) :]
                except BlockingIOError:
                    self.over.wait(0.01)
            if self.over.is_set():
                return

    def end(self):
        self.over.set()
        self.thread.join()
        os.close(self.fd)


class Node:
    """One daemon, in a state of the table, and what happens to it in the course of the test."""

    def __init__(self, name, state, top):
        self.name, self.state, self.process = name, state, None
        self.dir = os.path.join(top, name)
        self.out = os.path.join(self.dir, "out")
        os.makedirs(self.out)
        for d in (self.dir, self.out):
            os.chmod(d, 0o777)
        self.port = free_port()
        self.is_target = state.get("target_from", 0) == 0
        self.feeder = self.mounted = self.held = None
        if needs_root(state):
            subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=777,size=64k", "tmpfs", self.out], check=True)
            self.mounted = True
        if "feed" in state:
            self.feeder = Feeder(os.path.join(self.dir, "pipe"), state["feed"](), state.get("pipe", 4096))
        if "samples" in state:
            with open(os.path.join(self.dir, "samples"), "wb") as f:
                f.write(state["samples"]())
        if "evidence" in state:
            self.write_evidence(*state["evidence"])

    def write_evidence(self, bits, driver):
        """As refresher-assess writes it."""
        result = {"program": "refresher-assess", "version": "0", "date": "2026-01-01T00:00:00Z", "driver": driver, "track": "non_iid"}
        result |= {"mode": "initial", "samples": 1000000, "bits": 8, "assessed": True, "min_entropy": bits}
        with open(os.path.join(self.dir, "evidence.json"), "w", encoding="ascii") as f:
            json.dump(result, f)

    def start(self, refresher):
        source = self.state.get("source", [])
        if self.feeder:
            source = ["-s", "replay", "--set", f"source.path={self.dir}/pipe"]
        elif "samples" in self.state:
            source = ["-s", "replay", "--set", f"source.path={self.dir}/samples"]
        config = os.path.join(self.dir, "refresher.yaml")
        with open(config, "w", encoding="ascii") as f:
            f.write("numbers: {count: 100}\n")
        settings = {"health.watch_interval": STEP, "source.timeout": 1, "health.retry_max": 5, **self.state.get("set", {})}
        argv = [refresher, "-c", config, "-l", f"127.0.0.1:{self.port}"] + source
        if "evidence" in self.state:
            settings["source.min_entropy_file"] = os.path.join(self.dir, "evidence.json")
        for key, value in settings.items():
            argv += ["--set", f"{key}={value}"]
        argv += [os.path.join(self.out, "numbers.txt"), "100", str(self.state.get("interval", STEP))]
        self.process = subprocess.Popen(argv, stderr=open(os.path.join(self.dir, "log"), "ab"))

    def labels(self):
        return {"instance": self.name, "node": self.name, "namespace": NAMESPACE, "pod": f"pod-{self.name}"}

    def kill(self, how=signal.SIGKILL):
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait()

    def hold_port(self):
        """Nobody else shall answer there."""
        self.held = socket.socket()
        self.held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.held.bind(("127.0.0.1", self.port))

    def fill(self):
        with open(os.path.join(self.out, "filler"), "ab", buffering=0) as f:
            try:
                while True:
                    f.write(bytes(1024))
            except OSError:
                pass

    def make_room(self):
        try:
            os.unlink(os.path.join(self.out, "filler"))
        except FileNotFoundError:
            pass

    def ready(self):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=2).close()
            return True
        except OSError:
            return False

    def end(self):
        self.kill()
        if self.feeder:
            self.feeder.end()
        if self.mounted:
            subprocess.run(["umount", "-l", self.out], check=False)


class KubeStateMetrics(http.server.BaseHTTPRequestHandler):
    """What kube-state-metrics would say of the nodes: those of the class's own list are there."""

    nodes = []

    def do_GET(self):
        page = "".join(f'kube_node_info{{node="{n}"}} 1\n' for n in self.nodes)
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.end_headers()
        self.wfile.write(page.encode())

    def log_message(self, *_):
        pass


# Beside ours: what kube-prometheus says of a node that is down as a whole.
NODE_DOWN = {"groups": [{"name": "nodes", "rules": [{"alert": "KubeNodeNotReady", "expr": "vector(1)", "labels": {"node": "gone"}}]}]}


class Alertmanager:
    program = shutil.which("prometheus-alertmanager")

    def __init__(self, top):
        self.top, self.port, self.process = top, free_port(), None

    def start(self):
        config = os.path.join(TOP, "k8s/prometheus/alertmanager.yaml")
        argv = [self.program, f"--config.file={config}", "--storage.path=alertmanager", "--cluster.listen-address=", "--log.level=error"]
        argv += [f"--web.listen-address=127.0.0.1:{self.port}"]
        self.process = subprocess.Popen(argv, cwd=self.top, stderr=open(os.path.join(self.top, "alertmanager.log"), "wb"))

    def inhibited(self):
        """The names of the nodes whose alert is inhibited, and of those whose alert is not."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/v2/alerts", timeout=10) as answer:
            ours = [a for a in json.load(answer) if a["labels"]["alertname"].startswith("RandomRefresher")]
        return [{a["labels"]["instance"] for a in ours if bool(a["status"]["inhibitedBy"]) == wanted} for wanted in (True, False)]


class Prometheus:
    def __init__(self, top, kube_state_metrics, alertmanager):
        self.top, self.port = top, free_port()
        with open(os.path.join(TOP, "k8s/prometheus/rules.yaml"), encoding="utf-8") as f:
            rules = scaled(f.read())
        with open(os.path.join(top, "rules.yaml"), "w", encoding="utf-8") as f:
            f.write(rules)
        config = {
            "global": {"scrape_interval": f"{int(STEP)}s", "scrape_timeout": f"{int(STEP)}s", "evaluation_interval": f"{int(STEP)}s"},
            "rule_files": ["rules.yaml", "nodes.yaml"],
            "alerting": {"alertmanagers": [{"static_configs": [{"targets": [f"127.0.0.1:{alertmanager}"]}]}]},
            "scrape_configs": [
                {"job_name": "random-refresher", "file_sd_configs": [{"files": ["targets.json"], "refresh_interval": "1s"}]},
                {"job_name": "kube-state-metrics", "honor_labels": True, "static_configs": [{"targets": [kube_state_metrics]}]},
            ],
        }
        for name, content in (("prometheus.yml", config), ("nodes.yaml", NODE_DOWN)):
            with open(os.path.join(top, name), "w", encoding="utf-8") as f:
                json.dump(content, f)
        self.process = None

    def start(self):
        argv = ["prometheus", "--config.file=prometheus.yml", "--storage.tsdb.path=tsdb", f"--web.listen-address=127.0.0.1:{self.port}"]
        argv += [f"--query.lookback-delta={300 // SCALE}s", "--log.level=error"]
        self.process = subprocess.Popen(argv, cwd=self.top, stderr=open(os.path.join(self.top, "prometheus.log"), "wb"))
        end = time.monotonic() + 30
        while time.monotonic() < end:
            try:
                return urllib.request.urlopen(f"http://127.0.0.1:{self.port}/-/ready", timeout=2).close()
            except OSError:
                time.sleep(0.2)
        raise SystemExit("Prometheus did not start")

    def write_targets(self, nodes):
        targets = [{"targets": [f"127.0.0.1:{n.port}"], "labels": n.labels()} for n in nodes if n.is_target]
        new = os.path.join(self.top, "targets.json.new")
        with open(new, "w", encoding="ascii") as f:
            json.dump(targets, f)
        os.rename(new, new.removesuffix(".new"))

    def ask(self, path, **arguments):
        url = f"http://127.0.0.1:{self.port}/api/v1/{path}?{urllib.parse.urlencode(arguments)}"
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as e:
            return {"result": [], "error": e.read().decode()}

    def query(self, expression):
        return self.ask("query", query=expression)


class Run:
    def __init__(self, refresher):
        self.refresher = refresher
        self.top = tempfile.mkdtemp(prefix="refresher-alerts-", dir="/tmp")
        os.chmod(self.top, 0o755)
        self.nodes, self.fired, self.texts, self.problems = [], {}, {}, set()
        self.counts = {"passed": 0, "failed": 0, "skipped": 0}
        self.prometheus = self.server = None
        self.alertmanager = Alertmanager(self.top)

    def say(self, sentence, wrong):
        self.counts["failed" if wrong else "passed"] += 1
        print(f"{'not ok' if wrong else 'ok'} - {sentence}" + "".join(f"\n    {w}" for w in wrong), flush=True)

    def skip(self, sentence, why):
        self.counts["skipped"] += 1
        print(f"skip - {sentence}: {why}", flush=True)

    def start(self):
        for name, state in STATES.items():
            if needs_root(state) and os.geteuid() != 0:
                self.skip(f"{name}: {state['what']}", "needs root to mount a tmpfs")
                continue
            self.nodes.append(Node(name, state, self.top))
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), KubeStateMetrics)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.tell_nodes(0)
        self.prometheus = Prometheus(self.top, f"127.0.0.1:{self.server.server_port}", self.alertmanager.port)
        if self.alertmanager.program:
            self.alertmanager.start()
        self.prometheus.write_targets(self.nodes)
        for node in self.nodes:
            node.start(self.refresher)
        self.prometheus.start()

    def tell_nodes(self, age):
        KubeStateMetrics.nodes = [n.name for n in self.nodes if not n.state.get("node_until", SECONDS) <= age]

    def happen(self, age):
        """What the table says of this second."""
        before = [n.is_target for n in self.nodes]
        for node in self.nodes:
            s = node.state
            node.is_target = s.get("target_from", 0) <= age < s.get("target_until", SECONDS * 2)
            if age >= s.get("killed_at", SECONDS * 2) and node.process.poll() is None:
                node.kill()
                node.hold_port()
            if "restart_every" in s and age % s["restart_every"] == 0:
                node.kill()
                node.start(self.refresher)
            if "bad_config_at" in s and age == s["bad_config_at"]:
                with open(os.path.join(node.dir, "refresher.yaml"), "w", encoding="ascii") as f:
                    f.write("numbers: {count: none}\n")
                node.process.send_signal(signal.SIGHUP)
            if "full" in s:
                node.fill() if s["full"](age) else node.make_room()
        if [n.is_target for n in self.nodes] != before:
            self.prometheus.write_targets(self.nodes)
        self.tell_nodes(age)

    def look(self, age):
        for alert in self.prometheus.ask("alerts").get("alerts", []):
            labels = alert["labels"]
            if alert["state"] != "firing" or not labels["alertname"].startswith("RandomRefresher"):
                continue
            self.fired.setdefault(labels.get("instance", ""), {}).setdefault(labels["alertname"], age)
            self.texts[labels["alertname"]] = alert["annotations"]
            wanted = ["namespace", "instance", "node"] + ["pod"] * (labels["alertname"] != "RandomRefresherNodeMissing")
            self.problems.update(f"{labels['alertname']} has no label {w}" for w in wanted if w not in labels)
        twice = self.prometheus.query("count by (instance) (instance:random_refresher_not_ready:reason) > 1")["result"]
        self.problems.update(f"{t['metric']['instance']} had two reasons at once" for t in twice)

    def watch(self):
        begin = time.monotonic()
        for age in range(SECONDS + 1):
            time.sleep(max(0, begin + age - time.monotonic()))
            self.happen(age)
            self.look(age)

    def judge(self):
        for node in self.nodes:
            want, got = set(node.state["fires"]), self.fired.get(node.name, {})
            when = ", ".join(f"{a} after {t} s" for a, t in got.items()) or "nothing"
            wrong = [] if want == set(got) else [f"fired: {when}", f"right: {', '.join(want) or 'nothing'}"] + self.log_of(node)
            self.say(f"{node.name}: {node.state['what']}: {', '.join(want) or 'no alert'}", wrong)
        nobody = [f"{a} at {i!r}" for i, alerts in self.fired.items() for a in alerts if i not in [n.name for n in self.nodes]]
        self.say("no alert about another node, every alert with its labels, one reason for each node", nobody + sorted(self.problems))
        self.say("each text is filled in", [f"{a}: {t}" for a, t in self.texts.items() if re.search("<no value>|<error", str(t))])
        health = self.prometheus.ask("rules")["groups"]
        self.say("every rule is evaluated without an error", [f"{r['name']}: {r.get('lastError')}" for g in health for r in g["rules"] if r["health"] != "ok"])

    def log_of(self, node):
        with open(os.path.join(node.dir, "log"), encoding="utf-8", errors="replace") as f:
            return ["log: " + line.rstrip() for line in f.readlines()[-5:]]

    def count(self):
        """The fleet's numbers are those that the pods themselves say."""
        ready = {n.name for n in self.nodes if n.is_target and n.process.poll() is None and n.ready()}
        wanted = {n.name for n in self.nodes if n.is_target or "RandomRefresherNodeMissing" in n.state["fires"]}

        def number(name):
            result = self.prometheus.query(f"cluster:random_refresher_{name}")["result"]
            return float(result[0]["value"][1]) if len(result) == 1 else result

        self.say(f"{len(wanted)} nodes are wanted", [] if number("nodes_wanted:count") == len(wanted) else [f"{number('nodes_wanted:count')}"])
        # a node whose tests fail now and then, or which is restarted, may be either by now
        loose = sum(1 for n in self.nodes if n.state.get("loose"))
        off = abs(number("nodes_not_ready:count") - len(wanted - ready))
        self.say(f"about {len(wanted - ready)} of them are not ready", [] if off <= loose else [f"{number('nodes_not_ready:count')}"])

    def inhibition(self):
        sentence = "Alertmanager: the alert of the node that is down as a whole is inhibited, and no other"
        if not self.alertmanager.program:
            self.skip(sentence, "prometheus-alertmanager is not installed")
            return
        inhibited, others = self.alertmanager.inhibited()
        now = {n.name for n in self.nodes if n.state["fires"] and not n.state.get("loose")} - {"gone", "too-slow"}
        self.say(sentence, [] if inhibited == {"gone"} and now <= others else [f"inhibited: {inhibited}", f"not: {others}"])

    def dashboard(self):
        with open(os.path.join(TOP, "k8s/components/monitoring/dashboard.json"), encoding="utf-8") as f:
            panels = json.load(f)["panels"]
        for panel in panels:
            wrong = []
            for target in panel["targets"]:
                concrete = re.sub(r"\$(cluster|namespace|node)\b", ".*", target["expr"]).replace("$__rate_interval", "30s")
                answer = self.prometheus.query(concrete)
                if not answer["result"]:
                    wrong.append(f"no data: {concrete} {answer.get('error', '')}")
                wrong += [f"no number: {concrete}" for r in answer["result"] if r["value"][1] in ("NaN", "+Inf", "-Inf")]
            self.say(f"dashboard: {panel['title']}", wrong)

    def end(self):
        for node in self.nodes:
            node.end()
        for server in (self.prometheus, self.alertmanager):
            if server and server.process:
                server.process.terminate()
                server.process.wait()
        if self.server:
            self.server.shutdown()
        shutil.rmtree(self.top, ignore_errors=True)


def main():
    if not shutil.which("prometheus"):
        print("skip - alerts: prometheus is not installed\n0 passed, 0 failed, 1 skipped")
        return 77
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    random.seed(1)
    run = Run(os.path.abspath(sys.argv[1]))
    try:
        run.start()
        run.watch()
        run.judge()
        run.count()
        run.inhibition()
        run.dashboard()
    finally:
        run.end()
    print(", ".join(f"{n} {what}" for what, n in run.counts.items()))
    return 1 if run.counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
