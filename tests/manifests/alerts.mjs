// Alerts: promtool's and amtool's verdict, the metrics' names, the labels of the targets, the links.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { dashboardChecks } from './dashboard.mjs';
import { check, skip } from './report.mjs';

const SERIES = /^([a-z_]+)(?:\{(.*)\})? \S+$/gm;
const LABELS = /([a-z_]+)(=~?|!=|!~)"((?:[^"\\]|\\.)*)"/g;
const ADDED = ['cluster', 'instance', 'job', 'namespace', 'node', 'pod']; // by Prometheus, not by the program
const SELECTORS = /(?<![:\w])((?:random_refresher|process)_[a-z0-9_]+)(\{([^}]*)\})?/g; // not inside of a recorded name
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

// name -> label -> values, of all series of a metrics page
function seriesOf(page) {
  const all = new Map();
  for (const [, name, labels] of page.matchAll(SERIES)) {
    if (!all.has(name)) all.set(name, new Map());
    for (const [, label, , value] of (labels ?? '').matchAll(LABELS)) {
      if (!all.get(name).has(label)) all.get(name).set(label, new Set());
      all.get(name).get(label).add(value);
    }
  }
  return all;
}

// The series that a running daemon exports, behind a start-up test of so many samples that there are estimates too.
// null: it did not answer.
async function exported(refresher, scratch) {
  const port = 20000 + (process.pid % 20000);
  // what was assessed is exported where there is evidence
  const evidence = path.join(scratch, 'evidence.json');
  writeFileSync(evidence, JSON.stringify({ program: 'refresher-assess', version: '0', date: '2026-01-01T00:00:00Z', driver: '', track: 'non_iid',
    mode: 'initial', samples: 1000000, bits: 8, assessed: true, min_entropy: 7 }));
  const args = ['--source=kernel', `--set=source.min_entropy_file=${evidence}`, '--set=health.startup_samples=1048576', `--listen=127.0.0.1:${port}`, path.join(scratch, 'numbers.txt'), '10', '1'];
  const daemon = spawn(refresher, args, { stdio: 'ignore' });
  try {
    for (let i = 0; i < 100; i++) {
      await sleep(100);
      const text = await fetch(`http://127.0.0.1:${port}/metrics`).then((r) => r.text(), () => '');
      if (text.includes('last_refresh_timestamp_seconds ')) return seriesOf(text);
    }
    return null;
  } finally {
    daemon.kill();
  }
}

// What an expression names that the program does not export and no rule records: metrics, labels, and values of a label's
// fixed set.
function unknownIn(expression, series, recorded) {
  const problems = [];
  const labels = new Set([...ADDED, 'reason', 'alertname', 'severity', ...[...series.values()].flatMap((l) => [...l.keys()])]);
  for (const [, name, , selector] of expression.matchAll(SELECTORS)) {
    const known = series.get(name);
    if (!known) { problems.push(`${name} is not exported`); continue; }
    for (const [, label, operator, value] of (selector ?? '').matchAll(LABELS)) {
      if (ADDED.includes(label)) continue;
      if (!known.has(label)) problems.push(`${name} has no label ${label}`);
      else if (operator === '=' && !known.get(label).has(value)) problems.push(`${name}: ${label} is never "${value}"`);
    }
  }
  problems.push(...[...expression.matchAll(/\b[a-z_]+:[a-z_]+:[a-z_]+/g)].filter(([name]) => !recorded.includes(name)).map(([name]) => `${name} is not recorded`));
  const grouped = [...expression.matchAll(/\b(?:by|on|without|ignoring|group_left|group_right) *\(([^)]*)\)/g)].flatMap((m) => m[1].split(',')).map((l) => l.trim());
  problems.push(...grouped.filter((l) => l && !labels.has(l)).map((l) => `no label ${l}`));
  return problems;
}

function run(tool, sentence, args, cwd) {
  const r = spawnSync(tool, args, { cwd, encoding: 'utf8' });
  if (r.error) return skip(sentence, `${tool} is not installed`);
  return check(sentence, r.status === 0 ? [] : [(r.stdout + r.stderr).trim()]);
}
const promtool = (...rest) => run('promtool', ...rest);

// promtool's shorthand of values, `1x3 stale _x2 0+5x1`, as one sample for each step: a number, 'stale' or '_'.
function samples(values) {
  return values.split(' ').flatMap((word) => {
    const [, first, step, times] = word.match(/^(-?[\d.]+|_|stale)([+-][\d.]+)?(?:x(\d+))?$/);
    if (first === '_') return Array(Number(times ?? 1)).fill('_');
    if (first === 'stale') return ['stale'];
    return Array.from({ length: Number(times ?? 0) + 1 }, (_, i) => Number(first) + i * Number(step ?? 0));
  });
}

