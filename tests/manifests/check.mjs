// check.mjs MODULES TOP [REFRESHER]: renders everything in TOP/k8s and checks it. MODULES is the node_modules directory.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { chartChecks } from './chart.mjs';
import { check, finish, skip } from './report.mjs';
import { isOurs, podSecurityLevel, rules } from './rules.mjs';
import { mutations } from './mutations.mjs';
import { schemaProblems } from './schema.mjs';
import { alertChecks } from './alerts.mjs';
import { scriptChecks } from './scripts.mjs';
import { transferChecks } from './transfer.mjs';

const [modules, top, refresher] = process.argv.slice(2);
const YAML = createRequire(path.join(modules, 'x.js'))('yaml');
const k8s = path.join(top, 'k8s');
const scratch = mkdtempSync(path.join(tmpdir(), 'manifests-'));
process.on('exit', () => rmSync(scratch, { recursive: true }));

const parse = (text) => YAML.parseAllDocuments(text).map((d) => d.toJS()).filter(Boolean);
const kustomize = spawnSync('kustomize', ['version']).error ? ['kubectl', ['kustomize']] : ['kustomize', ['build']];
const render = (dir) => parse(execFileSync(kustomize[0], [...kustomize[1], dir], { encoding: 'utf8', stdio: 'pipe' }));
// A rendering takes half a second, so each is made once; nobody changes what comes of it.
const rendered = new Map();
const once = (key, make) => rendered.get(key) ?? rendered.set(key, make()).get(key);
const overlay = (name) => once(name, () => render(path.join(k8s, 'overlays', name)));

// A kustomization of a user's own, in a directory beside the tree.
function renderText(text) {
  writeFileSync(path.join(scratch, 'kustomization.yaml'), text);
  return render(scratch);
}
// An overlay with the named components.
function renderWith(under, ...components) {
  const from = (...names) => path.relative(scratch, path.join(k8s, ...names));
  const text = YAML.stringify({ apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization',
    resources: [from('overlays', under)], components: components.map((c) => from('components', c)) });
  return once(text, () => renderText(text));
}

const printed = ['overlays/book'];           // stays as the book has it
const exceptions = { 'examples/generic-device-plugin.yaml': ['our container'],
  'examples/single-file-mount.yaml': ['the numbers are shared'],
  'examples/node-problem-detector.yaml': ['every volume that'] }; // its ConfigMap comes with components/node-condition

const broken = (objects, excepted = () => false) => Object.entries(rules).filter(([sentence]) => !excepted(sentence))
  .flatMap(([sentence, rule]) => rule(objects).map((p) => `${sentence}: ${p}`));

async function checkSet(name, objects, unruled = []) {
  const problems = [];
  for (const o of objects) problems.push(...(await schemaProblems(o, modules)));
  check(`${name}: ${objects.length} objects fit the schemas of their kinds, no field is unknown`, problems);
  if (printed.includes(name)) {
    const [sentence] = Object.keys(rules).filter((r) => r.startsWith('a namespace audits'));
    check(`${name}: ${sentence}`, rules[sentence](objects));
    return;
  }
  const excepted = (sentence) => [...(exceptions[name] ?? []), ...unruled].some((e) => sentence.startsWith(e));
  check(`${name}: obeys the ${Object.keys(rules).length} rules of the project`, broken(objects, excepted));
}

async function checkRendering(name, how, unruled) {
  let objects;
  try {
    objects = how();
  } catch (e) {
    check(`${name}: renders`, [String(e.stderr || e.message).trim()]);
    return [];
  }
  await checkSet(name, objects, unruled);
  return objects;
}

const folders = (d) => readdirSync(path.join(k8s, d)).sort();
const all = {};
for (const o of folders('overlays')) all[o] = await checkRendering(`overlays/${o}`, () => overlay(o));
// What goes with some overlays alone: the README says so, and the rule that begins with these words must refuse the rest.
const variants = ['privileged', 'device-plugin', 'device-plugin-nonroot', 'cpu'];
const some = { 'host-port': ['the namespace enforces', 'privileged'], 'publish-on-node': ['the namespace enforces', 'privileged'], assess: ['the namespace enforces', 'privileged'], 'publish-to-device': ['what the command line', 'privileged'],
  'user-namespace': ['a pod with user IDs', 'cpu'], nfd: ['the DaemonSet is node-critical', ...variants.slice(0, 3)], 'prefixed-label': ['the DaemonSet is node-critical', ...variants.slice(0, 3)] };
