// The project's own rules. Each takes a set of rendered objects and returns what is wrong, in words.
const NAME = 'app.kubernetes.io/name';
const COMPONENT = 'app.kubernetes.io/component';
const NUMBERS_DIR = '/run/random-refresher';
const INTERVAL_SECONDS = 30;
const START_SECONDS = 3600; // a dead generator is no reason to restart; the daemon tries again by itself

const of = (objects, kind) => objects.filter((o) => o.kind === kind);
const template = (o) => (o.kind === 'DaemonSet' ? o.spec.template : o);
const workloads = (objects) => objects.filter((o) => o.kind === 'DaemonSet' || o.kind === 'Pod');
const containers = (pod) => [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
const isOurs = (c) => /(^|\/)random-refresher[:@]/.test(c.image);
const matches = (labels, selector) => Object.entries(selector).every(([k, v]) => labels?.[k] === v);

// Runs `f(container, workload)` over all containers; f returns a problem or nothing.
const perContainer = (f) => (objects) =>
  workloads(objects).flatMap((o) =>
    containers(template(o)).flatMap((c) => {
      const p = f(c, o);
      return p ? [`${o.kind}/${o.metadata.name}, container ${c.name}: ${p}`] : [];
    }));

// The lowest Pod Security level that admits the pod: the conditions that our pods can meet or break.
export function podSecurityLevel(pod) {
  const host = (pod.spec.volumes ?? []).some((v) => v.hostPath);
  const all = containers(pod);
  if (host || pod.spec.hostNetwork || pod.spec.hostPID || pod.spec.hostIPC) return 'privileged';
  if (all.some((c) => c.securityContext?.privileged || (c.ports ?? []).some((p) => p.hostPort))) return 'privileged';
  if (all.some((c) => c.securityContext?.seccompProfile?.type === 'Unconfined')) return 'privileged';
  const restricted = all.every((c) => {
    const s = { ...pod.spec.securityContext, ...c.securityContext };
    return s.runAsNonRoot === true && s.runAsUser !== 0 && s.allowPrivilegeEscalation === false &&
      s.seccompProfile?.type === 'RuntimeDefault' && s.capabilities?.drop?.includes('ALL') && !s.capabilities.add;
  });
  return restricted ? 'restricted' : 'baseline';
}

function probeProblem(c) {
  const paths = { startupProbe: '/startupz', livenessProbe: '/healthz', readinessProbe: '/readyz' };
  for (const [probe, path] of Object.entries(paths)) {
    const get = c[probe]?.httpGet;
    if (!get) return `no ${probe}`;
    if (get.path !== path) return `${probe} asks ${get.path}, not ${path}`;
    if (!(c.ports ?? []).some((p) => p.name === get.port)) return `${probe} asks port ${get.port}, which has no such name here`;
  }
  const patience = c.startupProbe.periodSeconds * c.startupProbe.failureThreshold;
  if (patience < START_SECONDS) return `startupProbe gives up after ${patience} s, not ${START_SECONDS}`;
  return undefined;
}

// sentence -> check. `daemon` rules are for what we ship; the book's example stays as it was printed.
export const rules = {
  'selectors hold the two stable labels and nothing that ever changes': (objects) =>
    of(objects, 'DaemonSet').flatMap((d) => {
      const keys = Object.keys(d.spec.selector.matchLabels).sort().join();
      const own = d.metadata.name === 'random-refresher' && keys !== [COMPONENT, NAME].join();
      const lost = !matches(d.spec.template.metadata.labels, d.spec.selector.matchLabels);
      return [...(own ? [`DaemonSet/${d.metadata.name} selects by ${keys}`] : []),
        ...(lost ? [`DaemonSet/${d.metadata.name} does not select its own pods`] : [])];
    }),
  'our long-running container has three probes on its named port, and an hour to start': perContainer((c, o) =>
    isOurs(c) && !(template(o).spec.initContainers ?? []).some((i) => i === c && !c.restartPolicy) ? probeProblem(c) : undefined),
  'every container has a memory request and limit, and none a CPU limit': perContainer((c) => {
    if (!c.resources?.requests?.memory || !c.resources?.requests?.cpu) return 'no request';
    if (!c.resources.limits?.memory) return 'no memory limit';
    return c.resources.limits.cpu ? 'a CPU limit' : undefined;
  }),
  'our container has a read-only root and escalates only where it is privileged': perContainer((c) => {
    const s = c.securityContext ?? {};
    if (isOurs(c) && s.readOnlyRootFilesystem !== true) return 'root is writable';
    return s.allowPrivilegeEscalation !== (s.privileged === true) && isOurs(c) ? 'allowPrivilegeEscalation is not said' : undefined;
  }),
  'an unprivileged container of ours has dropped all capabilities': perContainer((c) => {
    const s = c.securityContext ?? {};
    return isOurs(c) && !s.privileged && !s.capabilities?.drop?.includes('ALL') ? 'capabilities are not dropped' : undefined;
  }),
  'no pod of ours gets a service account token': (objects) =>
    workloads(objects)
      .filter((o) => containers(template(o)).some(isOurs) && template(o).metadata.labels?.[COMPONENT] !== 'static')
      .filter((o) => template(o).spec.automountServiceAccountToken !== false)
      .map((o) => `${o.kind}/${o.metadata.name} mounts a token`),
  'the namespace enforces the Pod Security level that the pods need, and no laxer one': (objects) =>
    of(objects, 'Namespace').flatMap((n) => {
      const order = ['restricted', 'baseline', 'privileged'];
      const pods = workloads(objects).filter((o) => o.metadata.namespace === n.metadata.name);
      const need = order[Math.max(0, ...pods.map((o) => order.indexOf(podSecurityLevel(template(o)))))];
      const says = n.metadata.labels?.['pod-security.kubernetes.io/enforce'];
      return says === need ? [] : [`Namespace/${n.metadata.name} enforces ${says}, the pods need ${need}`];
    }),
  'a namespace audits and warns of the level that it enforces': (objects) =>
    of(objects, 'Namespace').flatMap((n) => ['audit', 'warn'].filter((mode) => n.metadata.labels?.[`pod-security.kubernetes.io/${mode}`] !==
      n.metadata.labels?.['pod-security.kubernetes.io/enforce']).map((mode) => `Namespace/${n.metadata.name}: ${mode}`)),
  'the DaemonSet is node-critical, goes everywhere, stops in 10 s, and rolls by percentage and slower than a refresh': (objects) =>
    of(objects, 'DaemonSet').filter((d) => d.metadata.name === 'random-refresher').flatMap((d) => {
      const p = d.spec.template.spec;
      const facts = {
        'priorityClassName is not system-node-critical': p.priorityClassName === 'system-node-critical',
        'some taint keeps it away': (p.tolerations ?? []).some((t) => t.operator === 'Exists' && !t.key && !t.effect),
        'the grace period is not 10 s': p.terminationGracePeriodSeconds === 10,
        'maxUnavailable is no percentage': /^\d+%$/.test(d.spec.updateStrategy?.rollingUpdate?.maxUnavailable ?? ''),
        'minReadySeconds is not above one refresh': (d.spec.minReadySeconds ?? 0) > INTERVAL_SECONDS,
        'it has no node selector for the generator': Object.keys(p.nodeSelector ?? {}).some((k) => /(^|\/)(feature|hw-rng)$/.test(k)),
      };
      return Object.entries(facts).filter(([, ok]) => !ok).map(([fact]) => `DaemonSet/random-refresher: ${fact}`);
    }),
  'the numbers are shared as a directory, read-only for readers': perContainer((c) => {
    const m = (c.volumeMounts ?? []).find((v) => v.name === 'numbers');
    if (!m) return isOurs(c) ? 'does not mount the numbers' : undefined;
    if (m.subPath || m.mountPath !== NUMBERS_DIR) return `mounts ${m.mountPath}${m.subPath ? ' by subPath' : ''}`;
    return isOurs(c) || m.readOnly ? undefined : 'a reader may write';
  }),
  'every Service and PodMonitor reaches the pods through a named port': (objects) => {
    const pods = workloads(objects).map(template);
    const reach = (o, selector, port) => {
      const hit = pods.filter((p) => matches(p.metadata.labels, selector));
      if (!hit.length) return [`${o.kind}/${o.metadata.name} selects no pod`];
      const named = hit.every((p) => p.spec.containers.some((c) => (c.ports ?? []).some((q) => q.name === port)));
      return named ? [] : [`${o.kind}/${o.metadata.name}: no port named ${port}`];
    };
    return [
      ...of(objects, 'Service').flatMap((s) => s.spec.ports.flatMap((p) => reach(s, s.spec.selector, p.targetPort))),
      ...of(objects, 'PodMonitor').flatMap((m) =>
        m.spec.podMetricsEndpoints.flatMap((e) => reach(m, m.spec.selector.matchLabels, e.port))),
    ];
  },
  'every volume that a container mounts is there, and every ConfigMap': (objects) =>
    workloads(objects).flatMap((o) => {
      const { spec } = template(o);
      const volumes = new Map((spec.volumes ?? []).map((v) => [v.name, v]));
      const used = containers(template(o)).flatMap((c) => (c.volumeMounts ?? []).map((m) => m.name));
      const maps = of(objects, 'ConfigMap').map((m) => m.metadata.name);
      return [
        ...used.filter((n) => !volumes.has(n)).map((n) => `volume ${n} is missing`),
        ...[...volumes.keys()].filter((n) => !used.includes(n)).map((n) => `volume ${n} is not used`),
        ...[...volumes.values()].filter((v) => v.configMap && !maps.includes(v.configMap.name)).map((v) => `no ConfigMap ${v.configMap.name}`),
      ];
    }),
  'what the command line of our container names lies in a mount': perContainer((c) => {
    if (!isOurs(c)) return undefined;
    const mounts = [...(c.volumeMounts ?? []).map((m) => m.mountPath), '/numbers.txt']; // a link of the image into the volume
    const named = [...(c.command ?? []), ...(c.args ?? [])].map((a) => a.replace(/^--[a-z]+=/, '')).filter((a) => a.startsWith('/'));
    const lost = named.find((f) => !mounts.some((m) => f === m || f.startsWith(`${m}/`)));
    return lost && `${lost} is in no mount`;
  }),
  'images are pinned by a tag and pulled only when missing': perContainer((c) => {
    if (!/:[\w.-]+$/.test(c.image) || /:latest$/.test(c.image)) return `image ${c.image}`;
    return c.imagePullPolicy === 'IfNotPresent' ? undefined : 'imagePullPolicy is not IfNotPresent';
  }),
  'each alert has a severity, a summary, a description and a runbook': (objects) =>
    of(objects, 'PrometheusRule').flatMap((r) => r.spec.groups.flatMap((g) => g.rules)).filter((a) => a.alert).flatMap((a) => {
      const missing = ['summary', 'description', 'runbook_url'].filter((k) => !a.annotations?.[k]);
      if (!a.labels?.severity) missing.push('severity');
      return missing.map((m) => `${a.alert}: no ${m}`);
    }),
};
