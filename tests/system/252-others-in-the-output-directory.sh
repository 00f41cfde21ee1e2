# Directory removed, replaced, closed; FILE and temporary names taken by others; limits; a log that nobody reads.
. "$TESTS/system/lib.sh"
python3 "$TESTS/faults/disk_rows.py"
