// The scripts below k8s/, run with stand-ins for kubectl and the container engines (stub.mjs).
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, renameSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { check, skip } from './report.mjs';
import { podSecurityLevel } from './rules.mjs';
import { schemaProblems } from './schema.mjs';

const TOOLS = ['awk', 'basename', 'cat', 'cut', 'date', 'dirname', 'env', 'git', 'grep', 'head', 'mktemp', 'mv', 'node', 'rm', 'sed', 'sh', 'sleep', 'sort', 'stat', 'tail', 'touch', 'tr', 'uname', 'uniq', 'wc'];
const STUB = fileURLToPath(new URL('stub.mjs', import.meta.url));
const where = (tool) => spawnSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).stdout.trim();

// A PATH with the plain tools and the named stand-ins, and nothing else.
function pathWith(scratch, ...stubs) {
  const dir = mkdtempSync(path.join(scratch, 'path-'));
  for (const t of TOOLS) symlinkSync(where(t), path.join(dir, t));
  for (const s of stubs) {
    writeFileSync(path.join(dir, s), `#!/bin/sh\nexec node '${STUB}' ${s} "$@"\n`);
    chmodSync(path.join(dir, s), 0o755);
  }
  return dir;
}

// Runs a script with stand-ins; returns its status, its output's lines and the state after it.
function run(scratch, script, args, { stubs, state = {}, env = {}, render }) {
  const file = path.join(mkdtempSync(path.join(scratch, 'state-')), 'state.json');
  writeFileSync(file, JSON.stringify({ calls: [], pods: {}, nodes: {}, ...state }));
  const r = spawnSync(script, args, {
    encoding: 'utf8',
    timeout: 60000,
    env: { PATH: pathWith(scratch, ...stubs), TMPDIR: scratch, STUB_STATE: file, RENDER: JSON.stringify(render ? [where(render[0]), ...render.slice(1)] : []), LOOK_SECONDS: '1', LOOK_PAUSE: '0.1', SETTLE_SECONDS: '1', ...env },
  });
  return { status: r.status, text: r.stdout + r.stderr, lines: r.stdout.trim().split('\n'), ...JSON.parse(readFileSync(file, 'utf8')) };
}

// what is wrong about `facts`, a sentence -> truth table
const wrong = (facts, text) => Object.entries(facts).filter(([, ok]) => !ok).map(([fact]) => fact).concat(Object.values(facts).every(Boolean) ? [] : [text]);

