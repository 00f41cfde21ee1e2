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
const after = (word) => args[args.indexOf(word) + 1];

function engine({ info = true, buildx = true, pushed = [] }) {
  const what = args.join(' ');
  if (what === 'info') status = info ? 0 : 1;
  else if (what === 'buildx version') status = buildx ? 0 : 1;
  else if (args[0] === 'pull') status = pushed.includes(args.at(-1)) ? 0 : 1;
  else if (args[0] === 'save') writeFileSync(after('-o'), 'image');
}

function kubectl() {
  if (args[0] === '-n') args.splice(0, 2);
  const [verb, noun, third] = args;
  const output = args.includes('-o') ? after('-o') : '';
  const node = state.nodes[state.pods[third]?.node];
  if (verb === 'kustomize') {
    const [tool, ...first] = JSON.parse(process.env.RENDER);
    const r = spawnSync(tool, [...first, noun], { encoding: 'utf8' });
    say(r.stdout);
    if (r.status) fail(r.stderr);
  } else if (verb === 'create') {
    const manifest = readFileSync(0, 'utf8');
    const where = manifest.match(/nodeName: (.*)/)[1];
    if (state.nodes[where].refused) return fail(state.nodes[where].refused);
    state.pods[manifest.match(/^ {2}name: (.*)/m)[1]] = { node: where, manifest };
  } else if (verb === 'delete') delete state.pods[third].node;
  else if (verb === 'logs') say(state.nodes[state.pods[noun].node].driver ?? '');
  else if (verb === 'get' && noun === 'nodes') say(Object.keys(state.nodes).join(' '));
  else if (verb === 'get' && noun === 'node') say(state.nodes[third].label ?? '');
  else if (verb === 'get' && noun === 'pod') say(output === 'jsonpath={.status.phase}' ? (node.phase ?? 'Succeeded') : (node.why ?? ''));
  else if (verb === 'get' && noun === '-f') say(state.daemonsets ?? 'random-refresher random-refresher\n');
  else if (verb === 'get' && noun === 'daemonset' && output) say(String(state.desired ?? 1));
  else if (verb === 'label') {
    const [key, value] = args[3].split('=');
    state.nodes[third].label = key === 'feature' ? value : undefined;
  } else if (verb === 'apply') state.applied = readFileSync(after('-f'), 'utf8');
  else if (verb === 'rollout' && state.stuck) status = 1;
}

if (name === 'kubectl') kubectl();
else if (name !== 'loader') engine(state[name] ?? {});
writeFileSync(process.env.STUB_STATE, JSON.stringify(state));
process.exitCode = status;
