# Bytes, repeats and ranges are even; ent agrees where it is installed. Bad data is refused. Long form: make statistics.
. "$TESTS/system/lib.sh"
python3 "$TESTS/statistics/statistics.py" short
