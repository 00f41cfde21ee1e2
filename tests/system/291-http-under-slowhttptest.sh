# The same under slowhttptest, where it is installed.
. "$TESTS/system/lib.sh"
command -v slowhttptest >/dev/null || skip 'slowhttptest is not installed'
python3 "$TESTS/faults/http_abuse.py" slowhttptest
