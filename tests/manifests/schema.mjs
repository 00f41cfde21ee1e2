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
    `kubernetes-models/_schemas/IoK8sApi${camel(group.split('.')[0])}${v}${kind}.mjs`,
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
      for (const [k, v] of Object.entries(rule.labels ?? {})) {
        if (typeof v !== 'string') problems.push('a label that is no string');
        // the prefix that was put there by itself is going to leave (feature gate DisableAutoPrefix)
        if (!k.includes('/')) problems.push(`label ${k} has no prefix`);
      }
      for (const m of (rule.matchAny ?? []).flatMap((a) => a.matchFeatures)) {
        if (!/^[a-z]+\.[a-z]+$/.test(m.feature)) problems.push(`feature ${m.feature}`);
        for (const e of Object.values(m.matchExpressions))
          if (!['Exists', 'IsTrue', 'In'].includes(e.op)) problems.push(`operator ${e.op}`);
      }
    }
    return problems;
  },
  // the rules of its CustomResourceDefinition, as far as ours can meet or break them
  'readiness.node.x-k8s.io/v1alpha1 NodeReadinessRule': (o) => {
    const { conditions = [], enforcementMode, taint = {}, nodeSelector = {}, dryRun, ...rest } = o.spec;
    const facts = {
      'unknown fields': Object.keys(rest).length === 0 && Object.keys(taint).every((k) => ['key', 'value', 'effect'].includes(k)),
      'no condition': conditions.length > 0 && conditions.every((c) => c.type && ['True', 'False', 'Unknown'].includes(c.requiredStatus)),
      enforcementMode: ['bootstrap-only', 'continuous'].includes(enforcementMode),
      'the key of the taint': /^readiness\.k8s\.io\/[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/.test(taint.key),
      'the effect of the taint': ['NoSchedule', 'PreferNoSchedule', 'NoExecute'].includes(taint.effect),
      'an empty nodeSelector': Object.keys(nodeSelector.matchLabels ?? {}).length > 0,
      dryRun: dryRun === undefined || typeof dryRun === 'boolean',
    };
    return Object.entries(facts).filter(([, ok]) => !ok).map(([fact]) => fact);
  },
};

// What a published schema leaves open: routes within routes.
const untyped = { AlertmanagerConfig: /^\.spec\.route\.routes\[/ };

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
  return [...unread].filter((u) => !untyped[object.kind]?.test(u)).map((u) => `${name}: unknown field ${u.slice(1)}`);
}