const otherWays = ['nonroot', 'nri-injector', 'unprivileged']; // in place of a device plugin
for (const c of folders('components').filter((f) => f !== 'config-hash')) { // examples/canary has that one, with its generator
  const under = c === 'nonroot' ? ['unprivileged', c] : [c];
  // what goes with everything is tried with three: to overlays/cpu it is the same as to the one above
  const [refusal, ...fits] = some[c] ?? ['', ...variants.slice(0, 3)];
  for (const o of variants.slice(0, otherWays.includes(c) ? 1 : some[c] ? 4 : 3)) {
    if (fits.includes(o)) {
      const objects = await checkRendering(`overlays/${o} with components/${c}`, () => renderWith(o, ...under));
      all[c] ??= objects;
      continue;
    }
    const refusals = broken(renderWith(o, c));
    check(`overlays/${o} with components/${c}: the rules refuse it`, refusals.some((r) => r.startsWith(refusal)) ? [] : ['they did not', ...refusals]);
  }
}
await checkRendering('overlays/with-sidecar with all components that go together', () =>
  renderWith('with-sidecar', 'host-port', 'load-balanced', 'publish-on-node', 'monitoring', 'network-policy', 'nfd'));

// The README's own examples, with the tree where it is.
const readme = readFileSync(path.join(k8s, 'README.md'), 'utf8');
const blocks = [...readme.matchAll(/^( *)```yaml\n(.*?)^ *```/gms)].map((m) => m[2].replaceAll(new RegExp(`^${m[1]}`, 'gm'), ''));
const whole = blocks.find((b) => /^kind: Kustomization$/m.test(b)).replaceAll('../random-refresher/k8s', path.relative(scratch, k8s));
all.readme = await checkRendering('the kustomization of k8s/README.md', () => renderText(whole));
const patched = await checkRendering('the same with the patch for kube-prometheus-stack', () => renderText(whole + blocks.find((b) => b.startsWith('patches:'))));
check('that patch labels PodMonitor and PrometheusRule', patched.filter((o) => o.kind === 'PodMonitor' || o.kind === 'PrometheusRule')
  .map((o) => o.metadata.labels.release).join() === 'kube-prometheus-stack,kube-prometheus-stack' ? [] : ['it does not']);
const own = blocks.find((b) => b.includes('behavior: merge')).replaceAll('../random-refresher/k8s', path.relative(scratch, k8s));
writeFileSync(path.join(scratch, 'refresher.yaml'), 'numbers: {count: 5}\n');
const mine = await checkRendering('the kustomization of k8s/README.md, Changing things', () => renderText(own), ['the DaemonSet is node-critical']);
check('that kustomization changes configuration, limit and priority', ((pod) => (mine.some((o) => o.data?.['refresher.yaml'] === 'numbers: {count: 5}\n') &&
  pod?.containers[0].resources.limits.memory === '64Mi' && !pod.priorityClassName ? [] : ['it does not']))(mine.find((o) => o.kind === 'DaemonSet')?.spec.template.spec));
const comment = readFileSync(path.join(k8s, 'components/network-policy/kustomization.yaml'), 'utf8');
const opened = await checkRendering('the patch in components/network-policy', () =>
  renderText(`resources: [${path.relative(scratch, path.join(k8s, 'overlays/privileged'))}]\ncomponents: [${path.relative(scratch, path.join(k8s, 'components/network-policy'))}]\n` +
    comment.slice(comment.indexOf('#   patches:')).split('\n').filter((l) => l.startsWith('#   ')).map((l) => l.slice(4)).join('\n')));
check('that patch adds a caller and a destination', opened.some((o) => o.kind === 'NetworkPolicy' && o.spec.ingress[0].from.length === 2 && o.spec.egress.length === 1) ? [] : ['it does not']);
const jobs = spawnSync('sh', [path.join(k8s, 'assess-nodes.sh'), '--dry-run', 'n1', 'n2'], { encoding: 'utf8', env: { ...process.env, IMAGE: 'localhost/random-refresher:0.1.0' } });
check('assess-nodes.sh makes a Job for each node', (nodes => (nodes === 'n1,n2' ? [] : [nodes, jobs.stderr]))(parse(jobs.stdout).map((o) => o.spec.template.spec.nodeName).join()));
for (const o of parse(jobs.stdout)) check(`assess-nodes.sh, ${o.spec.template.spec.nodeName}: the Job fits the schema, no field is unknown`, await schemaProblems(o, modules));
for (const e of folders('examples')) {
  const file = path.join(k8s, 'examples', e);
  await checkRendering(`examples/${e}`, () => (e.endsWith('.yaml') ? parse(readFileSync(file, 'utf8')) : render(file)));
}

// What the table of ways in the README says of the pods that get numbers.
const levels = { 'app-pod.yaml': 'baseline', 'app-pod-restricted.yaml': 'restricted', 'numbers-consumer': 'restricted', 'node-reader.yaml': 'privileged' };
for (const [e, level] of Object.entries(levels)) {
  const file = path.join(k8s, 'examples', e);
  const pod = (e.endsWith('.yaml') ? parse(readFileSync(file, 'utf8')) : render(file)).find((o) => o.kind === 'Pod');
  check(`examples/${e}: its pod needs Pod Security level ${level}`, podSecurityLevel(pod) === level ? [] : [podSecurityLevel(pod)]);
}