async function labelNodes({ scratch, k8s, YAML, modules }) {
  const script = path.join(k8s, 'label-nodes.sh');
  const stubs = ['kubectl'];
  const both = { label: 'hw-rng', prefixed: 'true' };
  // sentence, node before, labels after, what its line says, whether that is a failure
  const rows = [
    ['a generator: both labels', { driver: 'virtio_rng.0' }, both, /^generator virtio_rng\.0$/],
    ['a driver of two words: both labels', { driver: 'Intel RNG' }, both, /^generator Intel RNG$/],
    ['a generator and both labels: left as it is', { driver: 'tpm-rng-0', ...both }, both, /^generator tpm-rng-0$/],
    ['a generator and the book\'s label alone: the other one too', { driver: 'x', label: 'hw-rng' }, both, /^generator x$/],
    ['a generator and the prefixed label alone: the other one too', { driver: 'x', prefixed: 'true' }, both, /^generator x$/],
    ['no generator: not labelled', { driver: 'none' }, {}, /^generator none$/],
    ['no generator and both labels: taken away', { driver: 'none', ...both }, {}, /^generator none; .*taken away$/],
    ['no generator and the prefixed label alone: taken away', { driver: 'none', prefixed: 'true' }, {}, /^generator none; .*taken away$/],
    ['a generator and another value of the label: reported and left, and the prefixed one', { driver: 'x', label: 'gpu' }, { label: 'gpu', prefixed: 'true' }, /feature=gpu stays.*prefixed-label/, 1],
    ['no generator and another value of the label: left', { driver: 'none', label: 'gpu' }, { label: 'gpu' }, /^generator none$/],
    ['no room for the pod: keeps its labels', { phase: 'Failed', why: 'OutOfpods Node did not have enough resource: pods', ...both }, both, /^could not be asked.*OutOfpods/, 1],
    ['the pod evicted, in two lines: keeps its labels', { phase: 'Failed', why: 'Evicted low on\nresource: memory', ...both }, both, /^could not be asked.*Evicted low on resource/, 1],
    ['the pod cannot start: keeps its labels', { phase: 'Failed', why: 'StartError exec: "sh": not found', ...both }, both, /^could not be asked.*StartError/, 1],
    ['no image: keeps its labels', { phase: 'Pending', why: 'ImagePullBackOff', ...both }, both, /^could not be asked.*ImagePullBackOff/, 1],
    ['the pod never starts: keeps its labels', { phase: 'Pending', why: '', ...both }, both, /^could not be asked.*Pending/, 1],
    ['the pod is refused: keeps its labels', { refused: 'exceeded quota', ...both }, both, /^could not be asked.*exceeded quota$/, 1],
    ['a pod that says nothing: keeps its labels', { driver: '', ...both }, both, /^could not be asked/, 1],
    ['a node that is not ready: not asked, keeps its labels', { driver: 'none', ready: 'Unknown', ...both }, both, /^could not be asked.*not ready$/, 1],
    ['a node that goes away: reported', { driver: 'x', gone: true }, {}, /^generator x; it could not be labelled: .*not found$/, 1],
  ];
  const names = rows.map((_, i) => `n${i}.example`);
  const state = { nodes: Object.fromEntries(rows.map(([, node], i) => [names[i], node])) };
  const all = run(scratch, script, [], { stubs, state });
  for (const [i, [sentence, , after, says]] of rows.entries()) {
    const lines = all.lines.filter((l) => l.startsWith(`${names[i]}: `)).map((l) => l.slice(names[i].length + 2));
    const { label, prefixed } = all.nodes[names[i]];
    check(`label-nodes.sh: ${sentence}`, wrong({ 'its line': says.test(lines[0]), 'one line': lines.length === 1,
      'the labels': label === after.label && prefixed === after.prefixed }, `${lines.join('\n')} ${label} ${prefixed}`));
  }
  check('label-nodes.sh: the status says that some failed, no pod is left, and the label has NFD\'s name', wrong({ 'status 1': all.status === 1,
    'no pod': Object.values(all.pods).every((p) => !p.node), 'a line for each': all.lines.length === rows.length,
    'the keys': all.keys.sort().join() === 'feature,feature.node.kubernetes.io/hw-rng' }, all.text));
  for (const i of rows.keys()) if (rows[i][4]) delete state.nodes[names[i]];
  const well = run(scratch, script, [], { stubs, state });
  check('label-nodes.sh: status 0 where every node is asked and labelled', well.status === 0 ? [] : [well.text]);
  const dry = run(scratch, script, ['--dry-run'], { stubs, state });
  check('label-nodes.sh: --dry-run asks and changes nothing', wrong({ asked: Object.keys(dry.pods).length > 0,
    'nothing changed': !dry.calls.some((c) => c.startsWith('kubectl label')) }, dry.text));

  const nodes = { a: { driver: 'x', ...both }, b: { driver: 'x' }, c: { driver: 'x', ...both } };
  const again = run(scratch, script, [], { stubs, state: { nodes, proven: ['a', 'b'] } });
  const asked = (r) => Object.values(r.pods).map((p) => p.manifest.match(/nodeName: (.*)/)[1]).sort().join();
  check('label-nodes.sh: a node with both labels whose daemon is ready is not asked', wrong({ 'b and c': asked(again) === 'b,c', 'it says so': /^1 node\(s\) not asked/m.test(again.text) }, again.text));
  const every = run(scratch, script, ['--all'], { stubs, state: { nodes, proven: ['a', 'b'] } });
  check('label-nodes.sh: --all asks it too', asked(every) === 'a,b,c' ? [] : [every.text]);
  const named = run(scratch, script, ['b', 'nowhere'], { stubs, state: { nodes } });
  check('label-nodes.sh: only the nodes that are named, and one that is not there is an error', wrong({ b: asked(named) === 'b',
    'status 1': named.status === 1, 'it says so': /^nowhere: there is no such/m.test(named.text) }, named.text));
  const odd = run(scratch, script, ['--every'], { stubs, state: { nodes } });
  check('label-nodes.sh: an unknown option is an error', odd.status === 64 && !odd.calls.length ? [] : [odd.text]);

  const crowd = run(scratch, script, [], { stubs, state: { nodes: Object.fromEntries(Array.from({ length: 70 }, (_, i) => [`n${i}`, { driver: 'x' }])) } });
  check('label-nodes.sh: 70 nodes are asked 32 at a time, in a few calls', wrong({ 'status 0': crowd.status === 0, '32 at a time': crowd.most === 32,
    'each is labelled': Object.values(crowd.nodes).every((n) => n.label === 'hw-rng'), 'few calls': crowd.calls.length <= 20 }, `${crowd.most} ${crowd.calls.length} ${crowd.text}`));
  const pod = YAML.parse(Object.values(all.pods)[0].manifest);
  check('label-nodes.sh: its pod fits the schema and Pod Security level restricted',
    [...(await schemaProblems(pod, modules)), ...(podSecurityLevel(pod) === 'restricted' ? [] : [podSecurityLevel(pod)])]);
}

