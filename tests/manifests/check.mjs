// check.mjs MODULES TOP [REFRESHER]: renders everything in TOP/k8s and checks it. MODULES is the node_modules directory.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { check, finish, skip } from './report.mjs';
import { rules } from './rules.mjs';
import { mutations } from './mutations.mjs';
import { schemaProblems } from './schema.mjs';
import { alertChecks } from './alerts.mjs';

const [modules, top, refresher] = process.argv.slice(2);
const YAML = createRequire(path.join(modules, 'x.js'))('yaml');
const k8s = path.join(top, 'k8s');
const scratch = mkdtempSync(path.join(tmpdir(), 'manifests-'));
process.on('exit', () => rmSync(scratch, { recursive: true }));

const parse = (text) => YAML.parseAllDocuments(text).map((d) => d.toJS()).filter(Boolean);
const kustomize = spawnSync('kustomize', ['version']).error ? ['kubectl', ['kustomize']] : ['kustomize', ['build']];
const render = (dir) => parse(execFileSync(kustomize[0], [...kustomize[1], dir], { encoding: 'utf8', stdio: 'pipe' }));

// The base with the named components, as a user's own kustomization would have it.
function renderWith(...components) {
  const from = (...names) => path.relative(scratch, path.join(k8s, ...names));
  const file = { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', resources: [from('base')],
    components: components.map((c) => from('components', c)) };
  writeFileSync(path.join(scratch, 'kustomization.yaml'), YAML.stringify(file));
  return render(scratch);
}

const printed = ['overlays/book'];           // stays as the book has it
const exceptions = { 'examples/generic-device-plugin.yaml': ['images are pinned', 'our container'],
  'examples/single-file-mount.yaml': ['the numbers are shared'] };

async function checkSet(name, objects) {
  const problems = [];
  for (const o of objects) problems.push(...(await schemaProblems(o, modules)));
  check(`${name}: ${objects.length} objects fit the schemas of their kinds, no field is unknown`, problems);
  if (printed.includes(name)) return;
  const broken = Object.entries(rules)
    .filter(([sentence]) => !(exceptions[name] ?? []).some((e) => sentence.startsWith(e)))
    .flatMap(([sentence, rule]) => rule(objects).map((p) => `${sentence}: ${p}`));
  check(`${name}: obeys the ${Object.keys(rules).length} rules of the project`, broken);
}

async function checkRendering(name, how) {
  let objects;
  try {
    objects = how();
  } catch (e) {
    check(`${name}: renders`, [String(e.stderr || e.message).trim()]);
    return [];
  }
  await checkSet(name, objects);
  return objects;
}

const folders = (d) => readdirSync(path.join(k8s, d)).sort();
const all = {};
for (const o of folders('overlays')) all[o] = await checkRendering(`overlays/${o}`, () => render(path.join(k8s, 'overlays', o)));
for (const c of folders('components')) {
  const under = c === 'nonroot' ? ['unprivileged', c] : [c];
  all[c] = await checkRendering(`components/${c}`, () => renderWith(...under));
}
await checkRendering('all components that go together', () =>
  renderWith('host-port', 'load-balanced', 'publish-on-node', 'monitoring', 'network-policy', 'nfd'));
for (const e of folders('examples')) {
  const file = path.join(k8s, 'examples', e);
  await checkRendering(`examples/${e}`, () => (e.endsWith('.yaml') ? parse(readFileSync(file, 'utf8')) : render(file)));
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
check('the ConfigMap takes the device and nothing else', YAML.parse(config).source.kind === 'device' ? [] : ['source.kind is not device']);

await alertChecks({ objects: all.monitoring, top, scratch, refresher, YAML });
process.exitCode = finish();
