# Real volumes: full, without inodes, read-only, mounted over, gone and back; another user in a sticky directory.
. "$TESTS/system/lib.sh"
python3 "$TESTS/faults/volume_rows.py"
