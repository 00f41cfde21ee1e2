#!/bin/sh
# label-nodes.sh [--dry-run] [NODE...]: labels each node that has a working random number generator with feature=hw-rng,
# and takes the label from those without. A short-lived pod on the node, without any privilege, reads which driver serves
# the generator: /dev/hwrng alone may exist with nothing behind it. Environment: NAMESPACE (default), LOOK_IMAGE (any image
# with cat), KUBECTL.
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
pod=hw-rng-look-$$
trap '$kubectl -n "$namespace" delete pod "$pod" --ignore-not-found --wait=false >/dev/null 2>&1' EXIT
trap 'exit 1' INT TERM

# Prints the driver's name, "none", or nothing where the node could not be asked within a minute.
driver() { # NODE
  $kubectl -n "$namespace" run "$pod" --image="$image" --restart=Never --overrides="{\"spec\": {
    \"nodeName\": \"$1\", \"tolerations\": [{\"operator\": \"Exists\"}], \"automountServiceAccountToken\": false,
    \"terminationGracePeriodSeconds\": 0}}" -- cat /sys/class/misc/hw_random/rng_current >/dev/null || return
  waited=0 phase=
  while [ $waited -lt 60 ]; do
    phase=$($kubectl -n "$namespace" get pod "$pod" -o 'jsonpath={.status.phase}')
    case $phase in Succeeded | Failed) break ;; esac
    sleep 1
    waited=$((waited + 1))
  done
  case $phase in
    Succeeded) $kubectl -n "$namespace" logs "$pod" ;;
    Failed) echo none ;;
  esac
  $kubectl -n "$namespace" delete pod "$pod" --ignore-not-found >/dev/null
}

failed=0
for node; do
  found=$(driver "$node")
  case $found in
    '')
      echo "$node: could not be asked"
      failed=1
      continue ;;
    none) label=feature- ;;
    *) label=feature=hw-rng ;;
  esac
  echo "$node: generator $found"
  [ -n "$dry_run" ] || $kubectl label --overwrite node "$node" "$label" >/dev/null || failed=1
done
exit $failed
