// stub.mjs NAME ARG...: stands in for kubectl, podman, docker and for a command that loads an image. It answers from the
// file $STUB_STATE, and writes what it is asked to do into it: `calls`, `pods`, `applied`, the nodes' labels.
import { readFileSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';

const [name, ...args] = process.argv.slice(2);
const state = JSON.parse(readFileSync(process.env.STUB_STATE, 'utf8'));
state.calls.push([name, ...args].join(' '));
let status = 0;
const say = (text) => process.stdout.write(text);
const fail = (text) => {
  process.stderr.write(`${text}\n`);
  status = 1;
};
const DIGEST = `sha256:${'d'.repeat(64)}`; // of everything that is pushed
const after = (word) => args[args.indexOf(word) + 1];

function engine({ info = true, buildx = true, pushed = [] }) {
  const what = args.join(' ');
  if (what === 'info') status = info ? 0 : 1;
  else if (what === 'buildx version') status = buildx ? 0 : 1;
  else if (args[0] === 'pull') status = pushed.includes(args.at(-1)) ? 0 : 1;
  else if (args[0] === 'save') writeFileSync(after('-o'), 'image');
  else if (what.startsWith('image inspect')) say(`${state.identity ?? 'sha256:1111'}\n`);
  else if (args.includes('--digestfile')) writeFileSync(after('--digestfile'), DIGEST);
  else if (args[0] === 'push') say(`The push refers to repository\n1: digest: ${DIGEST} size: 1\n`);
  else if (what.startsWith('buildx imagetools inspect')) say(`${DIGEST}\n`);
}

function kubectl() {
  if (args[0] === '-n') args.splice(0, 2);
  const [verb, noun, third] = args;
  const output = args.includes('-o') ? after('-o') : '';
  if (verb === 'kustomize') {
    const [tool, ...first] = JSON.parse(process.env.RENDER);
    const r = spawnSync(tool, [...first, noun], { encoding: 'utf8' });
    say(r.stdout);
    if (r.status) fail(r.stderr);
  } else if (verb === 'create') {
    for (const manifest of readFileSync(after('-f'), 'utf8').split(/^---$/m).filter((m) => m.trim())) {
      const pod = manifest.match(/^ {2}name: (.*)/m)[1];
      const where = manifest.match(/nodeName: (.*)/)[1];
      if (state.nodes[where].refused) {
        fail(`Error from server (Forbidden): error when creating "manifests.yaml": pods "${pod}" is forbidden: ${state.nodes[where].refused}`);
        continue;
      }
      state.pods[pod] = { node: where, manifest };
      say(`pod/${pod} created\n`);
    }
    const live = Object.values(state.pods).filter((p) => p.node).length;
    state.most = Math.max(state.most ?? 0, live);
  } else if (verb === 'delete') {
    for (const p of noun === 'pods' ? Object.keys(state.pods) : args.slice(2).filter((a) => !a.startsWith('-'))) delete state.pods[p].node;
  } else if (verb === 'get' && noun === 'nodes') {
    for (const [n, { label = '', prefixed = '', ready = 'True' }] of Object.entries(state.nodes)) say(`${n},${label},${prefixed},${ready}\n`);
  } else if (verb === 'get' && noun === 'pods' && third === '-A') for (const n of state.proven ?? []) say(`${n},True\n`);
  else if (verb === 'get' && noun === 'pods' && third === '-l') {
    for (const [p, { node }] of Object.entries(state.pods).filter(([, v]) => v.node)) {
      const { phase = 'Succeeded', why, driver } = state.nodes[node];
      say(`\n@ ${p} ${phase}   ${why ?? `Completed ${driver ?? ''}`}`);
    }
  }
  else if (verb === 'get' && noun === 'jobs') for (const [j, { node }] of Object.entries(state.pods).filter(([, v]) => v.node)) say(`${j} ${state.nodes[node].ends}\n`);
  else if (verb === 'logs') say(state.nodes[state.pods[noun.slice('job/'.length)].node].log);
  else if (verb === 'get' && noun === 'pods' && output) say('localhost/random-refresher:1 sha256:9999\n'.repeat(3));
  else if (verb === 'get' && noun === '-f') say(state.daemonsets ?? 'random-refresher random-refresher\n');
  else if (verb === 'get' && noun === 'daemonset' && output) say(String(state.desired ?? 1));
  else if (verb === 'label') {
    const words = args.slice(2);
    for (const n of words.filter((w) => state.nodes[w])) {
      if (state.nodes[n].gone) {
        fail(`Error from server (NotFound): nodes "${n}" not found`);
        continue;
      }
      for (const change of words.filter((w) => !state.nodes[w])) {
        const [key, value] = change.replace(/-$/, '').split('=');
        state.nodes[n][key === 'feature' ? 'label' : 'prefixed'] = value;
        state.keys = [...new Set([...(state.keys ?? []), key])];
      }
      say(`node/${n} labeled\n`);
    }
  } else if (verb === 'apply') state.applied = readFileSync(after('-f'), 'utf8');
  else if (verb === 'rollout' && state.stuck) status = 1;
}

if (name === 'kubectl') kubectl();
else if (name !== 'loader') engine(state[name] ?? {});
writeFileSync(process.env.STUB_STATE, JSON.stringify(state));
process.exitCode = status;
