#!/usr/bin/env python3
"""run.py PROGRAM [DIRECTORY]: the status page of real daemons in each state, in a headless Chromium, at two widths and in
two themes.

Checks the verdict's word and reasons, that nothing is wider than the window, that the console is silent, that text has a
contrast of 4.5 to 1, and that the page says something without a script. With DIRECTORY it leaves a screenshot of each.
Needs Debian's chromium and chromium-driver, which is asked over HTTP on 127.0.0.1. Ends with "N passed, N failed, N
skipped"; exits 77 where the browser is missing."""
import base64
import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
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
for (const e of document.querySelectorAll("h1, h2, b, p, th, td, td span, li, a")) {
  if (!e.textContent.trim() || !e.getClientRects().length) continue;
  const a = light(over(parse(getComputedStyle(e).color), base)), b = light(behind(e));
  worst = Math.min(worst, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
}
return worst;"""


def check(browser, name, word, reason, width, theme):
    text, problems = "", []
    for _ in range(150):
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
    return [("ready", well, "✓ ready", r"^✓ ready\s*$"),
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


def without_script(stack, daemon):
    browser = Browser(stack, script=False)
    browser.show(f"http://127.0.0.1:{daemon.port}/", 390, "light")
    frame = browser.ask("POST", "/element", {"using": "css selector", "value": "iframe"})
    browser.ask("POST", "/frame", {"id": frame})
    body = browser.ask("POST", "/element", {"using": "css selector", "value": "body"})
    text = browser.ask("GET", f"/element/{next(iter(body.values()))}/text")
    verdict("without a script", "" if text.startswith("ready\n") and "source " in text else repr(text))


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
        without_script(stack, all_states[0][1])
    print(f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    sys.exit(counts["failed"] > 0)


main()