function assessNodes({ scratch, k8s }) {
  const table = 'Source    /host_dev/hwrng\n\nAssessed min-entropy: 7.166058 bits per sample of 8\n\nHealth tests at H = 7.16\n';
  const few = 'refresher-assess: /host_dev/hwrng: No such device\n';
  const assess = (nodes, ...args) => run(scratch, path.join(k8s, 'assess-nodes.sh'), args, { stubs: ['kubectl'], state: { nodes }, env: { IMAGE: 'localhost/random-refresher:1', ASSESS_PAUSE: '0.1' } });
  const well = { a: { ends: 'Complete', log: table }, b: { ends: 'Complete', log: table } };
  const both = assess(well, 'a', 'b');
  check('assess-nodes.sh: each node and its min-entropy, and no Job is left', wrong({ 'status 0': both.status === 0, 'two lines': both.lines.length === 2,
    'the figure': both.lines.every((l) => /^[ab]: 7\.166058 bits per sample of 8; .*next start$/.test(l)), 'no Job': Object.values(both.pods).every((p) => !p.node) }, both.text));
  const one = assess({ ...well, b: { ends: 'Failed', log: few } }, 'a', 'b');
  check('assess-nodes.sh: a node that cannot be assessed is told with its reason, its Job stays, and the status is 1', wrong({ 'status 1': one.status === 1,
    'the other one': /^a: 7\./m.test(one.text), 'the reason': /^b: not assessed: refresher-assess: .*No such device \(job\/assess-\d+-2\)$/m.test(one.text),
    'one Job': Object.values(one.pods).filter((p) => p.node).length === 1 }, one.text));
  const odd = assess(well, '--all');
  check('assess-nodes.sh: an unknown option is an error', odd.status === 64 && !odd.calls.length ? [] : [odd.text]);
}

