# The same under wrk, where it is installed.
. "$TESTS/system/lib.sh"
command -v wrk >/dev/null || skip 'wrk is not installed'
python3 "$TESTS/faults/http_abuse.py" wrk