// What a pod tells is there only while it is scraped: the values, with a gap wherever `up` is not 1.
function whileUp(values, up) {
  const gate = samples(up);
  const told = samples(values);
  return gate.map((u, i) => (u === 1 ? told[i] : gate[i - 1] === 1 ? 'stale' : '_')).join(' ');
}

// A row of alerts.yaml as a test of promtool.
function promtoolTest({ name, step, nodes, others = {}, firing }, well) {
  const seconds = (time) => [...time.matchAll(/(\d+)([ms])/g)].reduce((sum, [, n, unit]) => sum + n * (unit === 'm' ? 60 : 1), 0);
  const count = Math.ceil(Math.max(...Object.keys(firing).map(seconds)) / seconds(step));
  const inputs = Object.entries(nodes).flatMap(([node, own]) => {
    const [instance, pod = `pod-${instance}`] = node.split('/');
    const labels = `job="random-refresher",namespace="random-refresher",pod="${pod}",instance="${instance}"`;
    return Object.entries({ ...well, ...own }).filter(([, values]) => values !== 'null').map(([series, text]) => {
      const values = text.replaceAll('{n}', count).replaceAll('{step}', seconds(step));
      const gated = own.up && !(series in own);
      return { series: series.includes('{') ? series.replace('}', `,${labels}}`) : `${series}{${labels}}`, values: gated ? whileUp(values, own.up) : values };
    });
  });
  const labelsOf = (alert) => {
    const [alertname, node] = alert.split(' ');
    const [instance, pod = `pod-${instance}`] = (node ?? '').split('/');
    const where = { namespace: 'random-refresher', ...(node ? { instance } : {}), ...(node && alertname !== 'RandomRefresherNodeMissing' ? { pod } : {}) };
    return `{${Object.entries({ alertname, ...where }).map(([k, v]) => `${k}="${v}"`).join(',')}}`;
  };
  return { name, interval: step, input_series: [...inputs, ...Object.entries(others).map(([series, values]) => ({ series, values }))],
    promql_expr_test: Object.entries(firing).map(([time, alerts]) => ({ eval_time: time,
      expr: 'count by (alertname, namespace, pod, instance) (ALERTS{alertstate="firing"})', exp_samples: alerts.map((a) => ({ labels: labelsOf(a), value: 1 })) })) };
}

// What discovery makes of these scrape_configs' relabelling, in a real Prometheus's hands: targets with the labels that
// Kubernetes would give them. The answer is the labels of those that are kept.
function targets(relabel_configs, scratch, YAML) {
  const pod = (node, extra) => ({ targets: [`10.0.0.${node}:8080`], labels: { __meta_kubernetes_namespace: 'random-refresher', __meta_kubernetes_pod_name: `pod${node}`,
    __meta_kubernetes_pod_container_name: 'refresher', __meta_kubernetes_pod_container_port_name: 'http', __meta_kubernetes_pod_node_name: `node${node}`,
    __meta_kubernetes_pod_label_app_kubernetes_io_name: 'random-refresher', __meta_kubernetes_pod_label_app_kubernetes_io_component: 'node-daemon', ...extra } });
  const static_configs = [pod(1), pod(2), pod(3, { __meta_kubernetes_pod_label_app_kubernetes_io_component: 'another' }), pod(4, { __meta_kubernetes_pod_container_port_name: 'other' })];
  writeFileSync(path.join(scratch, 'prometheus.yaml'), YAML.stringify({ scrape_configs: [{ job_name: 'test', static_configs, relabel_configs }] }));
  const r = spawnSync('promtool', ['check', 'service-discovery', '--timeout=2s', 'prometheus.yaml', 'test'], { cwd: scratch, encoding: 'utf8' });
  if (r.error) return undefined;
  return r.status === 0 ? JSON.parse(r.stdout).map((t) => t.labels ?? {}).filter((l) => Object.keys(l).length) : [r.stderr.trim()];
}