function deploy({ scratch, k8s, YAML, render, version }) {
  const script = path.join(k8s, 'deploy');
  const local = `localhost/random-refresher:${version}`;
  const remote = 'registry.example.org:5000/team/random-refresher:1.2.3';
  const own = mkdtempSync(path.join(scratch, 'own-'));
  writeFileSync(path.join(own, 'kustomization.yaml'), YAML.stringify({ resources: [path.relative(own, path.join(k8s, 'overlays/device-plugin'))],
    components: [path.relative(own, path.join(k8s, 'components/load-balanced'))] }));
  const ours = (r) => YAML.parseAllDocuments(r.applied ?? '').map((d) => d.toJS()).find((o) => o?.kind === 'DaemonSet')?.spec.template.spec.containers.find((c) => c.name === 'refresher');
  const called = (r, what) => r.calls.some((c) => what.test(c));
  const applied = (r, image) => ours(r)?.image === image && called(r, /rollout status daemonset\/random-refresher/);
  const nodes = { n: { driver: 'virtio_rng.0' } };
  const pushedAs = `${remote.replace(/:[\d.]+$/, '')}@sha256:${'d'.repeat(64)}`;
  const identity = (r) => r.applied.match(/random-refresher\/image: (\S+)/)?.[1];
  // sentence, IMAGE, environment, state, stand-ins, what must be true
  const rows = [
    ['an image for no registry and no way to load it: a message, nothing done', local, {}, {}, ['kubectl', 'podman'],
      (r) => ({ 'status 1': r.status === 1, 'it names the ways': /kind load image-archive/.test(r.text), 'nothing is called': !called(r, /^kubectl|^podman build/) })],
    ['LOAD_IMAGE: built, loaded from a file, labelled, applied, waited for', local, { LOAD_IMAGE: 'loader --into nodes' }, {}, ['kubectl', 'podman', 'loader'],
      (r) => ({ 'status 0': r.status === 0, built: called(r, /^podman build.* -t localhost\/random-refresher:/), loaded: called(r, /^loader --into nodes .*image\.tar$/),
        'not pushed': !called(r, /^podman push/), labelled: r.nodes.n.label === 'hw-rng', applied: applied(r, local) })],
    ['LOAD_IMAGE: the pods are told which image it is, so that one of the same name is rolled out', local, { LOAD_IMAGE: 'loader' }, { identity: 'sha256:2222' }, ['kubectl', 'podman', 'loader'],
      (r) => ({ 'status 0': r.status === 0, 'its identity': identity(r) === 'sha256:2222', applied: applied(r, local) })],
    ['LOAD_IMAGE with two architectures is refused', local, { LOAD_IMAGE: 'loader', ARCH: 'amd64,arm64' }, {}, ['kubectl', 'podman', 'loader'],
      (r) => ({ 'status 1': r.status === 1, 'nothing is called': r.calls.length === 0 })],
    ['an image of a registry: built, pushed, and applied by the digest that it got there', remote, {}, {}, ['kubectl', 'podman'],
      (r) => ({ 'status 0': r.status === 0, built: called(r, /^podman build/), pushed: called(r, /^podman push --digestfile \S+ registry\.example\.org:5000\/team\/random-refresher:1\.2\.3$/), applied: applied(r, pushedAs) })],
    ['two architectures: built and pushed as one', remote, { ARCH: 'amd64,arm64' }, {}, ['kubectl', 'podman'],
      (r) => ({ 'status 0': r.status === 0, built: called(r, /^podman build .*--platform linux\/amd64,linux\/arm64 --manifest registry/),
        pushed: called(r, /^podman manifest push --all --digestfile \S+ (registry\S+) docker:\/\/registry/), applied: applied(r, pushedAs) })],
    ['two architectures with docker: pushed by the build', remote, { ARCH: 'amd64,arm64' }, {}, ['kubectl', 'docker'],
      (r) => ({ 'status 0': r.status === 0, built: called(r, /^docker buildx build --push -t registry.*--platform linux\/amd64,linux\/arm64/), applied: applied(r, pushedAs) })],
    ['an image that its registry has: only applied', remote, {}, { podman: { pushed: [remote] } }, ['kubectl', 'podman'],
      (r) => ({ 'status 0': r.status === 0, 'not built': !called(r, /^podman build/), 'not pushed': !called(r, /^podman push/), applied: applied(r, remote),
        'it says that a node may have an older one': /a node that has one of that name keeps it/.test(r.text), 'it says what runs': /deploy: running in 3 container\(s\): \S+ sha256:9999/.test(r.text) })],
    ['PUSH=yes: built and pushed again', remote, { PUSH: 'yes' }, { podman: { pushed: [remote] } }, ['kubectl', 'podman'],
      (r) => ({ 'status 0': r.status === 0, built: called(r, /^podman build/), pushed: called(r, /^podman push/) })],
    ['PUSH=no: only applied, and the registry is not asked', remote, { PUSH: 'no' }, {}, ['kubectl', 'podman'],
      (r) => ({ 'status 0': r.status === 0, 'no engine': !called(r, /^podman (build|push|pull)/), applied: applied(r, remote) })],
    ['PUSH=yes: a name that shows no registry is pushed', 'team/random-refresher:1', { PUSH: 'yes' }, {}, ['kubectl', 'podman'],
      (r) => ({ 'status 0': r.status === 0, pushed: called(r, /^podman push .* team/), applied: applied(r, `team/random-refresher@sha256:${'d'.repeat(64)}`) })],
    ['no container engine: an image of a registry is applied', remote, {}, {}, ['kubectl'],
      (r) => ({ 'status 0': r.status === 0, 'it says so': /no container engine/.test(r.text), applied: applied(r, remote) })],
    ['no container engine: an image to be loaded is refused', local, { LOAD_IMAGE: 'loader' }, {}, ['kubectl', 'loader'],
      (r) => ({ 'status 1': r.status === 1, 'it names them': /docker.*podman.*buildah/.test(r.text), 'nothing applied': !r.applied })],
    ['an image by digest', `registry.example.org/r@sha256:${'a'.repeat(64)}`, {}, {}, ['kubectl'],
      (r) => ({ 'status 0': r.status === 0, applied: applied(r, `registry.example.org/r@sha256:${'a'.repeat(64)}`) })],
    ['docker with its daemon and buildx builds', remote, {}, {}, ['kubectl', 'docker', 'podman'],
      (r) => ({ 'status 0': r.status === 0, built: called(r, /^docker buildx build --load -t registry/), pushed: called(r, /^docker push/), applied: applied(r, pushedAs) })],
    ['docker without buildx is passed over', remote, {}, { docker: { buildx: false } }, ['kubectl', 'docker', 'podman'],
      (r) => ({ 'status 0': r.status === 0, built: called(r, /^podman build/) })],
    ['docker without a daemon is passed over', remote, {}, { docker: { info: false } }, ['kubectl', 'docker', 'podman'],
      (r) => ({ 'status 0': r.status === 0, built: called(r, /^podman build/) })],
    ['an overlay by name', remote, { OVERLAY: 'with-sidecar' }, {}, ['kubectl'], (r) => ({ 'status 0': r.status === 0, 'the sidecar': /name: reader/.test(r.applied) })],
    ['an overlay of one\'s own', remote, { OVERLAY: own }, {}, ['kubectl'],
      (r) => ({ 'status 0': r.status === 0, 'its component': /random-refresher-any/.test(r.applied), unprivileged: !ours(r)?.securityContext.privileged, applied: applied(r, remote) })],
    ['an overlay that is not there is refused before anything is done', remote, { OVERLAY: 'nothing' }, {}, ['kubectl', 'podman'],
      (r) => ({ 'status 1': r.status === 1, 'nothing is called': r.calls.length === 0 })],
    ['an image without a tag is refused', 'registry.example.org:5000/r', {}, {}, ['kubectl', 'podman'],
      (r) => ({ 'status 1': r.status === 1, 'nothing is called': r.calls.length === 0 })],
    ['a node that cannot be asked is reported and does not stop it', remote, {}, { nodes: { ...nodes, m: { phase: 'Failed', why: 'Evicted' } } }, ['kubectl'],
      (r) => ({ 'status 0': r.status === 0, reported: /m: could not be asked.*Evicted/.test(r.text), applied: applied(r, remote) })],
    ['no node fits: an error that names the label', remote, {}, { desired: 0 }, ['kubectl'],
      (r) => ({ 'status 1': r.status === 1, 'the label': /feature=hw-rng/.test(r.text) })],
    ['pods that do not get ready: an error, and the pods', remote, {}, { stuck: true }, ['kubectl'],
      (r) => ({ 'status 1': r.status === 1, 'the pods': called(r, /get pods -o wide/), 'the way on': /Trouble/.test(r.text) })],
  ];
  for (const [sentence, image, env, state, stubs, facts] of rows) {
    const r = run(scratch, script, [image], { stubs, env, render, state: structuredClone({ nodes, ...state }) });
    check(`deploy: ${sentence}`, wrong(facts(r), r.text));
  }
}

