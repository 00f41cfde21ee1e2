# promtool finds nothing to say, a strict OpenMetrics parser accepts the other form, a real Prometheus scrapes the daemon.
. "$TESTS/system/lib.sh"
command -v promtool >/dev/null || skip 'promtool (package prometheus) is missing'
start -s kernel out.txt 100 0.5
until_true 5 ready_is 200
curl -s "$url/metrics" | promtool check metrics >said 2>&1 || fail "promtool: $(cat said)"
[ ! -s said ] || fail "promtool says: $(cat said)"
curl -s -D head -H 'Accept: application/openmetrics-text; version=1.0.0' "$url/metrics" >open.txt
grep -qi '^content-type: application/openmetrics-text; version=1.0.0' head || fail "content type: $(cat head)"
python3 -c 'import prometheus_client' 2>/dev/null || skip 'python3-prometheus-client is missing'
python3 - <<'PY' || fail 'the OpenMetrics parser refuses it'
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse
n = len(list(parse(open("open.txt").read())))
assert n > 30, n
PY
command -v prometheus >/dev/null || skip 'prometheus is missing'
printf 'global: {scrape_interval: 1s}\nscrape_configs:\n- job_name: refresher\n  static_configs: [{targets: ["127.0.0.1:%s"]}]\n' "$port" >p.yml
prom=$((20000 + RANDOM % 10000))
prometheus --config.file=p.yml --storage.tsdb.path=data --web.listen-address=127.0.0.1:$prom --log.level=error 2>prom.log &
children+=($!)
query() { curl -s --max-time 3 "http://127.0.0.1:$prom/api/v1/query" --data-urlencode "query=$1"; }
up() { query 'up{job="refresher"}' | grep -q '"1"\]'; }
until_true 30 up
counted() { query 'random_refresher_refreshes_total > 1' | grep -q '"value"'; }
until_true 20 counted
stop 5
