// Alerts, dashboard and tour: promtool's verdict, the metrics' names, the links.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { check, skip } from './report.mjs';

const NAMES = /\b(?:random_refresher|process)_[a-z0-9_]+/g;
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

// The names that a running daemon exports, a histogram's series included. null: it did not answer.
async function exportedNames(refresher, scratch) {
  const port = 20000 + (process.pid % 20000);
  const args = ['--source=kernel', `--listen=127.0.0.1:${port}`, path.join(scratch, 'numbers.txt'), '10', '1'];
  const daemon = spawn(refresher, args, { stdio: 'ignore' });
  try {
    for (let i = 0; i < 100; i++) {
      await sleep(100);
      const text = await fetch(`http://127.0.0.1:${port}/metrics`).then((r) => r.text(), () => '');
      if (text.includes('last_refresh_timestamp_seconds ')) return new Set(text.match(NAMES));
    }
    return null;
  } finally {
    daemon.kill();
  }
}

function promtool(sentence, args, cwd) {
  const r = spawnSync('promtool', args, { cwd, encoding: 'utf8' });
  if (r.error) return skip(sentence, 'promtool is not installed');
  return check(sentence, r.status === 0 ? [] : [(r.stdout + r.stderr).trim()]);
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

  const sentence = 'alerts and dashboard name only metrics that the program exports';
  if (!refresher || !existsSync(refresher)) return skip(sentence, 'the program is not built');
  const names = await exportedNames(refresher, scratch);
  if (!names) return check(sentence, ['the program exported nothing in 10 s']);
  const used = new Set([...alerts.map((a) => a.expr), ...panels.flatMap((p) => p.targets.map((t) => t.expr))].join(' ').match(NAMES));
  return check(sentence, [...used].filter((n) => !names.has(n)));
}