async function readNumbers({ scratch, k8s }) {
  const script = path.join(k8s, 'overlays/with-sidecar/read-numbers');
  const dir = mkdtempSync(path.join(scratch, 'numbers-'));
  const file = path.join(dir, 'numbers.txt');
  const put = (text, age = 0) => {
    writeFileSync(`${file}.new`, text);
    const then = Date.now() / 1000 - age;
    utimesSync(`${file}.new`, then, then);
    renameSync(`${file}.new`, file);
  };
  const shells = { sh: ['sh'], bash: ['bash'], busybox: ['busybox', 'sh'] };
  // sentence, content, age, verdict
  const rows = [
    ['three numbers, both ends of int32 among them', '0\n-2147483648\n2147483647\n', 0, /^ok: 3 numbers$/],
    ['a line too few', '1\n2\n', 0, /^not ok: 3 numbers expected/],
    ['a last line without its end', '1\n2\n3', 0, /^not ok: 3 numbers expected/],
    ['a number beyond int32', '1\n2\n2147483648\n', 0, /^not ok: 3 numbers expected/],
    ['a number below int32', '1\n2\n-2147483649\n', 0, /^not ok: 3 numbers expected/],
    ['a number of a thousand digits', `1\n2\n${'1'.repeat(1000)}\n`, 0, /^not ok: 3 numbers expected/],
    ['a zero byte', '1\n2\0\n3\n', 0, /^not ok: 3 numbers expected/],
    ['a word', '1\ntwo\n3\n', 0, /^not ok: 3 numbers expected/],
    ['a file as old as allowed', '1\n2\n3\n', 60, /^ok/],
    ['an old file', '1\n2\n3\n', 100, /^not ok: 1\d\d s old, 65 s allowed$/],
    ['a clock two seconds apart', '1\n2\n3\n', -2, /^ok/],
    ['a file from the future', '1\n2\n3\n', -60, /^not ok: -\d+ s old/],
  ];
  for (const [name, shell] of Object.entries(shells)) {
    if (!where(shell[0])) { skip(`read-numbers under ${name}`, 'not installed'); continue; }
    const problems = [];
    const look = (f) => spawnSync(shell[0], [...shell.slice(1), script, f, '3'], { encoding: 'utf8' });
    for (const [sentence, text, age, says] of rows) {
      put(text, age);
      const r = look(file);
      if (!says.test(r.stdout.trim()) || r.stderr || r.status !== (r.stdout.startsWith('ok') ? 0 : 1)) problems.push(`${sentence}: ${r.stdout}${r.stderr} (${r.status})`);
    }
    const none = look(path.join(dir, 'none'));
    if (none.status !== 1 || none.stderr || !/cannot be opened/.test(none.stdout)) problems.push(`no file: ${none.stdout}${none.stderr}`);
    check(`read-numbers under ${name}: ${rows.length + 1} files, sound and not, are told apart`, problems);

    const late = path.join(dir, name, 'numbers.txt');
    mkdirSync(path.dirname(late));
    const first = spawn(shell[0], [...shell.slice(1), script, '--watch', '0.2', late, '3'], { stdio: ['ignore', 'pipe', 'inherit'] });
    let heard = '';
    first.stdout.on('data', (d) => (heard += d));
    put('1\n2\n3\n', 100);
    const watch = spawn(shell[0], [...shell.slice(1), script, '--watch', '0.2', file, '3'], { stdio: ['ignore', 'pipe', 'inherit'] });
    let out = '';
    watch.stdout.on('data', (d) => (out += d));
    const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
    await sleep(2500);
    writeFileSync(late, '1\n2\n3\n');
    put('4\n5\n6\n');
    await sleep(1500);
    watch.kill('SIGTERM');
    first.kill('SIGTERM');
    const status = await new Promise((done) => watch.on('exit', done));
    check(`read-numbers under ${name}: --watch says once that a file is old, and once that the next one is well`,
      wrong({ lines: /^not ok: 1\d\d s old, 65 s allowed\nok: 3 numbers\n$/.test(out), 'status 0 at SIGTERM': status === 0 }, out));
    check(`read-numbers under ${name}: --watch waits for the first file, which is no fault`, heard === `waiting for the first ${late}\nok: 3 numbers\n` ? [] : [heard]);
  }
}

