"""disk_rows.py user|root: what happens to the output directory by the hands of others, on real file systems.

In every row the daemon publishes, then something is done to its directory, then it is undone. What was there before
stays whole, the failure is named, nobody else's file is touched, and the daemon recovers without a restart.
The rows of `root` mount file systems, or act as another user."""

import fcntl
import os
import re
import shutil
import subprocess
import sys
import threading

from rig import REFRESHER, Skipped, World, check, run_rows, until

WHO = sys.argv[1] if len(sys.argv) > 1 else "user"
ATTACKER = 12345
VICTIM_TEXT = b"not yours\n"


# ---- rows of everybody ---------------------------------------------------------------------------------------------
def removed(path):
    shutil.rmtree(path, ignore_errors=True)
    return not os.path.exists(path)


def directory_removed(w):
    until(lambda: removed(w.out_dir), "the directory can be removed between two files")
    w.output_fails("write", "is gone; create it again or mount a volume there")
    os.mkdir(w.out_dir)
    os.chmod(w.out_dir, 0o777)
    w.output_is_back()


def directory_replaced(w):
    old = w.out_dir + ".old"
    os.rename(w.out_dir, old)
    with open(old + "/numbers.txt", "rb") as f:
        before = f.read()
    os.mkdir(w.out_dir)
    os.chmod(w.out_dir, 0o777)
    until(lambda: os.path.exists(w.file), "a file in the new directory")
    w.output_is_back()
    with open(old + "/numbers.txt", "rb") as f:
        lines = f.read()
    # One publication may have been under way when the directory was moved.
    check(lines == before or lines.count(b"\n") == w.count, "the file in the old directory is torn")


def directory_closed(w):
    os.chmod(w.out_dir, 0o555)
    if os.stat(w.file).st_uid == 0:
        raise Skipped("root without privileges is its owner")
    w.output_fails("write", "uid [0-9]+ may not create .*Permission denied")
    w.whole()
    os.chmod(w.out_dir, 0o777)
    w.output_is_back()


def becomes_directory(path):
    os.unlink(path)
    return try_make(os.mkdir, path)


def file_becomes_directory(w):
    until(lambda: becomes_directory(w.file), "no file comes between unlink and mkdir")
    w.output_fails("publish", "cannot put in place .*it is a directory now; remove it")
    os.rmdir(w.file)
    w.output_is_back()


def make_victim(w):
    path = os.path.join(w.dir, "victim")
    with open(path, "wb") as f:
        f.write(VICTIM_TEXT)
    os.chmod(path, 0o666)
    return path


def victim_is_fine(w):
    with open(os.path.join(w.dir, "victim"), "rb") as f:
        check(f.read() == VICTIM_TEXT, "another file was written to")


def file_becomes_symlink(w):
    os.symlink(make_victim(w), w.file + ".new")
    os.rename(w.file + ".new", w.file)
    w.beat(2)
    check(not os.path.islink(w.file), "the link is still there")
    victim_is_fine(w)


def temp_path(w, number=0):
    return os.path.join(w.out_dir, f".numbers.txt.tmp.{w.pid}" + (f".{number}" if number else ""))


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
    """The next two names of a temporary file are taken. gone: the daemon may tidy such a thing up."""
    for n in (0, 1):
        until(lambda: try_make(make, temp_path(w, n)), "the name is free for a moment")
    w.beat(3)
    if os.path.exists(os.path.join(w.dir, "victim")):
        victim_is_fine(w)
    for n in (0, 1):
        check(gone or os.path.lexists(temp_path(w, n)), "what others planted was removed")
        if os.path.lexists(temp_path(w, n)):
            os.unlink(temp_path(w, n))


def try_make(make, path):
    try:
        make(path)
        return True
    except FileExistsError:
        return False


def all_names_planted(w):
    victim = make_victim(w)
    for n in range(8):
        until(lambda: try_make(lambda path: os.symlink(victim, path), temp_path(w, n)), "the name is free for a moment")
    w.output_fails("write", "every temporary name up to .* is taken; remove")
    w.frozen(0.6)
    victim_is_fine(w)
    for n in range(8):
        os.unlink(temp_path(w, n))
    w.output_is_back()


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


