// Alerts, dashboard and tour: promtool's verdict, the metrics' names, the links.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { check, skip } from './report.mjs';

const SERIES = /^([a-z_]+)(?:\{(.*)\})? \S+$/gm;
const LABELS = /([a-z_]+)(=~?|!=|!~)"((?:[^"\\]|\\.)*)"/g;
const ADDED = ['instance', 'job', 'pod']; // by Prometheus, not by the program
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
  const args = ['--source=kernel', '--set=health.startup_samples=1048576', `--listen=127.0.0.1:${port}`, path.join(scratch, 'numbers.txt'), '10', '1'];
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

// What an expression names that the program does not export: metrics, labels, and values of a label's fixed set.
function unknownIn(expression, series) {
  const problems = [];
  const labels = new Set([...ADDED, ...[...series.values()].flatMap((l) => [...l.keys()])]);
  for (const [, name, , selector] of expression.matchAll(/\b((?:random_refresher|process)_[a-z0-9_]+)(\{([^}]*)\})?/g)) {
    const known = series.get(name);
    if (!known) { problems.push(`${name} is not exported`); continue; }
    for (const [, label, operator, value] of (selector ?? '').matchAll(LABELS)) {
      if (ADDED.includes(label)) continue;
      if (!known.has(label)) problems.push(`${name} has no label ${label}`);
      else if (operator === '=' && !known.get(label).has(value)) problems.push(`${name}: ${label} is never "${value}"`);
    }
  }
  const grouped = [...expression.matchAll(/\b(?:by|on|without|ignoring|group_left|group_right) *\(([^)]*)\)/g)].flatMap((m) => m[1].split(',')).map((l) => l.trim());
  problems.push(...grouped.filter((l) => l && !labels.has(l)).map((l) => `no label ${l}`));
  return problems;
}

function promtool(sentence, args, cwd) {
  const r = spawnSync('promtool', args, { cwd, encoding: 'utf8' });
  if (r.error) return skip(sentence, 'promtool is not installed');
  return check(sentence, r.status === 0 ? [] : [(r.stdout + r.stderr).trim()]);
}