function make({ top, version }) {
  const recipe = (...args) => spawnSync('make', ['-n', '-C', top, ...args], { encoding: 'utf8', env: { ...process.env, MAKEFLAGS: '' } }).stdout;
  check('make image ARCH=arm64 leaves the tag of this machine\'s image alone', wrong({
    'plain tag': new RegExp(`make-image localhost/random-refresher:${version} *$`, 'm').test(recipe('image')),
    'tag of the architecture': recipe('image', 'ARCH=arm64').includes(`make-image localhost/random-refresher:${version}-arm64 --arch arm64`) }, recipe('image', 'ARCH=arm64')));
  check('make image ARCH=amd64,arm64 makes one name for both', recipe('image', 'ARCH=amd64,arm64').includes(`make-image localhost/random-refresher:${version} --arch amd64,arm64`) ? [] : [recipe('image', 'ARCH=amd64,arm64')]);
  check('make deploy takes IMAGE', recipe('deploy', 'IMAGE=a.b/c:1').includes('k8s/deploy a.b/c:1') ? [] : [recipe('deploy', 'IMAGE=a.b/c:1')]);
}

// The device plugin of the example hands out the resource that the overlay and the application's pod ask for.
function devicePlugin({ k8s, top, YAML }) {
  const objects = (f) => YAML.parseAllDocuments(readFileSync(path.join(k8s, f), 'utf8')).map((d) => d.toJS());
  const stand = (...args) => spawnSync('python3', [path.join(top, 'tests/cluster/device-plugin'), '--name', ...args], { encoding: 'utf8' }).stdout.trim();
  const { args } = objects('examples/generic-device-plugin.yaml')[0].spec.template.spec.containers[0];
  const asked = [objects('overlays/device-plugin/device.yaml')[0].spec.template.spec.containers[0], objects('examples/app-pod.yaml')[0].spec.initContainers[0]]
    .flatMap((c) => Object.keys(c.resources.limits).filter((r) => r.includes('/')));
  check('the device plugin of the example offers what the overlay and app-pod.yaml ask for', asked.length === 2 && asked.every((r) => r === stand(...args)) ? [] : [`${asked} and not ${stand(...args)}`]);
  const without = stand(...args.filter((a) => !a.startsWith('--domain')));
  check('and would not by the plugin\'s own default, which the stand-in has too', without === 'devic.es/hwrng' ? [] : [without]);
}

