// Validates an object against the schema of its kind, and finds the fields that the schema does not know.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

// The packages hide their validators from an import by name, so they are imported by file.
function validatorFile(modules, { apiVersion, kind }) {
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['core', apiVersion];
  const camel = (s) => s.split(/[.-]/).map((w) => w[0].toUpperCase() + w.slice(1)).join('');
  const v = camel(version);
  const names = [
    `kubernetes-models/_schemas/IoK8sApi${camel(group.replace(/\.k8s\.io$/, ''))}${v}${kind}.mjs`,
    `@kubernetes-models/prometheus-operator/_schemas/${camel(group)}${v}${kind}.mjs`,
  ];
  return names.map((n) => path.join(modules, n)).find(existsSync);
}

// The validator reads each field that its schema names, and no other: what stays unread is unknown.
function watched(value, where, unread) {
  if (value === null || typeof value !== 'object') return value;
  const copy = Array.isArray(value) ? [] : {};
  for (const key of Object.keys(value)) {
    if (!Array.isArray(value)) unread.add(`${where}.${key}`);
    copy[key] = watched(value[key], `${where}${Array.isArray(value) ? `[${key}]` : `.${key}`}`, unread);
  }
  return new Proxy(copy, {
    get(target, key) {
      if (typeof key === 'string') unread.delete(`${where}.${key}`);
      return target[key];
    },
  });
}

// The custom resources without a published package, by hand: kind -> shape. A string names the JavaScript type.
const byHand = {
  'nfd.k8s-sigs.io/v1alpha1 NodeFeatureRule': (o) => {
    const problems = [];
    for (const rule of o.spec?.rules ?? [{}]) {
      if (typeof rule.name !== 'string') problems.push('a rule without a name');
      for (const v of Object.values(rule.labels ?? {})) if (typeof v !== 'string') problems.push('a label that is no string');
      for (const m of (rule.matchAny ?? []).flatMap((a) => a.matchFeatures)) {
        if (!/^[a-z]+\.[a-z]+$/.test(m.feature)) problems.push(`feature ${m.feature}`);
        for (const e of Object.values(m.matchExpressions))
          if (!['Exists', 'IsTrue', 'In'].includes(e.op)) problems.push(`operator ${e.op}`);
      }
    }
    return problems;
  },
};

export async function schemaProblems(object, modules) {
  const name = `${object.kind}/${object.metadata?.name}`;
  const hand = byHand[`${object.apiVersion} ${object.kind}`];
  if (hand) return hand(object).map((p) => `${name}: ${p}`);
  const file = validatorFile(modules, object);
  if (!file) return [`${name}: no schema for ${object.apiVersion} ${object.kind}`];
  const { validate } = await import(pathToFileURL(file));
  const unread = new Set();
  const valid = validate(watched(object, '', unread));
  if (!valid) return validate.errors.map((e) => `${name}: ${e.instancePath || '/'} ${e.keyword} ${JSON.stringify(e.params)}`);
  return [...unread].map((u) => `${name}: unknown field ${u.slice(1)}`);
}