// The scrape configuration that the Prometheus Operator makes of a PodMonitor, as far as labels go, in a real Prometheus's
// hands: targets with the labels that Kubernetes discovery would give them, through its relabelling.
function relabelled(sentence, monitor, scratch, YAML) {
  const meta = (label) => `__meta_kubernetes_pod_label_${label.replace(/\W/g, '_')}`;
  const [endpoint] = monitor.spec.podMetricsEndpoints;
  const labels = monitor.spec.selector.matchLabels;
  const target = (address, node, extra) => ({ targets: [address], labels: { __meta_kubernetes_pod_node_name: node,
    __meta_kubernetes_pod_container_port_name: endpoint.port, ...Object.fromEntries(Object.entries(labels).map(([k, v]) => [meta(k), v])), ...extra } });
  const config = { scrape_configs: [{
    job_name: 'test',
    static_configs: [target('10.0.0.1:8080', 'node1', {}), target('10.0.0.2:8080', 'node2', {}),
      target('10.0.0.3:8080', 'node1', { [meta('app.kubernetes.io/component')]: 'another' }),
      target('10.0.0.4:8080', 'node1', { __meta_kubernetes_pod_container_port_name: 'other' })],
    relabel_configs: [
      ...Object.entries(labels).map(([k, v]) => ({ source_labels: [meta(k)], regex: v, action: 'keep' })),
      { source_labels: ['__meta_kubernetes_pod_container_port_name'], regex: endpoint.port, action: 'keep' },
      { source_labels: [meta(monitor.spec.jobLabel)], regex: '(.+)', target_label: 'job', replacement: '${1}' },
      ...endpoint.relabelings.map((r) => Object.fromEntries(Object.entries(r).map(([k, v]) => [k.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`), v]))),
    ] }] };
  writeFileSync(path.join(scratch, 'prometheus.yaml'), YAML.stringify(config));
  const r = spawnSync('promtool', ['check', 'service-discovery', '--timeout=2s', 'prometheus.yaml', 'test'], { cwd: scratch, encoding: 'utf8' });
  if (r.error) return skip(sentence, 'promtool is not installed');
  const got = r.status === 0 ? JSON.parse(r.stdout).filter((t) => Object.keys(t.labels ?? {}).length).map((t) => `${t.labels.job} ${t.labels.instance} ${t.labels.__address__}`) : [];
  const want = ['random-refresher node1 10.0.0.1:8080', 'random-refresher node2 10.0.0.2:8080'];
  return check(sentence, got.sort().join() === want.join() ? [] : [`targets: ${got.join(', ')}`, r.stderr.trim()]);
}

// GitHub's way from a heading to an anchor, as far as our headings need it.
const anchors = (markdown) => [...markdown.matchAll(/^#+ +(.*)$/gm)].map((m) => m[1].toLowerCase().replace(/[^\w -]/g, '').replace(/ /g, '-'));

function linkProblems(file) {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map((m) => m[1])
    .filter((l) => !existsSync(path.join(path.dirname(file), l))).map((l) => `${l} does not exist`);
}

export async function alertChecks({ objects, top, scratch, refresher, YAML }) {
  const rule = objects.find((o) => o.kind === 'PrometheusRule');
  const rules = YAML.stringify(rule.spec);
  writeFileSync(path.join(scratch, 'rules.yaml'), rules);
  writeFileSync(path.join(scratch, 'alerts.yaml'), readFileSync(path.join(top, 'tests/manifests/alerts.yaml')));
  promtool('promtool accepts the alert rules', ['check', 'rules', 'rules.yaml'], scratch);
  promtool('each alert fires when it must and keeps still when it must', ['test', 'rules', 'alerts.yaml'], scratch);

  const alerts = rule.spec.groups.flatMap((g) => g.rules);
  const tested = readFileSync(path.join(top, 'tests/manifests/alerts.yaml'), 'utf8');
  check('each alert has a test', alerts.filter((a) => !tested.includes(`alertname: ${a.alert}\n`)).map((a) => a.alert));

  const tour = path.join(top, 'k8s/README.md');
  const job = objects.find((o) => o.kind === 'PodMonitor');
  relabelled('the PodMonitor\'s relabelling makes the node the instance, and takes our pods alone', job, scratch, YAML);

  if (existsSync(tour)) {
    const known = anchors(readFileSync(tour, 'utf8'));
    const runbooks = alerts.map((a) => new URL(a.annotations.runbook_url));
    check('each runbook_url leads to a heading of k8s/README.md, at a host that cannot be there by accident', runbooks
      .filter((u) => u.hostname !== 'runbooks.invalid' || u.pathname !== '/k8s/README.md' || !known.includes(u.hash.slice(1))).map(String));
    check('each link of k8s/README.md leads somewhere', linkProblems(tour));
  } else {
    check('k8s/README.md is there', ['it is not']);
  }

  const dashboard = objects.find((o) => o.kind === 'ConfigMap' && o.metadata.labels?.grafana_dashboard === '1');
  const panels = JSON.parse(Object.values(dashboard.data)[0]).panels;
  check('the dashboard is JSON with a query in each panel', panels.filter((p) => !p.targets.every((t) => t.expr)).map((p) => p.title));

  // Grafana's variables made concrete: Prometheus's own parser reads each query.
  const concrete = (e) => e.replaceAll('$node', '.*').replaceAll('$__rate_interval', '5m');
  writeFileSync(path.join(scratch, 'queries.yaml'), YAML.stringify({ groups: [{ name: 'dashboard',
    rules: panels.flatMap((p) => p.targets).map((t, i) => ({ record: `panel:query${i}`, expr: concrete(t.expr) })) }] }));
  promtool('Prometheus can parse each query of the dashboard', ['check', 'rules', 'queries.yaml'], scratch);

  const sentence = 'alerts, dashboard and the alerts\' tests name only metrics, labels and values that the program exports';
  if (!refresher || !existsSync(refresher)) return skip(sentence, 'the program is not built');
  const series = await exported(refresher, scratch);
  if (!series) return check(sentence, ['the program exported nothing in 10 s']);
  const queries = panels.flatMap((p) => p.targets);
  const test = YAML.parse(readFileSync(path.join(top, 'tests/manifests/alerts.yaml'), 'utf8'));
  const expressions = [...alerts.map((a) => a.expr), ...queries.map((t) => t.expr), ...test.tests.flatMap((t) => t.input_series.map((i) => i.series))];
  const labels = new Set([...ADDED, ...[...series.values()].flatMap((l) => [...l.keys()])]);
  const shown = [...JSON.stringify(alerts).matchAll(/\$labels\.([a-z_]+)/g), ...queries.map((t) => t.legendFormat ?? '').join().matchAll(/\{\{ *([a-z_]+) *\}\}/g)]
    .map((m) => m[1]).filter((l) => !labels.has(l)).map((l) => `no label ${l}`);
  check(sentence, [...new Set([...expressions.flatMap((e) => unknownIn(e, series)), ...shown])]);
  const misspelt = ['random_refresher_source_down', 'random_refresher_health_state{state="broken"}', 'random_refresher_source_up{state="ok"}', 'sum by (stat) (up)'];
  return check('such a check notices a misspelt metric, label and value', misspelt.filter((e) => unknownIn(e, series).length !== 1));
}
