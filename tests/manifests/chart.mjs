// The Helm chart against the kustomizations: the same objects, from values instead of patches.
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { check, skip } from './report.mjs';
import { isOurs } from './rules.mjs';

const name = (o) => `${o.kind}/${o.metadata.namespace ?? ''}/${o.metadata.name}`;

// Where two values differ, as paths; of a configuration its keys are compared, since the overlay's has comments.
function differences(a, b, YAML, where = '') {
  if (isDeepStrictEqual(a, b)) return [];
  if (where.endsWith('.refresher.yaml') && a && b) return differences(YAML.parse(a), YAML.parse(b), YAML, `${where}: `);
  // kustomize folds the lines of an expression anew
  if (where.endsWith('.expr') && a && b && a.replace(/\s+/g, ' ') === b.replace(/\s+/g, ' ')) return [];
  if (!a || !b || typeof a !== 'object' || typeof b !== 'object') return [`${where}: the chart has ${JSON.stringify(a)}, k8s/ has ${JSON.stringify(b)}`];
  // the API server knows containers, volumes and ports by their names, whatever their order
  [a, b] = [a, b].map((v) => (Array.isArray(v) && v.length && v.every((e) => e?.name) ? Object.fromEntries(v.map((e) => [e.name, e])) : v));
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((k) => differences(a[k], b[k], YAML, `${where}.${k}`));
}

function compare(chart, k8s, YAML) {
  const [ours, theirs] = [chart, k8s].map((set) => Object.fromEntries(set.map((o) => [name(o), o])));
  return [...new Set([...Object.keys(ours), ...Object.keys(theirs)])].flatMap((n) => differences(ours[n], theirs[n], YAML, n));
}