// The relabelling that the Prometheus Operator makes of a PodMonitor.
function operatorsRelabelling(monitor) {
  const meta = (label) => `__meta_kubernetes_pod_label_${label.replace(/\W/g, '_')}`;
  const [endpoint] = monitor.spec.podMetricsEndpoints;
  const copy = (from, to) => ({ source_labels: [`__meta_kubernetes_${from}`], target_label: to });
  return [
    ...Object.entries(monitor.spec.selector.matchLabels).map(([k, v]) => ({ source_labels: [meta(k)], regex: v, action: 'keep' })),
    { source_labels: ['__meta_kubernetes_pod_container_port_name'], regex: endpoint.port, action: 'keep' },
    copy('namespace', 'namespace'), copy('pod_container_name', 'container'), copy('pod_name', 'pod'),
    { source_labels: [meta(monitor.spec.jobLabel)], regex: '(.+)', target_label: 'job', replacement: '${1}' },
    ...endpoint.relabelings.map((r) => Object.fromEntries(Object.entries(r).map(([k, v]) => [k.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`), v]))),
  ];
}

// Scraping with and without the operator must give the same targets and labels.
function scraping(monitor, k8s, scratch, YAML) {
  const text = readFileSync(path.join(k8s, 'prometheus/scrape.yaml'), 'utf8');
  const { scrape_configs: [plain] } = YAML.parse(text);
  const [endpoint] = monitor.spec.podMetricsEndpoints;
  const both = [operatorsRelabelling(monitor), plain.relabel_configs].map((r) => targets(r, scratch, YAML));
  const sentence = 'PodMonitor and prometheus/scrape.yaml take our pods alone, and give them job, namespace, pod, container, instance and node';
  if (!both[0]) return skip(sentence, 'promtool is not installed');
  const want = [1, 2].map((n) => ({ __address__: `10.0.0.${n}:8080`, container: 'refresher', instance: `node${n}`, job: 'random-refresher', namespace: 'random-refresher', node: `node${n}`, pod: `pod${n}` }));
  const visible = (all) => JSON.stringify(all.map((l) => Object.fromEntries(Object.entries(l).filter(([k]) => k === '__address__' || !k.startsWith('__')).sort())).sort((a, b) => (a.pod < b.pod ? -1 : 1)));
  check(sentence, both.map(visible).filter((b) => b !== visible(want)));
  check('both scrape the same path of the same namespace as often', endpoint.path === plain.metrics_path && endpoint.interval === plain.scrape_interval &&
    plain.kubernetes_sd_configs[0].namespaces.names.join() === monitor.metadata.namespace ? [] : ['they do not']);
  // Debian's promtool is built without Kubernetes' discovery
  const { kubernetes_sd_configs: discovery, ...rest } = plain;
  check('prometheus/scrape.yaml finds pods', discovery.length === 1 && discovery[0].role === 'pod' ? [] : ['it does not']);
  writeFileSync(path.join(scratch, 'whole.yaml'), YAML.stringify({ rule_files: ['rules.yaml'], scrape_configs: [rest] }));
  return promtool('promtool accepts prometheus/scrape.yaml with prometheus/rules.yaml', ['check', 'config', 'whole.yaml'], scratch);
}

// The example for Alertmanager: amtool reads it, sends each alert on its way, and finds the names of our alerts in it.
function alertmanager(alerts, k8s, YAML) {
  const file = path.join(k8s, 'prometheus/alertmanager.yaml');
  const example = YAML.parse(readFileSync(file, 'utf8'));
  run('amtool', 'amtool accepts prometheus/alertmanager.yaml', ['check-config', file]);
  for (const [severity, receiver] of [['critical', 'pager'], ['warning', 'tickets']])
    run('amtool', `amtool sends what is ${severity} to ${receiver}`, ['config', 'routes', 'test', `--config.file=${file}`, `--verify.receivers=${receiver}`, 'alertname=RandomRefresherStale', `severity=${severity}`]);
  const named = [...JSON.stringify(example).matchAll(/RandomRefresher[A-Z]\w+/g)].map((m) => m[0]);
  check('prometheus/alertmanager.yaml names alerts that are there, and inhibits within one cluster', [...named.filter((n) => !alerts.some((a) => a.alert === n)),
    ...example.inhibit_rules.filter((r) => !r.equal.includes('cluster')).map(() => 'a rule without cluster')]);
}

// GitHub's way from a heading to an anchor, as far as our headings need it.
const anchors = (markdown) => [...markdown.matchAll(/^#+ +(.*)$/gm)].map((m) => m[1].toLowerCase().replace(/[^\w -]/g, '').replace(/ /g, '-'));

function linkProblems(file) {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map((m) => m[1])
    .filter((l) => !existsSync(path.join(path.dirname(file), l))).map((l) => `${l} does not exist`);
}

export async function alertChecks({ objects, top, scratch, refresher, YAML }) {
  const k8s = path.join(top, 'k8s');
  const read = (...names) => readFileSync(path.join(...names), 'utf8');
  const rule = objects.find((o) => o.kind === 'PrometheusRule');
  const all = rule.spec.groups.flatMap((g) => g.rules);
  const alerts = all.filter((r) => r.alert);
  const recorded = all.filter((r) => r.record).map((r) => r.record);
  const rows = YAML.parse(read(top, 'tests/manifests/alerts.yaml'), { merge: true, schema: 'failsafe' }); // 0x60 is no number
  const tests = rows.rows.map((r) => promtoolTest(r, rows.well));
  writeFileSync(path.join(scratch, 'rules.yaml'), YAML.stringify(rule.spec));
  writeFileSync(path.join(scratch, 'alerts.yaml'), YAML.stringify({ rule_files: ['rules.yaml'], evaluation_interval: rows.evaluation, tests }, { aliasDuplicateObjects: false }));
  promtool('promtool accepts the alert rules', ['check', 'rules', 'rules.yaml'], scratch);
  promtool(`${tests.length} rows: exactly the alerts fire that must, each once, with namespace, pod and node`, ['test', 'rules', 'alerts.yaml'], scratch);
  const fired = rows.rows.flatMap((r) => Object.values(r.firing).flat()).map((f) => f.split(' ')[0]);
  check('each alert fires in a row', alerts.filter((a) => !fired.includes(a.alert)).map((a) => a.alert));

  const plain = read(k8s, 'components/monitoring/prometheusrule.yaml').replace(/^[^]*?^spec:\n/m, '').replaceAll(/^ {2}/gm, '');
  check('prometheus/rules.yaml is the PrometheusRule, for a Prometheus without the operator', read(k8s, 'prometheus/rules.yaml').replace(/^.*\n/, '') === plain ? [] : ['run `make plain-rules`']);
  check('an age is never taken from time(), which adds the age of the scrape', all.filter((r) => /\btime\(\)/.test(r.expr)).map((r) => r.alert ?? r.record));
  check('severity is critical or warning, as said in the file', alerts.filter((a) => !['critical', 'warning'].includes(a.labels.severity)).map((a) => a.alert));
  check('an absence is told with the namespace of the rule', alerts.filter((a) => /\babsent\(/.test(a.expr) && !a.expr.includes(`"namespace", "${rule.metadata.namespace}"`)).map((a) => a.alert));
  scraping(objects.find((o) => o.kind === 'PodMonitor'), k8s, scratch, YAML);
  alertmanager(alerts, k8s, YAML);

  const tour = path.join(k8s, 'README.md');
  const known = anchors(readFileSync(tour, 'utf8'));
  const isRunbook = (u) => u.hostname === 'runbooks.invalid' && u.pathname === '/k8s/README.md' && known.includes(u.hash.slice(1));
  check('each runbook_url leads to the alert\'s own heading of k8s/README.md, at a host that cannot be there by accident', alerts
    .filter((a) => !isRunbook(new URL(a.annotations.runbook_url)) || !a.annotations.runbook_url.endsWith(`#${a.alert.toLowerCase()}`)).map((a) => a.alert));
  check('each link of k8s/README.md leads somewhere', linkProblems(tour));

  const dashboard = objects.find((o) => o.kind === 'ConfigMap' && o.metadata.labels?.grafana_dashboard === '1');
  const queries = dashboardChecks(JSON.parse(Object.values(dashboard.data)[0]), { isRunbook, promtool, scratch, YAML });

  const sentence = 'alerts, dashboard and the alerts\' tests name only metrics, labels and values that the program exports or a rule records';
  if (!refresher || !existsSync(refresher)) return skip(sentence, 'the program is not built');
  const series = await exported(refresher, scratch);
  if (!series) return check(sentence, ['the program exported nothing in 10 s']);
  const named = [...all.map((a) => a.expr), ...queries.map((q) => q.expr), ...tests.flatMap((t) => t.input_series.map((i) => i.series))];
  const labels = new Set([...ADDED, 'reason', ...[...series.values()].flatMap((l) => [...l.keys()])]);
  const shown = [...JSON.stringify(alerts).matchAll(/\$labels\.([a-z_]+)/g), ...queries.map((q) => q.legendFormat ?? '').join().matchAll(/\{\{ *([a-z_]+) *\}\}/g)]
    .map((m) => m[1]).filter((l) => !labels.has(l)).map((l) => `no label ${l}`);
  check(sentence, [...new Set([...named.flatMap((e) => unknownIn(e, series, recorded)), ...shown])]);
  const misspelt = ['random_refresher_source_down', 'random_refresher_health_state{state="broken"}', 'random_refresher_source_up{state="ok"}', 'sum by (stat) (up)', 'instance:random_refresher_up:bool'];
  return check('such a check notices a misspelt metric, label, value and record', misspelt.filter((e) => unknownIn(e, series, recorded).length !== 1));
}
