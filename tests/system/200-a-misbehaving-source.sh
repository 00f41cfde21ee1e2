# A FUSE file as noise source misbehaves in every way that tests/faults/device_rows.py lists.
. "$TESTS/system/lib.sh"
python3 "$TESTS/faults/device_rows.py" fuse
