# Rude HTTP clients of every kind that tests/faults/http_abuse.py lists: each probe beside them is answered in time, the refresh keeps its
# beat, memory and descriptors stay bounded. `make http-abuse` prints the figures.
. "$TESTS/system/lib.sh"
python3 "$TESTS/faults/http_abuse.py" own