for (const [start, what, change] of mutations) {
  const objects = structuredClone(all['with-sidecar']);
  change(objects);
  const [, rule] = Object.entries(rules).find(([sentence]) => sentence.startsWith(start));
  check(`the rules notice ${what}`, rule(objects).length ? [] : [`"${start}…" found nothing wrong`]);
}
const unknown = structuredClone(all['with-sidecar']).find((o) => o.kind === 'DaemonSet');
unknown.spec.template.spec.containers[0].livenesProbe = {};
check('the schemas notice a misspelt field', (await schemaProblems(unknown, modules)).length === 1 ? [] : ['they did not']);

const config = all.privileged.find((o) => o.kind === 'ConfigMap').data['refresher.yaml'];
if (refresher && existsSync(refresher)) {
  writeFileSync(path.join(scratch, 'refresher.yaml'), config);
  const r = spawnSync(refresher, ['--check-config', '--config', path.join(scratch, 'refresher.yaml')], { encoding: 'utf8' });
  check('the ConfigMap is a configuration that the program accepts', r.status === 0 ? [] : [r.stderr.trim()]);
} else {
  skip('the ConfigMap is a configuration that the program accepts', 'the program is not built');
}
check('the ConfigMap of overlays/cpu takes the CPU and nothing else, and differs in that alone from the one of base', (() => {
  const [cpu, base] = [all.cpu.find((o) => o.kind === 'ConfigMap').data['refresher.yaml'], config].map((t) => YAML.parse(t));
  return cpu.source.kind === 'cpu' && isDeepStrictEqual({ ...cpu, source: base.source }, base) ? [] : [JSON.stringify(cpu)];
})());
check('the ConfigMap takes the device and nothing else', YAML.parse(config).source.kind === 'device' ? [] : ['source.kind is not device']);

// One version, said in one place.
const version = readFileSync(path.join(top, 'Makefile'), 'utf8').match(/^VERSION := (.*)$/m)[1];
const files = readdirSync(k8s, { recursive: true, withFileTypes: true }).filter((f) => f.isFile()).map((f) => path.join(f.parentPath ?? f.path, f.name));
check(`every image tag and version label below k8s/ is the Makefile's ${version}`, files.flatMap((f) =>
  [...readFileSync(f, 'utf8').matchAll(/(?:\/random-refresher:|newTag: |app\.kubernetes\.io\/version: ")(\d+\.\d+\.\d+[\w.]*)/g)]
    .filter((m) => m[1] !== version).map((m) => `${path.relative(top, f)}: ${m[0]}`)));
const reader = readFileSync(path.join(k8s, 'overlays/with-sidecar/read-numbers'), 'utf8');
check('the examples carry the same read-numbers as overlays/with-sidecar', ['app-pod.yaml', 'node-reader.yaml'].filter((e) =>
  parse(readFileSync(path.join(k8s, 'examples', e), 'utf8')).find((o) => o.kind === 'ConfigMap').data['read-numbers'] !== reader));

// The image's place is one file, and a digest may stand there.
const copy = path.join(scratch, 'k8s');
cpSync(k8s, copy, { recursive: true, verbatimSymlinks: true });
const place = path.join(copy, 'components/image/kustomization.yaml');
const digest = `sha256:${'b'.repeat(64)}`;
writeFileSync(place, readFileSync(place, 'utf8').replace(/newName: .*/, 'newName: registry.example.org/random-refresher').replace(/newTag: .*/, `digest: ${digest}`));
check('components/image is the one place of the image for base and overlays/book', ['privileged', 'book'].flatMap((o) =>
  render(path.join(copy, 'overlays', o)).filter((d) => d.kind === 'DaemonSet').flatMap((d) => d.spec.template.spec.containers).filter(isOurs).map((c) => c.image))
  .filter((i) => i !== `registry.example.org/random-refresher@${digest}`));
const canary = path.join(copy, 'examples/canary');
const mounted = () => render(canary).find((o) => o.kind === 'DaemonSet').spec.template.spec.volumes.find((v) => v.name === 'config').configMap.name;
const before = mounted();
writeFileSync(path.join(canary, 'refresher.yaml'), config);
check('with components/config-hash another configuration is another ConfigMap, which the pods mount', before !== mounted() && /^random-refresher-config-/.test(before) ? [] : [before, mounted()]);

await chartChecks({ k8s, top, scratch, refresher: refresher && existsSync(refresher) ? refresher : undefined, version, YAML, parse, overlay, renderWith, checkSet });
await alertChecks({ objects: all.monitoring, top, scratch, refresher, YAML });
await transferChecks({ scratch, k8s });
await scriptChecks({ scratch, top, k8s, modules, YAML, version, render: [kustomize[0], ...kustomize[1]] });
process.exitCode = finish();