# ---- rows of root --------------------------------------------------------------------------------------------------
def mount(*argv):
    got = subprocess.run(["mount"] + list(argv), stderr=subprocess.PIPE)
    if got.returncode != 0:
        raise Skipped("cannot mount here")


def volume(w, options):
    mount("-t", "tmpfs", "-o", "mode=777," + options, "tmpfs", w.out_dir)
    w.mounts.append(w.out_dir)


def unmount(w, path):
    subprocess.run(["umount", "-l", path], check=True)
    w.mounts.remove(path)


def full_of_others_files(w):
    fd = os.open(os.path.join(w.out_dir, "others"), os.O_CREAT | os.O_WRONLY)
    try:
        while True:
            os.write(fd, b"x" * 4096)
    except OSError:
        os.close(fd)
    before = w.digest()
    w.output_fails("write", "No space left on device")
    check(w.digest() == before, "the old file changed")
    w.whole()
    os.unlink(os.path.join(w.out_dir, "others"))
    w.output_is_back()


def no_inodes_left(w):
    made = []
    try:
        for n in range(1000):
            path = os.path.join(w.out_dir, f"others.{n}")
            open(path, "wb").close()
            made.append(path)
    except OSError:
        pass
    before = w.digest()
    w.output_fails("write", "cannot create a file .*No space left on device")
    check(w.digest() == before, "the old file changed")
    for path in made:
        os.unlink(path)
    w.output_is_back()


def read_only(w):
    mount("-o", "remount,ro", w.out_dir)
    w.output_fails("write", "mount an emptyDir at .*Read-only file system")
    w.frozen(0.6)
    mount("-o", "remount,rw", w.out_dir)
    w.output_is_back()


def mount_on_the_file(w):
    other = make_victim(w)
    mount("--bind", other, w.file)
    w.mounts.append(w.file)
    w.output_fails("publish", "it is a mount point; mount its directory instead")
    victim_is_fine(w)
    unmount(w, w.file)
    w.output_is_back()


def mount_on_the_directory(w):
    before = w.digest()
    volume(w, "size=1m")
    until(lambda: os.path.exists(w.file), "a file in the volume")
    w.beat()
    check(w.digest() != before, "no new file")
    unmount(w, w.out_dir)
    w.output_is_back()


def volume_leaves_and_returns(w):
    source = w.mounts[0]
    unmount(w, w.out_dir)
    # What is seen at its path now is another directory. Landlock refuses it; without that it is where FILE goes.
    until(lambda: w.failures("write") > 0 or os.path.exists(w.file), "refused, or written there")
    if w.failures("write"):
        w.output_fails("write", "was replaced and the new one cannot be opened")
    mount("--bind", source, w.out_dir)
    w.mounts.append(w.out_dir)
    w.output_is_back()


def attack(action, *paths):
    """Runs os.ACTION(*paths) as another user; True when it was done."""
    become = f"import os\ntry: os.setgroups([]); os.setgid({ATTACKER}); os.setuid({ATTACKER})\nexcept OSError: os._exit(77)\n"
    code = subprocess.run([sys.executable, "-c", become + f"os.{action}(*{paths!r})"], stderr=subprocess.DEVNULL).returncode
    if code == 77:
        raise Skipped("cannot become another user")
    return code == 0


def sticky_while_running(w):
    victim = make_victim(w)
    check(not attack("unlink", w.file), "another user could remove the file")
    check(not attack("rename", w.file, w.file + ".away"), "another user could move the file")
    until(lambda: attack("symlink", victim, temp_path(w)), "the name is free for a moment")
    until(lambda: attack("mknod", temp_path(w, 1), 0o100666), "the name is free for a moment")
    w.beat(3)
    victim_is_fine(w)
    for n in (0, 1):
        os.unlink(temp_path(w, n))


