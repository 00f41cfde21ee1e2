# The manifest agrees with the file; http.serve_numbers serves it whole, with ETag.
. "$TESTS/system/lib.sh"
start -s kernel --set numbers.manifest=true --set http.serve_numbers=true out.txt 1000 3600
until_true 5 is_file out.txt.json
python3 - <<'PY' || fail 'manifest'
import json, hashlib
m = json.load(open("out.txt.json")); d = open("out.txt", "rb").read()
assert m["sha256"] == hashlib.sha256(d).hexdigest() and m["bytes"] == len(d) and m["count"] == 1000, m
assert m["format"] == "int32" and m["generation"] == 1 and m["health"] == "ok" and m["source"]["kind"] == "kernel", m
PY
[ "$(code /numbers.txt)" = 200 ] && cmp -s body out.txt || fail 'served numbers differ from the file'
etag=$(curl -sI "$url/numbers.txt" | sed -n 's/^[Ee][Tt]ag: *//p' | tr -d '\r')
[ -n "$etag" ] || fail 'no ETag'
[ "$(curl -s -o body -w '%{http_code}' -H "If-None-Match: $etag" "$url/numbers.txt")" = 304 ] || fail 'If-None-Match'
[ "$(curl -s -o body -w '%{http_code}' -H 'Range: bytes=0-99' "$url/numbers.txt")" = 200 ] && cmp -s body out.txt || fail 'Range'
stop 5
