# Old or new, whole, and the next start cleans up. STEP=1 also takes every call of the main thread: the long form.
. "$TESTS/system/lib.sh"
python3 "$TESTS/faults/kill_sweep.py" "${STEP:-20}"
