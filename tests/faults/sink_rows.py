"""sink_rows.py fuse|call: what the daemon makes of every way in which its disk can fail.

In every row a first file is published well, then the fault comes. The row says at which stage the refresh must fail and
what the log must say. While the fault lasts the old file stays as it is, /readyz says that the output failed, and the
daemon answers and is live. When the fault is gone the next file comes without a restart, and no temporary file is left.
Rows without a stage are no failure: the refresh must get through them."""

import sys
import time

from rig import World, check, run_rows, until

KIND = sys.argv[1] if len(sys.argv) > 1 else "fuse"

# sentence, commands, stage ("" = no failure), log line
ROWS = [
    ("ENOSPC at write", ["fail write ENOSPC"], "write", "No space left on device"),
    ("EDQUOT at write", ["fail write EDQUOT"], "write", "free space or set a larger quota: Disk quota exceeded"),
    ("EIO at write", ["fail write EIO"], "write", "cannot write .*Input/output error"),
    ("EFBIG at write", ["fail write EFBIG"], "write", "cannot write .*File too large"),
    ("ENOSPC at create: no inodes", ["fail create ENOSPC"], "write", "cannot create a file .*No space left"),
    ("EROFS at create", ["fail create EROFS"], "write", "mount (an emptyDir|the volume) .*Read-only file system"),
    ("EACCES at create", ["fail create EACCES"], "write", "uid [0-9]+ may not create .*Permission denied"),
    ("ESTALE at create", ["fail create ESTALE"], "write", "cannot create a file .*Stale file handle"),
    ("EIO at flock", ["fail lock EIO"], "write", "cannot lock .*Input/output error"),
    ("EIO at fchmod", ["fail chmod EIO"], "write", "cannot set the owner or mode of .*Input/output error"),
    ("a file system that refuses modes", ["fail chmod EPERM"], "", None),
    ("a file system that knows no modes", ["fail chmod ENOSYS"], "", None),
    ("EIO at fsync of the file", ["fail fsync EIO"], "write", "cannot bring to the disk .*Input/output error"),
    ("ENOSPC at fsync of the file", ["fail fsync ENOSPC"], "write", "cannot bring to the disk .*No space left"),
    ("EIO at rename", ["fail rename EIO"], "publish", "cannot put in place .*Input/output error"),
    ("ENOSPC at rename", ["fail rename ENOSPC"], "publish", "cannot put in place .*No space left"),
    ("EBUSY at rename", ["fail rename EBUSY"], "publish", "it is a mount point"),
    ("EIO at fsync of the directory", ["fail fsyncdir EIO"], "publish", "its directory did not reach the disk"),
    ("EIO at unlink of what ENOSPC left", ["fail write ENOSPC", "fail unlink EIO"], "write", "No space left"),
    ("ENOSPC becomes EIO: both are said", ["fail write ENOSPC", "then fail write EIO"], "write", "Input/output error"),
    ("a file system without locks", ["fail lock ENOLCK"], "", None),
    ("a directory that knows no fsync", ["fail fsyncdir EINVAL"], "", None),
    ("a directory whose fsync is not supported", ["fail fsyncdir EOPNOTSUPP"], "", None),
    ("a file that knows no fsync", ["fail fsync EINVAL"], "", None),
    ("writes of 100 bytes", ["short write 100"], "", None),
    ("50 times EINTR at write", ["fail write EINTR 50"], "", None),
    ("20 times EAGAIN at write", ["fail write EAGAIN 20"], "", None),
    ("a write that never returns, then does", ["hang write"], "hang", None),
    ("an fsync that never returns, then does", ["hang fsync"], "hang", None),
    ("a rename that never returns, then does", ["hang rename"], "hang", None),
    ("SIGTERM while a write never returns", ["hang write"], "term", None),
    ("SIGTERM while an fsync never returns", ["hang fsync"], "term", None),
    ("SIGTERM while a rename never returns", ["hang rename"], "term", None),
]


def expect_old_file(w, name, digest):
    """While it lasts. Only the sync of the directory comes too late for the old file."""
    time.sleep(0.6)
    if "fsync of the directory" in name:
        w.whole()
        return
    check(w.digest() == digest, "the old file changed")
    w.frozen(0.6)
    if "at unlink" not in name:
        until(lambda: not w.temporaries(), lambda: f"temporary files between two tries: {w.temporaries()}")


def test_hang(w, end):
    hits = until(lambda: w.hits() > 0, "the fault is met")
    check(hits, "no fault")
    digest = w.digest()
    time.sleep(0.7)
    w.answers()
    check(w.probe("/healthz") == 200, "a worker that hangs for a second is no dead one")
    check(w.digest() == digest, "the old file changed")
    if end:
        w.stop(clean=False)
        w.whole()
        if KIND == "fuse":
            w.fault("clear")
        w.run_once()
        check(not w.temporaries(), f"the next start left {w.temporaries()}")
        return
    w.fault("clear")
    w.beat()
    w.stop()


def test(row):
    name, commands, stage, log = row
    with World(KIND, name, interval=0.3, output_faults=True, seed=7) as w:
        w.start()
        w.ready()
        w.beat()
        generation, digest = w.generation(), None
        for c in commands:
            if c.startswith("then "):
                w.output_fails("write", "No space left on device")
            w.fault(c.removeprefix("then "))
        if stage in ("hang", "term"):
            test_hang(w, stage == "term")
            return
        if stage == "":
            until(lambda: w.hits() > 0, "the fault is met")
            w.beat(3)
            check(w.metrics()['refresh_failures_total{stage="write"}'] == 0, "a refresh failed")
            check(generation < w.generation(), "no beat")
        else:
            w.output_fails(stage, log)
            digest = w.digest()
            expect_old_file(w, name, digest)
        w.fault("clear")
        w.output_is_back()
        until(lambda: not w.temporaries(), lambda: f"temporary files stay: {w.temporaries()}")
        w.stop()


run_rows(ROWS, test)
