#!/bin/sh
# label-nodes.sh [--dry-run] [NODE...]: labels each node that has a working random number generator with feature=hw-rng,
# and takes that label from those without. A short-lived pod on the node, without any privilege, reads which driver serves
# the generator: /dev/hwrng alone may exist with nothing behind it. Only a pod that ended well is believed: a node that
# cannot be asked keeps what it has, and so does a node whose label `feature` has another value. Exits 1 where a node could
# not be asked or labelled. Environment: NAMESPACE (default), LOOK_IMAGE (any image with sh and cat), LOOK_SECONDS (60, for
# each node), KUBECTL.
set -u
kubectl=${KUBECTL:-kubectl} namespace=${NAMESPACE:-default} image=${LOOK_IMAGE:-docker.io/library/busybox:1.37}
dry_run=
if [ "${1:-}" = --dry-run ]; then
  dry_run=yes
  shift
fi
case ${1:-} in -*) echo "usage: label-nodes.sh [--dry-run] [NODE...]" >&2; exit 64 ;; esac
# shellcheck disable=SC2046   # names are words
[ $# -gt 0 ] || set -- $($kubectl get nodes -l kubernetes.io/os=linux -o 'jsonpath={.items[*].metadata.name}')
[ $# -gt 0 ] || { echo "label-nodes.sh: no nodes" >&2; exit 1; }
pod='' number=0
leave() { [ -z "$pod" ] || $kubectl -n "$namespace" delete pod "$pod" --ignore-not-found --wait=false >/dev/null 2>&1; }
trap leave EXIT
trap 'exit 1' INT TERM

manifest() { # NODE
  cat <<POD
apiVersion: v1
kind: Pod
metadata:
  name: $pod
spec:
  nodeName: $1
  restartPolicy: Never
  automountServiceAccountToken: false
  terminationGracePeriodSeconds: 0
  tolerations:
    - operator: Exists
  securityContext:
    runAsNonRoot: true
    runAsUser: 65532
    runAsGroup: 65532
    seccompProfile:
      type: RuntimeDefault
  containers:
    - name: look
      image: $image
      command: ["sh", "-c", "cat /sys/class/misc/hw_random/rng_current 2>/dev/null || echo none"]
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities:
          drop:
            - ALL
      resources:
        requests:
          cpu: 5m
          memory: 8Mi
        limits:
          memory: 32Mi
POD
}

# Sets `found` to the driver's name or "none", and the status to 0; or `why` to the reason why the node could not be asked.
look() { # NODE
  number=$((number + 1)) found='' why=''
  pod=hw-rng-look-$$-$number
  if ! why=$(manifest "$1" | $kubectl -n "$namespace" create -f - 2>&1 >/dev/null); then return 1; fi
  waited=0 phase=''
  while :; do
    phase=$($kubectl -n "$namespace" get pod "$pod" -o 'jsonpath={.status.phase}')
    why=$($kubectl -n "$namespace" get pod "$pod" -o 'jsonpath={.status.reason} {.status.message} {.status.containerStatuses[*].state.*.reason} {.status.containerStatuses[*].state.*.message}')
    case "$phase $why" in Succeeded* | Failed* | *ImagePullBackOff* | *InvalidImageName*) break ;; esac
    [ $waited -lt "${LOOK_SECONDS:-60}" ] || break
    sleep 1
    waited=$((waited + 1))
  done
  [ "$phase" != Succeeded ] || found=$($kubectl -n "$namespace" logs "$pod") || found=''
  leave
  pod=''
  why="its pod is $phase $why"
  [ -n "$found" ]
}

failed=0
for node; do
  if ! look "$node"; then
    # shellcheck disable=SC2086   # one line, one space between the words
    echo "$node: could not be asked, its label stays:" $why
    failed=1
    continue
  fi
  if ! has=$($kubectl get node "$node" -o 'jsonpath={.metadata.labels.feature}'); then
    failed=1
    continue
  fi
  case $found/$has in
    none/hw-rng) change=feature- done='; the label feature=hw-rng is taken away' ;;
    none/*) change='' done='' ;;
    */hw-rng) change='' done='' ;;
    */) change=feature=hw-rng done='' ;;
    *) change='' done="; its label feature=$has stays, so it gets no pod" failed=1 ;;
  esac
  if [ -z "$change" ] || [ -n "$dry_run" ] || $kubectl label node "$node" $change >/dev/null; then
    echo "$node: generator $found$done"
  else
    echo "$node: generator $found; it could not be labelled"
    failed=1
  fi
done
exit $failed