// What the image is made of, of a small stand-in. SPDX_SCHEMA names the standard's own schema, to be obeyed too.
function sbom({ scratch, top, k8s, modules }) {
  const dir = mkdtempSync(path.join(scratch, 'image-'));
  const make = () => [spawnSync(path.join(top, 'tests/image/fake-image'), [dir], { encoding: 'utf8' }), spawnSync(path.join(k8s, 'image/sbom'), [path.join(dir, 'image.tar'), dir], { encoding: 'utf8' })]
    .filter((r) => r.status !== 0).map((r) => r.stderr);
  const failures = make();
  check('k8s/image/sbom describes an image', failures);
  if (failures.length) return;
  const read = (name) => readFileSync(path.join(dir, name), 'utf8');
  const [text, said] = ['sbom.spdx.json', 'provenance.json'].map(read);
  const [spdx, provenance] = [text, said].map((t) => JSON.parse(t));
  const Ajv = createRequire(path.join(modules, 'x.js'))('ajv').default;
  for (const schema of [new URL('spdx.schema.json', import.meta.url), process.env.SPDX_SCHEMA].filter(Boolean)) {
    const validate = new Ajv({ strict: false, allErrors: true }).compile(JSON.parse(readFileSync(schema, 'utf8')));
    check(`the SBOM obeys ${path.basename(String(schema))}`, validate(spdx) ? [] : validate.errors.map((e) => `${e.instancePath} ${e.message}`));
    const broken = structuredClone(spdx);
    delete broken.packages[0].SPDXID;
    check(`${path.basename(String(schema))} notices a package without its identifier`, validate(broken) ? ['it did not'] : []);
  }
  const ids = new Set([spdx.SPDXID, ...spdx.packages.map((p) => p.SPDXID)]);
  const byName = Object.fromEntries(spdx.packages.map((p) => [p.name, p]));
  const hash = createHash('sha256').update('no program\n').digest('hex');
  check('the SBOM names the programs by their digests, each package by its source, and the library that was made in the build', wrong({
    'each identifier once': ids.size === spdx.packages.length + 1, 'no loose end': spdx.relationships.every((r) => ids.has(r.spdxElementId) && ids.has(r.relatedSpdxElement)),
    'five packages': Object.keys(byName).sort().join() === 'libc6,libmicrohttpd12t64,random-refresher,refresher,refresher-assess',
    'the digests': ['refresher', 'refresher-assess'].every((p) => byName[p].checksums[0].checksumValue === hash),
    'its version': byName.refresher.versionInfo === '9.8.7', 'a source': byName.libc6.sourceInfo.endsWith('glibc 2.41-12'), 'another version of the source': byName.libmicrohttpd12t64.sourceInfo.endsWith('libmicrohttpd 1.0.1-4'),
    'a purl': byName.libmicrohttpd12t64.externalRefs[0].referenceLocator === 'pkg:deb/debian/libmicrohttpd12t64@1.0.1-4%2Bb1?arch=amd64&distro=debian-13',
    'made here': !!byName.libmicrohttpd12t64.comment && !byName.libc6.comment }, text));
  const from = provenance.buildDefinition.resolvedDependencies;
  check('the provenance names revision, base and packages', wrong({ revision: from[0].digest.gitCommit === '0123456789ab', base: from[1].uri === 'docker.io/library/debian:trixie-slim' && from[1].digest.sha256.length === 64,
    packages: from.length === 4 && from[2].uri.startsWith('pkg:deb/debian/libc6@'), builder: !!provenance.runDetails.builder.id }, said));
  check('a second run writes the same', make().concat(read('sbom.spdx.json') === text && read('provenance.json') === said ? [] : ['it does not']));
}

export async function scriptChecks(context) {
  devicePlugin(context);
  await labelNodes(context);
  assessNodes(context);
  deploy(context);
  sbom(context);
  await readNumbers(context);
  make(context);
}
