"""disk_rows.py: what happens to the output directory by the hands of others, and to the log.

In every row the daemon publishes, then something is done to its directory, then it is undone. What was there before
stays whole, the failure is named, nobody else's file is touched, and the daemon recovers: without a restart, but where
the directory is not the one any more that it opened."""

import fcntl
import os
import re
import subprocess
import threading
import time

from rig import (
    Skipped, World, becomes_directory, check, make_victim, removed, run_rows, temp_path, try_make, until, victim_is_fine,
    victim_path,
)  # fmt: skip


def nothing_is_written_into_what_came_later(w):
    time.sleep(0.6)
    check(w.probe("/healthz") == 503, "live again without a restart")
    check(not os.listdir(w.out_dir), f"written into another directory: {os.listdir(w.out_dir)}")


def directory_removed(w):
    until(lambda: removed(w.out_dir), "the directory can be removed between two files")
    w.directory_fails()
    os.mkdir(w.out_dir)
    os.chmod(w.out_dir, 0o777)
    nothing_is_written_into_what_came_later(w)
    w.restart()
    w.output_is_back()


def directory_replaced(w):
    old = w.out_dir + ".old"
    os.rename(w.out_dir, old)
    with open(old + "/numbers.txt", "rb") as f:
        before = f.read()
    os.mkdir(w.out_dir)
    os.chmod(w.out_dir, 0o777)
    w.directory_fails()
    nothing_is_written_into_what_came_later(w)
    w.restart()
    w.output_is_back()
    with open(old + "/numbers.txt", "rb") as f:
        lines = f.read()
    # One publication may have been under way when the directory was moved.
    check(lines == before or lines.count(b"\n") == w.count, "the file in the old directory is torn")


def directory_swapped_for_a_link(w):
    """By another user, who wants the daemon to write elsewhere."""
    other = os.path.join(w.dir, "other")
    os.mkdir(other)
    os.chmod(other, 0o777)
    os.rename(w.out_dir, w.out_dir + ".old")
    os.symlink(other, w.out_dir)
    w.directory_fails()
    time.sleep(0.6)
    check(not os.listdir(other), f"written where the link leads: {os.listdir(other)}")
    os.unlink(w.out_dir)
    os.rename(w.out_dir + ".old", w.out_dir)
    w.output_is_back()


def directory_moved_and_back(w):
    os.rename(w.out_dir, w.out_dir + ".old")
    w.directory_fails()
    os.rename(w.out_dir + ".old", w.out_dir)
    w.output_is_back()


def long_interval(w):
    """The directory is looked for between two refreshes too."""
    w.settled()
    os.rename(w.out_dir, w.out_dir + ".old")
    until(lambda: w.probe("/healthz") == 503, "healthz 503", 30)
    w.directory_fails()
    os.rename(w.out_dir + ".old", w.out_dir)


def directory_closed(w):
    if os.stat(w.file).st_uid == 0:
        raise Skipped("root without privileges is its owner")
    os.chmod(w.out_dir, 0o555)
    w.output_fails("write", "uid [0-9]+ may not create .*Permission denied")
    w.whole()
    os.chmod(w.out_dir, 0o777)
    w.output_is_back()


def file_becomes_directory(w):
    until(lambda: becomes_directory(w.file), "no file comes between unlink and mkdir")
    w.output_fails("publish", "cannot put in place .*it is a directory now; remove it")
    os.rmdir(w.file)
    w.output_is_back()


def file_becomes_symlink(w):
    os.symlink(make_victim(w), w.file + ".new")
    os.rename(w.file + ".new", w.file)
    w.beat(2)
    check(not os.path.islink(w.file), "the link is still there")
    victim_is_fine(w)


def planted_symlinks(w):
    victim = make_victim(w)
    plant(w, lambda path: os.symlink(victim, path))


def planted_hard_link(w):
    victim = make_victim(w)
    plant(w, lambda path: os.link(victim, path), gone=True)
    check(os.stat(victim).st_nlink == 1, "a link is left")


def planted_fifo(w):
    plant(w, os.mkfifo)


