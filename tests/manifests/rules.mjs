// The project's own rules. Each takes a set of rendered objects and returns what is wrong, in words.
const NAME = 'app.kubernetes.io/name';
const COMPONENT = 'app.kubernetes.io/component';
const NUMBERS_DIR = '/run/random-refresher';
const INTERVAL_SECONDS = 30;
const START_SECONDS = 3600; // an application may wait so long for its first numbers
const ARCHITECTURES = 'amd64,arm64'; // of the image

const of = (objects, kind) => objects.filter((o) => o.kind === kind);
const template = (o) => (o.kind === 'DaemonSet' ? o.spec.template : o);
const workloads = (objects) => objects.filter((o) => o.kind === 'DaemonSet' || o.kind === 'Pod');
const containers = (pod) => [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
export const isOurs = (c) => /(^|\/)random-refresher[:@]/.test(c.image);
const usesCpu = (objects) => of(objects, 'ConfigMap').some((m) => /^ +kind: cpu\b/m.test(m.data?.['refresher.yaml'] ?? ''));
const matches = (labels, selector) => Object.entries(selector).every(([k, v]) => labels?.[k] === v);

// A whole quantity as the API server writes it: the largest suffix that leaves a whole number.
function canonical(quantity) {
  const [, digits, suffix] = /^(\d+)([kMG]?)$/.exec(quantity) ?? [];
  if (!digits) return undefined;
  let n = Number(digits) * 1000 ** ['', 'k', 'M', 'G'].indexOf(suffix), step = 0;
  while (n >= 1000 && n % 1000 === 0 && step < 3) { n /= 1000; step++; }
  return n + ['', 'k', 'M', 'G'][step];
}

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

// path, seconds between two probes, failures in a row. The startup probe of a native sidecar holds the application back
// until there are numbers; every other one only waits for the daemon to answer, which a dead generator does not hinder.
const PROBES = { startupProbe: ['/healthz', 1, 60], livenessProbe: ['/healthz', 30, 2], readinessProbe: ['/readyz', 10, 2] };
const SIDECAR = { ...PROBES, startupProbe: ['/startupz', 1, START_SECONDS] };

function probeProblem(c, isSidecar) {
  for (const [name, [path, period, failures]] of Object.entries(isSidecar ? SIDECAR : PROBES)) {
    const probe = c[name];
    const get = probe?.httpGet;
    const inside = path === '/readyz' && probe?.exec?.command.join(' ') === 'refresher --status'; // components/exec-probe
    if (!get === !inside) return `no ${name}, or two`;
    if (get && get.path !== path) return `${name} asks ${get.path}, not ${path}`;
    if (get && !(c.ports ?? []).some((p) => p.name === get.port)) return `${name} asks port ${get.port}, which has no such name here`;
    if (probe.periodSeconds !== period || probe.failureThreshold !== failures)
      return `${name} asks each ${probe.periodSeconds} s and fails at ${probe.failureThreshold}, not each ${period} s and at ${failures}`;
  }
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
  'our long-running container has three probes on its named port: start each 1 s, liveness each 30 s, readiness each 10 s': perContainer((c, o) => {
    const init = (template(o).spec.initContainers ?? []).includes(c);
    return isOurs(c) && !(init && !c.restartPolicy) ? probeProblem(c, init) : undefined;
  }),
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
        'maxUnavailable is no percentage': d.spec.updateStrategy?.type === 'OnDelete' || /^\d+%$/.test(d.spec.updateStrategy?.rollingUpdate?.maxUnavailable ?? ''),
        'minReadySeconds is not above one refresh': (d.spec.minReadySeconds ?? 0) > INTERVAL_SECONDS,
        'it has no node selector for the generator, and its source is not the CPU': usesCpu(objects) !== Object.keys(p.nodeSelector ?? {}).some((k) => /(^|\/)(feature|hw-rng)$/.test(k)),
        'it goes to other nodes than Linux': p.nodeSelector?.['kubernetes.io/os'] === 'linux',
        [`it goes to other architectures than ${ARCHITECTURES}`]: (p.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [])
          .flatMap((t) => t.matchExpressions ?? []).some((e) => e.key === 'kubernetes.io/arch' && e.operator === 'In' && e.values.join() === ARCHITECTURES),
      };
      return Object.entries(facts).filter(([, ok]) => !ok).map(([fact]) => `DaemonSet/random-refresher: ${fact}`);
    }),
  'the numbers are shared as a directory, read-only for readers': perContainer((c) => {
    const m = (c.volumeMounts ?? []).find((v) => v.name === 'numbers');
    if (!m) return isOurs(c) ? 'does not mount the numbers' : undefined;
    if (m.subPath || m.mountPath !== NUMBERS_DIR) return `mounts ${m.mountPath}${m.subPath ? ' by subPath' : ''}`;
    return isOurs(c) || m.readOnly ? undefined : 'a reader may write';
  }),
  'a pod with user IDs of its own has neither a device nor a directory of the node': (objects) =>
    workloads(objects).filter((o) => template(o).spec.hostUsers === false).flatMap((o) => [
      ...(template(o).spec.volumes ?? []).filter((v) => v.hostPath).map((v) => `${o.kind}/${o.metadata.name}: hostPath ${v.hostPath.path}`),
      ...containers(template(o)).flatMap((c) => Object.keys(c.resources?.limits ?? {})).filter((r) => r.includes('/')).map((r) => `${o.kind}/${o.metadata.name}: ${r}`),
    ]),
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
  'every port names its protocol, by which server-side apply knows it': (objects) => [
    ...of(objects, 'Service').flatMap((s) => s.spec.ports.filter((p) => !p.protocol).map((p) => `Service/${s.metadata.name}: port ${p.port}`)),
    ...of(objects, 'DaemonSet').filter((d) => d.metadata.name === 'random-refresher').flatMap((d) => d.spec.template.spec.containers)
      .flatMap((c) => (c.ports ?? []).filter((p) => !p.protocol).map((p) => `container ${c.name}: port ${p.containerPort}`))],
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
  'images are pinned by a tag or digest and pulled only when missing': perContainer((c) => {
    if (!/(:[\w.-]+|@sha256:[0-9a-f]{64})$/.test(c.image) || /:latest$/.test(c.image)) return `image ${c.image}`;
    return c.imagePullPolicy === 'IfNotPresent' ? undefined : 'imagePullPolicy is not IfNotPresent';
  }),
  'each quota is written as the API server writes it, so that an apply changes nothing': (objects) =>
    of(objects, 'ResourceQuota').flatMap((q) => Object.entries(q.spec.hard).filter(([, v]) => String(v) !== canonical(v))
      .map(([k, v]) => `ResourceQuota/${q.metadata.name}: ${k} is ${v}, which the server writes ${canonical(v)}`)),
  'each alert has a severity, a summary, a description and a runbook': (objects) =>
    of(objects, 'PrometheusRule').flatMap((r) => r.spec.groups.flatMap((g) => g.rules)).filter((a) => a.alert).flatMap((a) => {
      const missing = ['summary', 'description', 'runbook_url'].filter((k) => !a.annotations?.[k]);
      if (!a.labels?.severity) missing.push('severity');
      return missing.map((m) => `${a.alert}: no ${m}`);
    }),
};
