// The dashboard: what each panel must have, and that Prometheus's own parser reads each query.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { check } from './report.mjs';

const VARIABLES = ['cluster', 'namespace', 'node'];

// Grafana's variables made concrete.
const concrete = (e) => e.replaceAll(/\$(cluster|namespace|node)\b/g, '.*').replaceAll('$__rate_interval', '5m');

// What is wrong with a panel, in words.
function problemsOf(panel, isRunbook) {
  const expressions = panel.targets.map((t) => t.expr);
  const facts = {
    'no query': expressions.length > 0 && expressions.every(Boolean),
    'no unit': Boolean(panel.fieldConfig.defaults.unit),
    'no link to the runbook': panel.links?.length > 0 && panel.links.every((l) => isRunbook(new URL(l.url))),
    'a query that is deaf to cluster or namespace': expressions.every((e) => e.includes('cluster=~"$cluster"') && e.includes('namespace=~"$namespace"')),
    'an age by time(), which adds the age of the scrape': !expressions.some((e) => /\btime\(\)/.test(e)),
    'a zero drawn for what is well': !expressions.some((e) => /\bvector\(0\)/.test(e)) && (!/fail|error/i.test(panel.title) || expressions.every((e) => e.endsWith('> 0'))),
  };
  return Object.entries(facts).filter(([, ok]) => !ok).map(([fact]) => `${panel.title}: ${fact}`);
}

// Returns the queries.
export function dashboardChecks(dashboard, { isRunbook, promtool, scratch, YAML }) {
  const { panels, templating, links } = dashboard;
  check('each panel of the dashboard has a query by cluster and namespace, a unit, a link to the runbook, and draws no zeros', panels.flatMap((p) => problemsOf(p, isRunbook)));
  check('the dashboard has variables for cluster, namespace and node, and a link to the runbook',
    [...VARIABLES.filter((v) => !templating.list.some((t) => t.name === v && t.query.query.includes('up{'))), ...links.filter((l) => !isRunbook(new URL(l.url))).map((l) => l.url)]);
  const at = (p) => p.gridPos.y * 100 + p.gridPos.x;
  const first = panels.filter((p) => p.targets.some((t) => /not_ready|ALERTS/.test(t.expr)));
  const rest = panels.filter((p) => !first.includes(p) && p.targets.every((t) => !t.expr.includes('nodes_wanted')));
  check('what is wrong comes first', first.some((p) => rest.some((r) => at(r) < at(p))) ? ['a panel about other things is above it'] : []);
  const covers = (a, b) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
  check('no panel lies on another', panels.filter((p) => panels.some((q) => q.id < p.id && covers(p.gridPos, q.gridPos))).map((p) => p.title));

  const queries = panels.flatMap((p) => p.targets);
  writeFileSync(path.join(scratch, 'queries.yaml'), YAML.stringify({ groups: [{ name: 'dashboard', rules: queries.map((t, i) => ({ record: `panel:query${i}`, expr: concrete(t.expr) })) }] }));
  promtool('Prometheus can parse each query of the dashboard', ['check', 'rules', 'queries.yaml'], scratch);
  return queries;
}