export async function chartChecks({ k8s, top, scratch, refresher, version, YAML, parse, overlay, renderWith, checkSet }) {
  if (spawnSync('helm', ['version']).error) {
    skip('the Helm chart gives the objects of the overlays', 'helm is not installed, and the npm package brings none here');
    return;
  }
  const chart = path.join(k8s, 'chart');
  const env = { ...process.env, HELM_CACHE_HOME: scratch, HELM_CONFIG_HOME: scratch, HELM_DATA_HOME: scratch };
  const helm = (...args) => spawnSync('helm', args, { encoding: 'utf8', env });
  const template = (where, ...args) => {
    const r = helm('template', 'random-refresher', where, '--namespace', 'random-refresher', ...args);
    if (r.status) throw new Error(r.stderr);
    return parse(r.stdout);
  };
  const compared = (sentence, ours, theirs) => {
    let problems;
    try { problems = compare(ours(), theirs(), YAML); } catch (e) { problems = [String(e.stderr || e.message).trim()]; }
    check(sentence, problems);
  };

  // Each overlay, and the defaults.
  compared('the chart with its defaults gives the objects of overlays/privileged', () => template(chart), () => overlay('privileged'));
  const overlays = readdirSync(path.join(k8s, 'overlays')).sort();
  const files = readdirSync(path.join(chart, 'values')).sort();
  check('each overlay has a file of values', isDeepStrictEqual(files, overlays.map((o) => `${o}.yaml`).sort()) ? [] : [`values: ${files}; overlays: ${overlays}`]);
  for (const o of overlays) {
    const args = ['--values', path.join(chart, 'values', `${o}.yaml`), ...(o === 'book' ? ['--namespace', 'random-refresher-book'] : [])];
    compared(`the chart with values/${o}.yaml gives the objects of overlays/${o}`, () => template(chart, ...args), () => overlay(o));
    const lint = helm('lint', '--strict', chart, ...args);
    check(`helm lint --strict with values/${o}.yaml`, lint.status === 0 ? [] : [lint.stdout + lint.stderr]);
  }

  // Each component that has a value.
  const components = { 'host-port': ['hostPort=18080'], 'load-balanced': ['loadBalanced=true'], 'network-policy': ['networkPolicy.enabled=true'],
    assess: ['assess=true'], 'publish-on-node': ['publishOnNode=true'], monitoring: ['monitoring=true'], 'serve-numbers': ['serveNumbers=true'], 'user-namespace': ['userNamespace=true', 'variant=cpu'] };
  for (const [component, values] of Object.entries(components)) {
    const under = values.includes('variant=cpu') ? 'cpu' : 'privileged';
    compared(`the chart with ${values.join()} gives the objects of components/${component}`,
      () => template(chart, '--set', values.join()), () => renderWith(under, component));
  }
  const other = template(chart, '--set', 'monitoring=true,networkPolicy.enabled=true,loadBalanced=true,serveNumbers=true', '--namespace', 'elsewhere');
  check('every object lies in the release\'s namespace', other.map((o) => (o.kind === 'Namespace' ? o.metadata.name : o.metadata.namespace)).filter((n) => n !== 'elsewhere'));
  const rules = JSON.stringify(other.find((o) => o.kind === 'PrometheusRule').spec);
  check('no alert is labelled with another namespace', [...rules.matchAll(/namespace\\", \\"([^"\\]+)/g)].map((m) => m[1]).filter((n) => n !== 'elsewhere').concat(rules.includes('elsewhere') ? [] : ['none is labelled']));

  // What people change.
  const daemon = (objects) => objects.find((o) => o.kind === 'DaemonSet');
  const ours = (objects) => daemon(objects).spec.template.spec.containers.find(isOurs);
  const map = (objects) => objects.find((o) => o.kind === 'ConfigMap');
  const mounted = (objects) => daemon(objects).spec.template.spec.volumes.find((v) => v.name === 'config').configMap.name;
  const digest = `sha256:${'a'.repeat(64)}`;
  const changed = template(chart, '--set', `config.numbers.count=100000000,config.refresh.interval=0.5,resources.limits.memory=64Mi,image.repository=r.example.org/random-refresher,image.digest=${digest}`);
  const config = YAML.parse(map(changed).data['refresher.yaml']);
  check('values change count, interval, limit and image, and leave the rest', [
    ...differences(config, { ...YAML.parse(readFileSync(path.join(k8s, 'base/refresher.yaml'), 'utf8')), numbers: { format: 'int32', count: 100000000 }, refresh: { interval: 0.5 } }, YAML),
    ...differences([ours(changed).image, ours(changed).resources.limits.memory], [`r.example.org/random-refresher@${digest}`, '64Mi'], YAML)]);
  await checkSet('the chart with changed values', changed);
  if (refresher) {
    writeFileSync(path.join(scratch, 'chart.yaml'), map(changed).data['refresher.yaml']);
    const r = spawnSync(refresher, ['--check-config', '--config', path.join(scratch, 'chart.yaml')], { encoding: 'utf8' });
    check('that configuration is one that the program accepts', r.status === 0 && /count: 100000000/.test(r.stdout) ? [] : [r.stderr + r.stdout]);
  } else skip('that configuration is one that the program accepts', 'the program is not built');
  const rollouts = ['config.numbers.count=1', 'config.numbers.count=2'].map((v) => template(chart, '--set', `configChange=rollout,${v}`));
  check('with configChange: rollout another configuration is another ConfigMap, which the pods mount and which stays', [
    ...(rollouts.every((r) => mounted(r) === map(r).metadata.name) ? [] : ['the pods mount another']),
    ...(mounted(rollouts[0]) !== mounted(rollouts[1]) ? [] : ['the name stays']),
    ...(rollouts.every((r) => map(r).metadata.annotations['helm.sh/resource-policy'] === 'keep') ? [] : ['it goes'])]);

  // What is refused, and the word that the message must have.
  const refusals = { 'variant=privilegd': 'variant', 'image.tagg=1': 'tagg', 'config.number.count=1': 'number', 'image.digest=sha256:abc': 'digest', 'hostPort=high': 'hostPort',
    'resources.limits.memory=lots': 'memory', 'architectures={riscv64}': 'architectures', 'variant=cpu,hostPort=1': 'variant privileged only', 'userNamespace=true': 'variant cpu only' };
  for (const [values, word] of Object.entries(refusals)) {
    const r = helm('template', 'x', chart, '--set', values);
    check(`the chart refuses ${values}, and names it`, r.status && r.stderr.includes(word) ? [] : [`status ${r.status}: ${r.stderr}`]);
  }

  // The package is whole without the tree around it.
  const packed = helm('package', chart, '--destination', scratch);
  compared('the packed chart gives the same', () => { if (packed.status) throw new Error(packed.stderr); return template(path.join(scratch, `random-refresher-${version}.tgz`)); }, () => template(chart));
  const meta = YAML.parse(readFileSync(path.join(chart, 'Chart.yaml'), 'utf8'));
  check(`the chart's version and appVersion are the Makefile's ${version}`, meta.version === version && meta.appVersion === version ? [] : [`${meta.version}, ${meta.appVersion}`]);
  const readme = spawnSync(path.join(k8s, 'chart-readme'), ['--check'], { encoding: 'utf8' });
  check('chart/README.md is made from values.yaml', readme.status === 0 ? [] : [readme.stdout + readme.stderr]);
  const schema = JSON.parse(readFileSync(path.join(chart, 'values.schema.json'), 'utf8')).properties;
  const values = Object.keys(YAML.parse(readFileSync(path.join(chart, 'values.yaml'), 'utf8')));
  check('the schema knows each value, and no other', values.filter((v) => !schema[v]).concat(Object.keys(schema).filter((k) => k !== 'global' && !values.includes(k))));
  const notes = helm('install', 'random-refresher', chart, '--namespace', 'random-refresher', '--dry-run=client', '--set', 'variant=device-plugin');
  check('the notes name the variant, the label and what a device plugin must offer', notes.status === 0 && /variant device-plugin[^]*feature=hw-rng[^]*squat\.ai\/hwrng/.test(notes.stdout) ? [] : [notes.stderr + notes.stdout.slice(-800)]);
}
