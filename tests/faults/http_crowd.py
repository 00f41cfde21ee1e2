"""Rude HTTP clients, and one that reads answers strictly. All of them stay inside 127.0.0.0/8."""

import random
import re
import socket
import struct
import time

from rig import check

IP_BIND_ADDRESS_NO_PORT = 24
ADDRESSES = 8  # 127.0.0.2 and on: each has ports of its own
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: closing sends RST
SILENCE = 1.0  # a strict client waits so long for the rest of an answer


class Load:
    """The clients of one row, until its time is over. pace: of new connections, where 1 is as fast as the row says."""

    def __init__(self, port, seconds, seed, pace=1.0):
        self.port, self.random, self.opened, self.pace = port, random.Random(seed), 0, pace
        self.kept = []
        self.end = time.monotonic() + seconds

    def goes_on(self):
        return time.monotonic() < self.end

    def connect(self, narrow=False):
        """narrow: hardly anything of an answer fits into the kernel's buffers, so the sender soon has to wait."""
        s = socket.socket()
        if narrow:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
        s.setsockopt(socket.IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1)
        s.bind((f"127.0.0.{2 + self.opened % ADDRESSES}", 0))
        s.settimeout(SILENCE)
        s.connect(("127.0.0.1", self.port))
        self.opened += 1
        return s

    def open(self, first, narrow=False):
        """Connected, and `first` sent as far as the server takes it."""
        s = self.connect(narrow)
        send(s, first)
        return s

    def keep(self, sockets):
        """They stay open until the row has been measured."""
        self.kept += sockets

    def release(self):
        for s in self.kept:
            s.close()
        self.kept = []


def send(s, data):
    """False: the server has closed the connection, as it may at any time. Never waits long."""
    try:
        s.sendall(data)
        return True
    except OSError:
        return False


def reset(s):
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    s.close()


def dribble(load, n, firsts, drop):
    """n clients at all times; each sends one of `firsts`, then `drop` every 20 ms. Who is turned away comes back, at
    most 2000 a second."""
    crowd = []
    while load.goes_on():
        for _ in range(min(int(40 * load.pace), n - len(crowd))):
            crowd.append(load.open(firsts[load.opened % len(firsts)]))
        still_open = []
        for s in crowd:
            if send(s, drop):
                still_open.append(s)
            else:
                s.close()
        crowd = still_open
        time.sleep(0.02)
    load.keep(crowd)


def gather(load, n, first, pace, narrow=False, patience=0):
    """n clients, `pace` a second at most, which send `first` and then nothing, read nothing and never leave. patience:
    the row goes on for so many seconds, if need be, until all of them are there: a busy machine opens fewer a second."""
    began, crowd = time.monotonic(), []

    def goes_on():
        return load.goes_on() or (len(crowd) < n and time.monotonic() < began + patience)

    while goes_on():
        due = min(n, int((time.monotonic() - began) * pace * load.pace) + 1)
        while len(crowd) < due and goes_on():
            crowd.append(load.open(first, narrow))
        time.sleep(0.001)
    load.keep(crowd)
    return len(crowd)


# ---- a strict reader -------------------------------------------------------------------------------------------------
class Response:
    """One answer cut off the front of `data`; rest: what follows it."""

    def __init__(self, data, head_only=False):
        head, end, rest = data.partition(b"\r\n\r\n")
        check(end, f"no whole header: {data[:200]!r}")
        lines = head.split(b"\r\n")
        found = re.fullmatch(rb"HTTP/1\.1 ([1-5][0-9][0-9]) [ -~]+", lines[0])
        check(found, f"no status line: {lines[0][:200]!r}")
        self.code, self.head, self.fields = int(found.group(1)), head, {}
        for line in lines[1:]:
            found = re.fullmatch(rb"([A-Za-z-]+): ([ -~]+)", line)
            check(found, f"no header field: {line[:200]!r}")
            name = found.group(1).decode().lower()
            check(name not in self.fields, f"{name} twice: {head!r}")
            self.fields[name] = found.group(2).decode()
        check("content-length" in self.fields or self.code == 304, f"no Content-Length: {head!r}")
        self.length = 0 if head_only else int(self.fields.get("content-length", 0))
        self.whole = len(rest) >= self.length
        self.body, self.rest = rest[: self.length], rest[self.length :]


def receive(s):
    """Everything until the server closes, resets or falls silent; and whether it closed."""
    data = bytearray()
    try:
        while more := s.recv(65536):
            data += more
    except ConnectionResetError:
        return bytes(data), True
    except OSError:
        return bytes(data), False
    return bytes(data), True


def exchange(load, request):
    """One request on a connection of its own: (bytes, whether the server closed)"""
    with load.connect() as s:
        send(s, request)
        return receive(s)
