# The output lies on a FUSE file system that fails in every way that tests/faults/sink_rows.py lists.
. "$TESTS/system/lib.sh"
python3 "$TESTS/faults/sink_rows.py" fuse
