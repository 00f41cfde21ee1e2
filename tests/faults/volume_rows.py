"""volume_rows.py: real volumes that fill, freeze, leave and are mounted over, and another user in a sticky directory.

As disk_rows.py, for root: it mounts, and becomes another user."""

import os
import subprocess
import sys

from rig import REFRESHER, Skipped, World, check, fill, make_victim, mount, run_rows, temp_path, until, victim_is_fine, volume

ATTACKER = 12345


def unmount(w, path):
    subprocess.run(["umount", "-l", path], check=True)
    w.mounts.remove(path)


def full_of_others_files(w):
    fill(os.path.join(w.out_dir, "others"))
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
    w.output_fails("write", "mount the volume at .* writable .*Read-only file system")
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
    w.directory_fails()
    check(not os.path.exists(w.file), "written into a volume that was not there at the start")
    unmount(w, w.out_dir)
    w.output_is_back()
    volume(w, "size=1m")
    w.directory_fails()
    w.restart()
    w.output_is_back()
    check(w.digest() != before, "no new file")


def volume_leaves_and_returns(w):
    source = os.path.join(w.dir, "source")
    unmount(w, w.out_dir)
    # What is seen at its path now is the directory below the mount.
    w.directory_fails()
    check(not os.path.exists(w.file), "written below the mount")
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
    check(attack("symlink", victim, temp_path(w)), "the name is taken")
    check(attack("mknod", temp_path(w, 1), 0o100666), "the name is taken")
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
def mounted(what, options=None, bind=False):
    def test(name):
        with World("kernel", name, interval=0.2, count=100) as w:
            if options:
                volume(w, options)
            if bind:
                source = os.path.join(w.dir, "source")
                os.mkdir(source)
                os.chmod(source, 0o777)
                mount("--bind", source, w.out_dir)
                w.mounts.append(w.out_dir)
            w.start()
            w.beat()
            what(w)
            w.stop()

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


ROWS = [
    ("a volume full of others' files", mounted(full_of_others_files, "size=64k")),
    ("a volume without inodes", mounted(no_inodes_left, "size=1m,nr_inodes=20")),
    ("a volume that becomes read-only", mounted(read_only, "size=1m")),
    ("a mount on the single file", mounted(mount_on_the_file)),
    ("a mount on the directory", mounted(mount_on_the_directory)),
    ("a volume that leaves and returns", mounted(volume_leaves_and_returns, bind=True)),
    ("another user in a sticky directory, while it runs", sticky),
    ("another user's symbolic link as FILE in a sticky directory", sticky_link),
    ("another user's file as FILE in a sticky directory", sticky_file),
]

if os.geteuid() != 0:
    print("needs root to mount and to be another user")
    sys.exit(77)
run_rows(ROWS, lambda row: row[1](row[0]))
