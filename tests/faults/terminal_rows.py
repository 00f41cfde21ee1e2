#!/usr/bin/env python3
"""terminal_rows.py: what a person at a terminal sees, a row for each thing; the terminal is a pseudo-terminal.

Environment, set by tests/run: REFRESHER; the present directory is the test's own. Ends with 1 when a row failed."""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

REFRESHER = os.environ["REFRESHER"]
PATIENCE = float(os.environ.get("PATIENCE", "20"))
CLEAR, CTRL_C = "\r\x1b[K", b"\x03"


class Terminal:
    """The program in a session of its own, whose terminal is ours. What it shows is in .text."""

    def __init__(self, *arguments, stdout=None, columns=80, **environment):
        self.text, self.status = "", None
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(2, termios.TIOCSWINSZ, struct.pack("HHHH", 25, columns, 0, 0))
            if stdout:
                os.dup2(os.open(stdout, os.O_WRONLY | os.O_CREAT), 1)
            clean = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "TERM")}
            os.execve(REFRESHER, [REFRESHER, *arguments], {**clean, "TERM": "xterm", **environment})

    def read(self, test=lambda text: False):
        """Until test(text) is true (True), the program has ended or patience has (False)."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if test(self.text):
                return True
            if select.select([self.fd], [], [], 0.1)[0]:
                try:
                    self.text += os.read(self.fd, 65536).decode()
                except OSError:  # the other end is closed
                    return test(self.text)
        return False

    def sees(self, pattern):
        if not self.read(lambda text: re.search(pattern, text)):
            self.wrong(f"never saw {pattern!r}")

    def type(self, what):
        os.write(self.fd, what)

    def end(self):
        self.read()
        self.status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        os.close(self.fd)
        return self

    def lacks(self, part):
        if part in self.text:
            self.wrong(f"saw {part!r}")

    def wrong(self, why):
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            self.end()
        raise AssertionError(f"{why}: {self.text!r}")


def error_in_colour():
    t = Terminal("--fooo").end()
    assert t.status == 64 and t.text == CLEAR + "refresher: \x1b[1;31merror: \x1b[0m--fooo: unknown option; see refresher --help\r\n", t.text


def no_colour():
    t = Terminal("--fooo", NO_COLOR="1").end()
    assert t.text == CLEAR + "refresher: error: --fooo: unknown option; see refresher --help\r\n", t.text
    t = Terminal("--fooo", NO_COLOR="").end()
    assert "\x1b[1;31m" in t.text, t.text


def dumb():
    for term in ("dumb", ""):
        t = Terminal("-l", "none", "-s", "kernel", "--set", "refresh.interval=0.5", "dumb.txt", "10", TERM=term)
        t.sees("published")
        time.sleep(1.5)
        t.type(CTRL_C)
        t.end()
        assert t.status == 0 and "\x1b" not in t.text and "Ctrl-C" not in t.text, t.text


def daemon():
    t = Terminal("-l", "none", "-s", "kernel", "daemon.txt", "10", "1")
    t.sees(r"refresher: starting \(version ")
    t.sees(re.escape(CLEAR) + r"refresher: ok, generation \d+, file [\d.]+ s old; Ctrl-C ends it" + re.escape(CLEAR))
    t.type(CTRL_C)
    t.end()
    assert t.status == 0, t.status
    t.lacks("level=info")
    assert re.search(r"refresher: stopped \(refreshes \d+, failed 0, numbers \d+, source_failures 0, after [\d.]+ s\)\r\n$", t.text), t.text


def narrow():
    t = Terminal("-l", "none", "-s", "kernel", "narrow.txt", "10", "1", columns=30)
    t.sees("refresher: ok, generation")
    t.type(CTRL_C)
    t.end()
    lines = [part.split("\r\n")[0] for part in t.text.split(CLEAR) if part.startswith("refresher: ok, generation")]
    assert lines and all(len(line) <= 29 + len("^C") for line in lines), lines


def slow_source():
    """A fifo that gives half of what the start-up test wants, and then nothing for a while."""
    os.mkfifo("slow")
    t = Terminal("-l", "none", "-s", "replay", "--set", "source.path=slow", "slow.txt", "10")
    with open("slow", "r+b", buffering=0) as out:  # also for reading: to open it waits for no reader
        out.write(os.urandom(512))
        t.sees(r"refresher: starting, \d+ of 1024 samples, [\d.]+ (s|min) left; Ctrl-C ends it")
        out.write(os.urandom(4096))
        t.sees("published")
        t.end()
    assert t.status == 0, t.status


def slow_start():
    """Samples that come one by one for longer than 10 s: the log tells the progress now and then."""
    os.mkfifo("slower")
    t = Terminal("-l", "none", "-s", "replay", "--set", "source.path=slower", "slower.txt", "10", TERM="dumb")
    with open("slower", "r+b", buffering=0) as out:
        for _ in range(24):
            out.write(os.urandom(8))
            t.read(lambda text: time.sleep(0.5) or True)
        t.sees(r"refresher: start-up test goes on \(samples \d+, of 1024\)\r\n")
        out.write(os.urandom(4096))
        t.sees("published")
        t.end()
    assert t.text.count("goes on") == 1 and t.status == 0, t.text


def many_numbers():
    t = Terminal("-l", "none", "-s", "kernel", "-", "1000000000", stdout="/dev/null")
    t.sees(r"refresher: ok, \d+ of 1000000000 numbers, [\d.]+ (s|min) left; Ctrl-C ends it")
    t.type(CTRL_C)
    t.end()
    assert t.status == -signal.SIGINT, t.status


def numbers_on_the_terminal():
    t = Terminal("-q", "-l", "none", "-s", "kernel", "--set", "confine.landlock=false", "-", "3").end()
    assert t.status == 0 and re.fullmatch(r"(-?\d+\r\n){3}", t.text.replace(CLEAR, "")), t.text


def quiet():
    t = Terminal("-q", "-l", "none", "-s", "kernel", "quiet.txt", "10", "0.5")
    time.sleep(2.5)
    t.type(CTRL_C)
    t.end()
    assert t.status == 0 and "Ctrl-C" not in t.text and "starting" not in t.text, t.text


def json_stays():
    t = Terminal("--log-format", "json", "-l", "none", "-s", "kernel", "json.txt", "10").end()
    assert t.text.startswith('{"ts":') and "\x1b" not in t.text, t.text


def names_cannot_steer():
    t = Terminal("-l", "none", "-s", "kernel", "a\x1b[31mb\u009bc").end()
    t.lacks("\x1b[31m")
    t.lacks("\u009b")


rows = [error_in_colour, no_colour, dumb, daemon, narrow, slow_source, slow_start, many_numbers, numbers_on_the_terminal, quiet, json_stays,
        names_cannot_steer]
children = []
for row in rows:  # beside one another: most of them wait
    children.append(os.fork())
    if children[-1] == 0:
        try:
            row()
        except AssertionError as e:
            print(f"not ok: {row.__name__}: {e!r}", flush=True)
            os._exit(1)
        os._exit(0)
sys.exit(any(os.waitpid(child, 0)[1] for child in children))