def sticky_before_start(w, prepare, codes, message):
    os.chmod(w.out_dir, 0o1777)
    check(prepare(), "the attacker's preparation")
    got = subprocess.run(
        [REFRESHER, "-s", "kernel", "-l", "none", w.file, "10"], stderr=subprocess.PIPE, text=True, timeout=30
    )
    check(got.returncode in codes, f"exit {got.returncode}: {got.stderr}")
    check(message in got.stderr, got.stderr)


# ---- the table ------------------------------------------------------------------------------------------------------
def plain(what, **more):
    def test(name):
        with World("kernel", name, interval=0.2, count=100, **more) as w:
            w.start()
            w.beat()
            what(w)
            w.stop()

    return test


def limited(name):
    with World("kernel", name, interval=0.2) as w:
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


def mounted(what, options=None, bind=False):
    def test(name):
        with World("kernel", name, interval=0.2, count=100) as w:
            w.mounts = []
            try:
                if options:
                    volume(w, options)
                if bind:
                    source = os.path.join(w.dir, "source")
                    os.mkdir(source)
                    os.chmod(source, 0o777)
                    mount("--bind", source, w.out_dir)
                    w.mounts += [source, w.out_dir]
                w.start()
                w.beat()
                what(w)
                w.stop()
            finally:
                for path in reversed(w.mounts):
                    subprocess.run(["umount", "-l", path], stderr=subprocess.DEVNULL)

    return test


def sticky(name):
    with World("kernel", name, interval=0.2, count=100) as w:
        os.chmod(w.out_dir, 0o1777)
        w.start()
        w.beat()
        sticky_while_running(w)
        w.stop()


def sticky_link(name):
    with World("kernel", name) as w:
        victim = make_victim(w)
        sticky_before_start(w, lambda: attack("symlink", victim, w.file), (73, 77), f"symbolic link of uid {ATTACKER}")
        victim_is_fine(w)


def sticky_file(name):
    with World("kernel", name) as w:
        # The directory is root's, so root may replace the file, and stays; the file's owner gets nothing.
        message = "it is another user's in a sticky directory"
        sticky_before_start(w, lambda: attack("mknod", w.file, 0o100666), (0,), message)
        st = os.stat(w.file)
        check(st.st_uid == 0 and st.st_mode & 0o777 == 0o444, f"owner {st.st_uid}, mode {st.st_mode:o}")


ROWS = {
    "user": [
        ("the directory is removed and made again", plain(directory_removed)),
        ("the directory is moved away and another stands in its place", plain(directory_replaced)),
        ("the directory is closed and opened again", plain(directory_closed)),
        ("the file is replaced by a directory", plain(file_becomes_directory)),
        ("the file is replaced by a symbolic link", plain(file_becomes_symlink)),
        ("symbolic links in place of the temporary file", plain(planted_symlinks)),
        ("hard links in place of the temporary file", plain(planted_hard_link)),
        ("FIFOs in place of the temporary file", plain(planted_fifo)),
        ("every name of the temporary file is taken", plain(all_names_planted)),
        ("a limit of the file size (SIGXFSZ)", limited),
        ("nobody reads the log", piped(log_unread)),
        ("the log's reader is gone", piped(log_closed)),
    ],
    "root": [
        ("a volume full of others' files", mounted(full_of_others_files, "size=64k")),
        ("a volume without inodes", mounted(no_inodes_left, "size=1m,nr_inodes=20")),
        ("a volume that becomes read-only", mounted(read_only, "size=1m")),
        ("a mount on the single file", mounted(mount_on_the_file)),
        ("a mount on the directory", mounted(mount_on_the_directory)),
        ("a volume that leaves and returns", mounted(volume_leaves_and_returns, bind=True)),
        ("another user in a sticky directory, while it runs", sticky),
        ("another user's symbolic link as FILE in a sticky directory", sticky_link),
        ("another user's file as FILE in a sticky directory", sticky_file),
    ],
}

if WHO == "root" and os.geteuid() != 0:
    print("needs root to mount and to be another user")
    sys.exit(77)
run_rows(ROWS[WHO], lambda row: row[1](row[0]))
