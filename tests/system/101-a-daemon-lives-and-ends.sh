# Probes, metrics, a changing file, SIGTERM: the ordinary life.
. "$TESTS/system/lib.sh"
start -s kernel --set numbers.manifest=true out.txt 10000 0.3
until_true 5 ready_is 200
int32_file out.txt 10000
cp out.txt first.txt
[ "$(code /healthz)" = 200 ] && [ "$(cat body)" = ok ] || fail "healthz: $(cat body)"
[ "$(code /livez)" = 200 ] || fail livez
[ "$(code /startupz)" = 200 ] || fail startupz
[ "$(code '/readyz?verbose')" = 200 ] && grep -q '^\[+\]source ok$' body || fail "readyz?verbose: $(cat body)"
[ "$(code /readyz/source)" = 200 ] || fail 'single check'
[ "$(code /readyz/nonsense)" = 404 ] || fail 'unknown check'
[ "$(code '/readyz?verbose&exclude=source')" = 200 ] && grep -q 'source excluded' body || fail 'exclude'
[ "$(code /status)" = 200 ] && python3 -m json.tool body >/dev/null || fail 'status is no JSON'
[ "$(code /)" = 200 ] && grep -qi '<html' body || fail 'index page'
[ "$(code /nonsense)" = 404 ] || fail 404
[ "$(curl -s -o body -w '%{http_code}' -X DELETE "$url/healthz")" = 405 ] || fail 405
curl -s -I "$url/healthz" | grep -qi '^cache-control: no-store' || fail 'HEAD or Cache-Control'
[ "$(code /numbers.txt)" = 404 ] || fail 'the numbers are served without being asked for'
cat "/proc/$pid/task/"*/comm >names
grep -qx collector names && grep -qx worker names || fail "thread names: $(cat names)"
# What a reader finds is byte for byte the file of the manifest beside it, or of the next one, which is about to come.
python3 - <<'PY' || fail 'manifest and file'
import hashlib, json, time
read = lambda name: open(name, "rb").read()
manifest = lambda: json.loads(read("out.txt.json"))
seen, end = set(), time.monotonic() + 10
while len(seen) < 4:
    first, data = manifest(), read("out.txt")
    m, digest = first, hashlib.sha256(data).hexdigest()
    while m["generation"] == first["generation"] and m["sha256"] != digest:
        assert time.monotonic() < end, f"a file of no manifest: {m}"
        m = manifest()
    if m["generation"] > first["generation"] + 1:
        continue # too late to tell
    assert m["sha256"] == digest, f"a file of no manifest: {first}, {m}"
    assert m["bytes"] == len(data) and data.count(b"\n") == m["count"] == 10000, m
    seen.add(m["generation"])
    assert time.monotonic() < end, f"seen: {seen}"
PY
cmp -s out.txt first.txt && fail 'the file does not change'
[ "$(metric refreshes_total)" -ge 4 ] || fail 'refreshes_total does not count'
[ "$(metric 'health_state{state="ok"}')" = 1 ] || fail 'health_state'
says 'msg=starting version=[^ ]+ revision=[^ ]+ file=out.txt numbers=10000 format=int32 interval="0.3 s"'
stop 5
says 'msg=stopped refreshes=[0-9]+ failed=0 numbers=[0-9]+0000 source_failures=0 after='
[ -s out.txt ] || fail 'the file went with the daemon'
