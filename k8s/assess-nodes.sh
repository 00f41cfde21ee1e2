#!/bin/sh
# assess-nodes.sh [--dry-run] [NODE...]: assesses the generator of each node (default: of all that carry feature=hw-rng), one
# Job a node, with `refresher-assess` of the daemon's own image. The result goes to /var/lib/random-refresher/result.json of the node,
# where components/assess lets the daemon read it; it does so at its next start. Waits for all of them, tells each one's min-entropy, and
# exits 1 where one failed; its Job stays to be looked at, and the others go. --dry-run prints the Jobs. Environment: NAMESPACE
# (random-refresher), IMAGE (that of the DaemonSet there), SAMPLES (1000000), ASSESS_SECONDS (900, for all of them), KUBECTL.
set -u
kubectl=${KUBECTL:-kubectl} namespace=${NAMESPACE:-random-refresher} samples=${SAMPLES:-1000000}
dry_run=''
case ${1:-} in
  --dry-run) dry_run=yes; shift ;;
  -*) echo "usage: assess-nodes.sh [--dry-run] [NODE...]" >&2; exit 64 ;;
esac
image=${IMAGE:-$($kubectl -n "$namespace" get daemonset random-refresher -o 'jsonpath={.spec.template.spec.containers[?(@.name=="refresher")].image}')}
[ -n "$image" ] || { echo "assess-nodes.sh: no DaemonSet random-refresher in namespace $namespace; set IMAGE" >&2; exit 1; }
# shellcheck disable=SC2046   # names are words
[ $# -gt 0 ] || set -- $($kubectl get nodes -l feature=hw-rng -o 'jsonpath={.items[*].metadata.name}')
[ $# -gt 0 ] || { echo "assess-nodes.sh: no node carries feature=hw-rng; see label-nodes.sh" >&2; exit 1; }
run=$(date +%s)

# The device needs a privileged container, as the daemon does: a hostPath alone does not open it. Nothing else is given: no token, no
# network of the node, a read-only root, and of the node's files one directory. What is stored is a whole result, put into its
# place by a rename (--output), or nothing.
job() { # NAME NODE
  cat <<JOB
---
apiVersion: batch/v1
kind: Job
metadata:
  name: $1
  namespace: $namespace
  labels:
    app.kubernetes.io/name: random-refresher
    app.kubernetes.io/component: assess
    hw-rng-assess: "$run"
spec:
  backoffLimit: 1
  activeDeadlineSeconds: ${ASSESS_SECONDS:-900}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: random-refresher
        app.kubernetes.io/component: assess
    spec:
      nodeName: $2
      restartPolicy: Never
      automountServiceAccountToken: false
      enableServiceLinks: false
      terminationGracePeriodSeconds: 5
      tolerations:
        - operator: Exists
      securityContext:
        seccompProfile:
          type: RuntimeDefault
      containers:
        - name: assess
          image: $image
          imagePullPolicy: IfNotPresent
          command: ["refresher-assess"]
          args:
            - --device=/host_dev/hwrng
            - --samples=$samples
            - --bits=8
            - --output=/evidence/result.json
          securityContext:
            privileged: true
            allowPrivilegeEscalation: true
            readOnlyRootFilesystem: true
            runAsUser: 0
            runAsGroup: 0
          resources:
            requests:
              cpu: 100m
              memory: 96Mi
            limits:
              memory: 192Mi
          terminationMessagePolicy: FallbackToLogsOnError
          volumeMounts:
            - name: devices
              mountPath: /host_dev
              readOnly: true
            - name: evidence
              mountPath: /evidence
      volumes:
        - name: devices
          hostPath:
            path: /dev
            type: Directory
        - name: evidence
          hostPath:
            path: /var/lib/random-refresher
            type: DirectoryOrCreate
JOB
}

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
number=0
for node in "$@"; do
  number=$((number + 1))
  job "assess-$run-$number" "$node" >>"$tmp/jobs.yaml"
  echo "assess-$run-$number $node" >>"$tmp/running"
done
if [ -n "$dry_run" ]; then
  cat "$tmp/jobs.yaml"
  exit 0
fi
$kubectl create -f "$tmp/jobs.yaml" >/dev/null || exit 1

# A Job ends by itself: complete, failed, or at its deadline.
failed=0
while [ -s "$tmp/running" ]; do
  sleep "${ASSESS_PAUSE:-2}"
  $kubectl -n "$namespace" get jobs -l "hw-rng-assess=$run" -o 'jsonpath={range .items[*]}{.metadata.name} {.status.conditions[?(@.status=="True")].type}{"\n"}{end}' >"$tmp/states" || exit 1
  : >"$tmp/left"
  while read -r name node; do
    case $(awk -v n="$name" '$1 == n { print $2 " " $3 }' "$tmp/states") in
      *Complete*)
        found=$($kubectl -n "$namespace" logs "job/$name" | sed -n 's/^Assessed min-entropy: //p')
        echo "$node: ${found:-assessed}; with components/assess its daemon reads that at its next start"
        $kubectl -n "$namespace" delete job "$name" --wait=false >/dev/null ;;
      *Failed*)
        echo "$node: not assessed: $($kubectl -n "$namespace" logs "job/$name" 2>&1 | tail -n 1) (job/$name)"
        failed=1 ;;
      *) echo "$name $node" >>"$tmp/left" ;;
    esac
  done <"$tmp/running"
  mv "$tmp/left" "$tmp/running"
done
exit $failed
