# The same on any file system: its calls fail before the kernel sees them.
. "$TESTS/system/lib.sh"
python3 "$TESTS/faults/sink_rows.py" call