def plant(w, make, gone=False):
    """Names such as temporary files have are taken. gone: the daemon may tidy such a thing up."""
    for n in (0, 1):
        check(try_make(make, temp_path(w, n)), "the name is taken")
    w.beat(3)
    if os.path.exists(victim_path(w)):
        victim_is_fine(w)
    for n in (0, 1):
        check(gone or os.path.lexists(temp_path(w, n)), "what others planted was removed")
        if os.path.lexists(temp_path(w, n)):
            os.unlink(temp_path(w, n))


def many_names_planted(w):
    victim = make_victim(w)
    for n in range(2000):
        check(try_make(lambda path: os.symlink(victim, path), temp_path(w, n)), "the name is taken")
    w.beat(3)
    victim_is_fine(w)
    for n in range(2000):
        os.unlink(temp_path(w, n))


def file_size_limit(w):
    w.output_fails("write", "cannot write .*File too large")
    subprocess.run(["prlimit", f"--pid={w.pid}", "--fsize=1000000:1000000"], check=True)
    w.output_is_back()


def log_unread(w):
    """Standard error is a full pipe that nobody reads: neither the beat, nor the answers, nor the end may wait."""
    w.beat(110)  # a line each at -v; the pipe holds 16 KiB
    w.answers()
    w.beat(3)


def log_closed(w):
    os.close(w.pipe[0])
    w.pipe = None
    w.beat(3)
    w.answers()


# ---- the table ------------------------------------------------------------------------------------------------------
def plain(what, **more):
    def test(name):
        with World("kernel", name, interval=0.2, count=100, **more) as w:
            w.start()
            w.beat()
            what(w)
            w.stop()

    return test


def hourly(name):
    with World("kernel", name, interval=3600, count=100) as w:
        w.start()
        w.ready()
        long_interval(w)
        w.stop()


def limited(name):
    with World("kernel", name, interval=0.2, count=200) as w:  # some 12 KB
        w.wrapper = ["prlimit", "--fsize=16384:1000000"]
        w.args = ["--set", "confine.user=none"]  # who sets the limit is the same user, then
        w.start()
        w.beat()
        subprocess.run(["prlimit", f"--pid={w.pid}", "--fsize=8000:1000000"], check=True)
        file_size_limit(w)
        w.stop()


def piped(what):
    def test(name):
        with World("kernel", name, interval=0.01, count=10) as w:
            w.pipe = os.pipe()
            fcntl.fcntl(w.pipe[0], 1031, 16384)  # F_SETPIPE_SZ
            w.stderr = w.pipe[1]
            w.args = ["-v"]
            try:
                port = piped_start(w)
                check(port, "no port")
                what(w)
                w.stop()
            finally:
                for fd in w.pipe or ():
                    os.close(fd)

    return test


def piped_start(w):
    """The port stands in what is read before nobody reads any more."""
    text = bytearray()

    def read():
        while b"generation=1" not in text:
            text.extend(os.read(w.pipe[0], 4096))

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    w.find_port = lambda: None
    w.start()
    reader.join(15)
    found = re.search(rb"msg=listening .*port=(\d+)", bytes(text))
    w.port = int(found.group(1)) if found else None
    return w.port


ROWS = [
    ("the directory is removed and made again", plain(directory_removed)),
    ("the directory is moved away and another stands in its place", plain(directory_replaced)),
    ("the directory is swapped for a link to elsewhere", plain(directory_swapped_for_a_link)),
    ("the directory is moved away and back", plain(directory_moved_and_back)),
    ("the directory is moved away in an interval of an hour", hourly),
    ("the directory is closed and opened again", plain(directory_closed)),
    ("the file is replaced by a directory", plain(file_becomes_directory)),
    ("the file is replaced by a symbolic link", plain(file_becomes_symlink)),
    ("symbolic links in place of the temporary file", plain(planted_symlinks)),
    ("hard links in place of the temporary file", plain(planted_hard_link)),
    ("FIFOs in place of the temporary file", plain(planted_fifo)),
    ("two thousand names such as the temporary file's", plain(many_names_planted)),
    ("a limit of the file size (SIGXFSZ)", limited),
    ("nobody reads the log", piped(log_unread)),
    ("the log's reader is gone", piped(log_closed)),
]

run_rows(ROWS, lambda row: row[1](row[0]))
