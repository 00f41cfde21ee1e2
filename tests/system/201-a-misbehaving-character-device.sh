# The same with a character device: its reads are answered at the system call, so no FUSE and no privilege is needed.
. "$TESTS/system/lib.sh"
python3 "$TESTS/faults/device_rows.py" call
