#!/usr/bin/env python3
"""run.py PROGRAM [DIRECTORY]: the status page of real daemons in each state, in a headless Chromium, at two widths and in
two themes.

Checks the verdict's word and reasons, that nothing is wider than the window, that the console is silent, that text has a
contrast of 4.5 to 1, that what strangers say is never markup, what a screen reader is told and a keyboard reaches, and
that the page has a table without a script. With DIRECTORY it leaves a screenshot of each.
Needs Debian's chromium and chromium-driver, which is asked over HTTP on 127.0.0.1. Ends with "N passed, N failed, N
skipped"; exits 77 where the browser is missing."""
import base64
import contextlib
import http.server
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

program, shots = os.path.realpath(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None
counts = {"passed": 0, "failed": 0, "skipped": 0}


def verdict(name, problem):
    counts["failed" if problem else "passed"] += 1
    if problem:
        print(f"not ok: {name}: {problem}")


class Daemon:
    """The real program in a directory of its own."""

    def __init__(self, stack, *arguments):
        self.dir = stack.enter_context(tempfile.TemporaryDirectory())
        self.log = open(os.path.join(self.dir, "log"), "w+")
        self.child = subprocess.Popen([program, "-l", "127.0.0.1:0", *arguments], cwd=self.dir, stderr=self.log)
        stack.callback(self.end)
        self.port = int(self.await_log(r"msg=listening .*port=(\d+)"))

    def await_log(self, pattern):
        for _ in range(200):
            self.log.seek(0)
            found = re.search(pattern, self.log.read())
            if found:
                return found.group(found.re.groups)
            time.sleep(0.05)
        raise SystemExit(f"the daemon never said {pattern}")

    def end(self):
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)
            self.child.wait(10)
        self.log.close()

    def status(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/status", timeout=5) as page:
            return json.load(page)

    def until(self, test):
        for _ in range(200):
            if test(self.status()):
                return self
            time.sleep(0.05)
        raise SystemExit("the daemon never came into its state")


class Doctored:
    """A server of the daemon's own page whose /status was changed: what a daemon cannot be brought to say in a test."""

    def __init__(self, stack, daemon, change):
        document = daemon.status()
        change(document)
        pages = {"/status": ("application/json", json.dumps(document).encode())}
        with urllib.request.urlopen(f"http://127.0.0.1:{daemon.port}/", timeout=5) as page:
            pages["/"] = (page.headers["Content-Type"], page.read())

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                kind, body = pages.get(self.path, ("text/plain", b""))
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = server.server_port
        threading.Thread(target=server.serve_forever, daemon=True).start()
        stack.callback(server.server_close)
        stack.callback(server.shutdown)


class Browser:
    """One window of Chromium, by the WebDriver protocol."""

    def __init__(self, stack, script=True):
        self.child = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        stack.callback(self.end)
        port = next(m.group(1) for m in (re.search(r"port (\d+)\.$", line.strip()) for line in self.child.stdout) if m)
        self.url = f"http://127.0.0.1:{port}/session"
        options = {"args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"],
                   "prefs": {} if script else {"profile.managed_default_content_settings.javascript": 2}}
        answer = self.ask("POST", "", {"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}}})
        self.url += "/" + answer["sessionId"]

    def ask(self, method, path, body=None):
        request = urllib.request.Request(self.url + path, method=method, data=None if body is None else json.dumps(body).encode(),
                                         headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)["value"]

    def devtools(self, command, **parameters):
        return self.ask("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def show(self, url, width, theme):
        self.devtools("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 500)
        self.devtools("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": theme}])
        self.ask("POST", "/url", {"url": url})

    def run(self, script):
        return self.ask("POST", "/execute/sync", {"script": script, "args": []})

    def console(self):
        return [e["message"] for e in self.ask("POST", "/se/log", {"type": "browser"})]

    def screenshot(self, name):
        if shots:
            os.makedirs(shots, exist_ok=True)
            whole = self.devtools("Page.captureScreenshot", captureBeyondViewport=True)
            with open(os.path.join(shots, name + ".png"), "wb") as f:
                f.write(base64.b64decode(whole["data"]))

    def end(self):
        with contextlib.suppress(OSError, urllib.error.URLError):
            self.ask("DELETE", "")
        self.child.terminate()
        self.child.wait(10)


# The lowest contrast of any text with what is behind it (WCAG 2: 4.5 for text of this size).
CONTRAST = """
const parse = c => (c.match(/[\\d.]+/g) || []).map(Number);
const over = (top, below) => { const a = top.length > 3 ? top[3] : 1; return [0, 1, 2].map(i => top[i] * a + below[i] * (1 - a)); };
const light = c => { const [r, g, b] = c.map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
const base = matchMedia("(prefers-color-scheme: dark)").matches ? [18, 18, 18] : [255, 255, 255];
const behind = e => e ? over(parse(getComputedStyle(e).backgroundColor), behind(e.parentElement)) : base;
let worst = 99;
for (const e of document.querySelectorAll("h1, h2, b, p, th, td, td span, time, li, a")) {
  if (!e.textContent.trim() || !e.getClientRects().length) continue;
  const a = light(over(parse(getComputedStyle(e).color), base)), b = light(behind(e));
  worst = Math.min(worst, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
}
return worst;"""


def check(browser, name, word, reason, width, theme):
    text, problems = "", []
    for _ in range(150):  # of a tenth of a second
        text = browser.run("return document.getElementById('verdict').innerText")
        if word in text:
            break
        time.sleep(0.1)
    if word not in text or not re.search(reason, text):
        problems.append(f"the verdict is {text!r} and not {word!r} with {reason!r}")
    if not browser.run("return document.title").startswith(word):
        problems.append("the title does not say it")
    wide, window = browser.run("return [document.documentElement.scrollWidth, innerWidth]")
    if wide > window:
        problems.append(f"{wide} pixels wide in a window of {window}")
    contrast = browser.run(CONTRAST)
    if contrast < 4.5:
        problems.append(f"a contrast of {contrast:.2f}")
    if name != "away":  # there the browser itself says that nobody answers
        problems += browser.console()
    browser.screenshot(f"{name}-{width}-{theme}")
    verdict(f"{name}, {width} pixels, {theme}", "; ".join(problems))


def pipe(stack, samples):
    """A source that gives these samples, and then nothing."""
    path = os.path.join(stack.enter_context(tempfile.TemporaryDirectory()), "pipe")
    os.mkfifo(path)
    held = os.open(path, os.O_RDWR)
    stack.callback(os.close, held)
    os.write(held, samples)
    return "source.path=" + path


def not_live(stack):
    """Its output directory was replaced: the one state that a restart heals."""
    out = os.path.join(stack.enter_context(tempfile.TemporaryDirectory()), "out")
    os.mkdir(out)
    daemon = Daemon(stack, "-s", "kernel", os.path.join(out, "n.txt"), "10", "0.5").until(lambda s: s["ready"])
    os.rename(out, out + ".old")
    os.mkdir(out)
    return daemon.until(lambda s: not s["live"])


def states(stack):
    """(name, daemon, the verdict's word, what its reasons match) of daemons that stay in their state."""
    def replay(samples, *settings):
        return Daemon(stack, "-s", "replay", "--set", samples, *settings, "n.txt", "10", "1")

    well = Daemon(stack, "-s", "kernel", "n.txt", "10000", "30").until(lambda s: s["ready"])
    start = replay(pipe(stack, os.urandom(400)), "--set", "source.timeout=3600").until(lambda s: s["health"]["startup_done"] > 0)
    zeros = replay("source.path=/dev/zero", "--set", "health.retry_min=60").until(lambda s: s["health"]["state"] == "failed")
    stuck = replay(pipe(stack, os.urandom(4000)), "--set", "source.timeout=0.5").until(
        lambda s: s["started"] and not s["ready"] and not s["source"]["up"])
    return [("ready", well, "✓ ready", r"^✓ ready\s+10000 numbers from getrandom, new ones each 30 s\s+no hardware is watched$"),
            ("starting", start, "… starting", r"\d+ of 1024 samples of the start-up test"),
            ("failed", zeros, "✗ not ready", r"(?s)repetition_count.*next start-up test in"),
            ("stuck", stuck, "✗ not ready", r"no data for more than 0\.5 s"),
            ("directory", not_live(stack), "✗ not ready, not live", "removed or replaced")]


def in_state(browser, name, daemon, word, reason):
    for width in (390, 1280):
        for theme in ("light", "dark"):
            browser.show(f"http://127.0.0.1:{daemon.port}/", width, theme)
            check(browser, name, word, reason, width, theme)


def away(stack, browser):
    """A daemon that ends while its page is looked at: what is shown is said to be old."""
    for width, theme in ((390, "dark"), (1280, "light")):
        daemon = Daemon(stack, "-s", "kernel", "n.txt", "10", "30").until(lambda s: s["ready"])
        browser.show(f"http://127.0.0.1:{daemon.port}/", width, theme)
        check(browser, "before", "✓ ready", "", width, theme)
        daemon.end()
        check(browser, "away", "? not to be reached", "What is below is of ", width, theme)
        browser.show("about:blank", width, theme)
        browser.console()


MARKUP = "<script>document.title='stolen'</script><img src=x onerror=document.title='stolen'>"


def strange(s):
    """Whatever a name or a message can hold, each as long as it can be; an hour of history, and all events."""
    s["source"].update(name=MARKUP, driver=MARKUP, error="e" * 255, why=MARKUP)
    s.update(host=MARKUP, node=MARKUP, ready=False)
    s["health"].update(state="failed", reason=MARKUP, retry_in_seconds=5)
    s["refresh"].update(error=MARKUP, stage=MARKUP)
    s["output"].update(file="/" + "f" * 254)
    s["config"].update(restart_wanted=True, restart_keys=MARKUP)
    s["confinement"]["user"] = {"holds": False, "detail": MARKUP}
    s["history"].update(peak_ratio=[(i % 30) / 30 for i in range(120)], refresh_seconds=[None] * 60 + [0.01] * 60,
                        read_seconds=[0.002 + (i % 7) / 1000 for i in range(120)])
    s["events"] = [{"unix_seconds": 1.8e9 - 3000 * i, "age_seconds": 3000 * i, "text": MARKUP} for i in range(32)]


def strangers(stack, browser, daemon):
    doctored = Doctored(stack, daemon, strange)
    in_state(browser, "strangers", doctored, "✗ not ready", "<script>")
    facts = browser.run("return document.getElementById('facts').innerText")
    verdict("what strangers say is text", "" if facts.count(MARKUP) >= 36 else repr(facts))
    made = browser.run("return document.querySelectorAll('#facts script, #facts img, #verdict script, #verdict img').length")
    verdict("what strangers say is no markup", made)
    lines = browser.run("return [...document.querySelectorAll('#facts svg path')].map(p => p.getAttribute('d').length)")
    verdict("three lines of an hour", "" if len(lines) == 3 and min(lines) > 60 else repr(lines))


# What has no name for a screen reader, and what a keyboard reaches.
UNNAMED = """return [...document.querySelectorAll('th, h1, h2, a, meter, svg, nav')].filter(e =>
  !(e.textContent.trim() || e.getAttribute('aria-label') || e.getAttribute('aria-hidden'))).map(e => e.outerHTML)"""
REACHED = "return [...document.querySelectorAll('a')].every(a => { a.focus(); return document.activeElement === a; })"


def for_everybody(browser, daemon):
    for width in (320, 1920):
        browser.show(f"http://127.0.0.1:{daemon.port}/", width, "light")
        check(browser, "ready", "✓ ready", "", width, "light")
    browser.show(f"http://127.0.0.1:{daemon.port}/", 1280, "light")
    check(browser, "before", "✓ ready", "", 1280, "light")
    verdict("everything has a name", browser.run(UNNAMED))
    verdict("the verdict is said aloud", browser.run("return document.getElementById('word').getAttribute('role')") != "status")
    verdict("a keyboard reaches each link", not browser.run(REACHED))
    icon = browser.run("return decodeURIComponent(document.getElementById('icon').href)")
    verdict("the icon shows the state", "" if ">✓<" in icon and "#2da44e" not in icon.split("<text")[1] else icon)


def without_script(stack, daemon):
    browser = Browser(stack, script=False)
    for width in (390, 1280):
        for theme in ("light", "dark"):
            browser.show(f"http://127.0.0.1:{daemon.port}/", width, theme)
            table = browser.ask("POST", "/element", {"using": "css selector", "value": "table"})
            text = browser.ask("GET", f"/element/{next(iter(table.values()))}/text")
            verdict("without a script", "" if text.startswith("verdict ready\n") and "\nsource kernel" in text else repr(text))
            browser.screenshot(f"plain-{width}-{theme}")


def main():
    if not (shutil.which("chromedriver") and shutil.which("chromium")):
        print("skip   the page: no chromium, or no chromium-driver")
        print("0 passed, 0 failed, 1 skipped")
        sys.exit(77)
    with contextlib.ExitStack() as stack:
        all_states = states(stack)
        browser = Browser(stack)
        for state in all_states:
            in_state(browser, *state)
        away(stack, browser)
        strangers(stack, browser, all_states[0][1])
        for_everybody(browser, all_states[0][1])
        without_script(stack, all_states[0][1])
    print(f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    sys.exit(counts["failed"] > 0)


main()
