// Each rule must be able to fail: a change of a sound rendering that the rule of that sentence has to notice.
const daemon = (objects) => objects.find((o) => o.kind === 'DaemonSet');
const ours = (objects) => daemon(objects).spec.template.spec.containers.find((c) => c.name === 'refresher');
const reader = (objects) => daemon(objects).spec.template.spec.containers.find((c) => c.name === 'reader');
const pod = (objects) => daemon(objects).spec.template.spec;

export const mutations = [
  ['selectors hold', 'a version in the selector', (o) => (daemon(o).spec.selector.matchLabels.version = '1')],
  ['our long-running container', 'a probe of a port number', (o) => (ours(o).livenessProbe.httpGet.port = 8080)],
  ['our long-running container', 'no startup probe', (o) => delete ours(o).startupProbe],
  ['our long-running container', 'a startup probe that waits for numbers', (o) => (ours(o).startupProbe.httpGet.path = '/startupz')],
  ['our long-running container', 'a startup probe each 5 s', (o) => (ours(o).startupProbe.periodSeconds = 5)],
  ['our long-running container', 'liveness each 10 s', (o) => (ours(o).livenessProbe.periodSeconds = 10)],
  ['our long-running container', 'liveness that asks for readiness', (o) => (ours(o).livenessProbe.httpGet.path = '/readyz')],
  ['every container has a memory', 'no memory limit', (o) => delete ours(o).resources.limits],
  ['every container has a memory', 'a CPU limit', (o) => (ours(o).resources.limits.cpu = '1')],
  ['our container has a read-only', 'a writable root', (o) => delete ours(o).securityContext.readOnlyRootFilesystem],
  ['our container has a read-only', 'no word on escalation', (o) => delete ours(o).securityContext.allowPrivilegeEscalation],
  ['an unprivileged container', 'no privilege, capabilities kept', (o) => (ours(o).securityContext.privileged = false)],
  ['no pod of ours', 'a token', (o) => delete pod(o).automountServiceAccountToken],
  ['the namespace enforces', 'a namespace that refuses the pods', (o) =>
    (o.find((n) => n.kind === 'Namespace').metadata.labels['pod-security.kubernetes.io/enforce'] = 'baseline')],
  ['a namespace audits', 'a namespace that warns of what it allows', (o) =>
    delete o.find((n) => n.kind === 'Namespace').metadata.labels['pod-security.kubernetes.io/warn']],
  ['the DaemonSet is node-critical', 'no priority', (o) => delete pod(o).priorityClassName],
  ['the DaemonSet is node-critical', 'a toleration of one taint only', (o) => (pod(o).tolerations[0].key = 'dedicated')],
  ['the DaemonSet is node-critical', 'the default grace period', (o) => delete pod(o).terminationGracePeriodSeconds],
  ['the DaemonSet is node-critical', 'an update by number', (o) => (daemon(o).spec.updateStrategy.rollingUpdate.maxUnavailable = 1)],
  ['the DaemonSet is node-critical', 'ready for half a refresh', (o) => (daemon(o).spec.minReadySeconds = 15)],
  ['the DaemonSet is node-critical', 'no node selector', (o) => delete pod(o).nodeSelector.feature],
  ['the DaemonSet is node-critical', 'nodes of any system', (o) => delete pod(o).nodeSelector['kubernetes.io/os']],
  ['the DaemonSet is node-critical', 'an architecture without an image', (o) =>
    pod(o).affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].values.push('s390x')],
  ['each quota', 'a quota that is changed by each apply', (o) => (o.find((q) => q.kind === 'ResourceQuota').spec.hard.pods = '15000')],
  ['the numbers are shared', 'a mount of the single file', (o) => (reader(o).volumeMounts[0].subPath = 'numbers.txt')],
  ['the numbers are shared', 'a reader that may write', (o) => delete reader(o).volumeMounts[0].readOnly],
  ['a pod with user IDs', 'a hostPath in a user namespace', (o) => (pod(o).hostUsers = false)],
  ['every Service and PodMonitor', 'a Service to a port number', (o) => (o.find((s) => s.kind === 'Service').spec.ports[0].targetPort = 8080)],
  ['every Service and PodMonitor', 'a Service that selects nothing', (o) => (o.find((s) => s.kind === 'Service').spec.selector.app = 'x')],
  ['every port names', 'a port without its protocol', (o) => delete o.find((s) => s.kind === 'Service').spec.ports[0].protocol],
  ['every volume that', 'a mount without a volume', (o) => pod(o).volumes.pop()],
  ['every volume that', 'a missing ConfigMap', (o) => (pod(o).volumes.find((v) => v.configMap).configMap.name = 'other')],
  ['what the command line', 'a file outside of all mounts', (o) => ours(o).args.push('/elsewhere/numbers.txt')],
  ['images are pinned', 'the tag latest', (o) => (ours(o).image = 'localhost/random-refresher:latest')],
  ['each alert has', 'an alert without a runbook', (o) =>
    o.push({ kind: 'PrometheusRule', spec: { groups: [{ rules: [{ alert: 'A', labels: { severity: 'x' }, annotations: { summary: 'x', description: 'x' } }] }] } })],
];
