# Requests byte for byte: what fits is answered, what is too long is 414 or 431, what two programs could read differently is
# refused with all that lies behind it, and nothing is left open. The table is tests/faults/http_raw.py.
. "$TESTS/system/lib.sh"
start -s kernel --set http.serve_numbers=true --set http.connections=64 --set http.idle_timeout=6 "$TMP/n.txt" 20000 3600
until_true 5 ready_is 200
python3 "$TESTS/faults/http_raw.py" "$port" || fail 'see above'
[ "$(code /healthz)" = 200 ] || fail "not live: $(cat body)"
stop 5
