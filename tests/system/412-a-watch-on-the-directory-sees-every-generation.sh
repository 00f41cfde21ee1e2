# A consumer watches the directory for IN_MOVED_TO: each generation is one event with the file's name, and the file behind it is whole.
# A watch on the file itself dies with the first generation that it sees.
. "$TESTS/system/lib.sh"
mkdir out
start -s kernel out/numbers.txt 1000 0.3
until_true 5 ready_is 200
python3 - <<'PY' || fail 'what the watches saw'
import ctypes, os, select, struct, time
libc = ctypes.CDLL(None, use_errno=True)
MOVED_TO, MODIFY, DELETE_SELF, IGNORED = 0x80, 0x2, 0x400, 0x8000

def watch(path, mask):
    fd = libc.inotify_init1(os.O_NONBLOCK)
    assert fd >= 0 and libc.inotify_add_watch(fd, path.encode(), mask) >= 0, os.strerror(ctypes.get_errno())
    return fd

def events(fd):
    try:
        data = os.read(fd, 65536)
    except BlockingIOError:
        return
    while data:
        _, mask, _, length = struct.unpack("iIII", data[:16])
        yield mask, data[16:16 + length].rstrip(b"\0").decode()
        data = data[16 + length:]

directory = watch("out", MOVED_TO)
file = watch("out/numbers.txt", MOVED_TO | MODIFY | DELETE_SELF)
seen, inodes, of_file, end = 0, set(), [], time.monotonic() + 10
while seen < 4 and time.monotonic() < end:
    select.select([directory], [], [], 1)
    for mask, name in events(directory):
        if name != "numbers.txt":
            continue
        seen += 1
        with open("out/numbers.txt") as f:
            text = f.read()
            inodes.add((os.fstat(f.fileno()).st_ino, os.fstat(f.fileno()).st_mtime_ns))
        assert text.count("\n") == 1000 and text.endswith("\n"), text[-40:]
    of_file += [mask for mask, _ in events(file)]
assert seen >= 4 and len(inodes) >= seen - 1, (seen, inodes)
assert len([m for m in of_file if m & IGNORED]) == 1 and of_file[-1] & IGNORED, of_file
PY
stop 5
