# Bytes, repeats and ranges are even; ent and rngtest agree where they are installed. Bad data is refused. Long form: make statistics.
. "$TESTS/system/lib.sh"
python3 "$TESTS/statistics/statistics.py" short
