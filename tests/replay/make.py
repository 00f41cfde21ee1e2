#!/usr/bin/env python3
"""Makes the sample files of this folder, always the same ones: make.py [DIR].

Each is named by the worst verdict of the health tests at the default settings (bytes, H 4) and by the test that gives
it; tests/unit/test_health_replay.c knows at which sample. Random samples are SHA-256 of a label and a counter."""
import hashlib
import os
import sys


def random(label, n):
    blocks = (hashlib.sha256(f"{label} {i}".encode()).digest() for i in range(n // 32 + 1))
    return b"".join(blocks)[:n]


def biased(label, n, one_in):
    """Random samples, but one in so many is 0x41."""
    other = random(label + " where", n)
    return bytes(0x41 if w % one_in == 0 else s for s, w in zip(random(label, n), other))


def files():
    good = random("good", 4096)
    yield "pass.bin", good
    yield "rct-intermittent.bin", good[:2000] + b"\x00" * 9 + good[2000:]
    yield "rct-permanent.bin", good[:2000] + b"\x00" * 2096
    yield "rct-permanent-startup.bin", b"\xff" * 1024
    yield "apt-intermittent.bin", good[:2048] + b"\x41" + biased("bias", 511, 6) + good[2560:]
    yield "apt-permanent.bin", good[:1536] + b"".join(b"\x41" + bytes([s]) for s in random("every other", 1280))
    yield "repeat-permanent.bin", good[:2048] + good[2000:2005] * 400
    yield "repeat-permanent-startup.bin", good[:64] * 64


def main(args):
    folder = args[0] if args else os.path.dirname(os.path.abspath(__file__))
    for name, samples in files():
        with open(os.path.join(folder, name), "wb") as f:
            f.write(samples)


if __name__ == "__main__":
    main(sys.argv[1:])
