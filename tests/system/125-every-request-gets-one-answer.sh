# Requests byte for byte: what fits is answered, what is too long is 414 or 431, what two programs could read differently is
# 400, and nothing is closed without a word or left open. The table is tests/faults/http_raw.py.
. "$TESTS/system/lib.sh"
start -s kernel --set http.serve_numbers=true --set http.connections=64 --set http.idle_timeout=6 "$TMP/n.txt" 20000 3600
until_true 5 ready_is 200
python3 "$TESTS/faults/http_raw.py" "$port" 6 || fail 'see above'
[ "$(code /healthz)" = 200 ] || fail "not live: $(cat body)"
stop 5
