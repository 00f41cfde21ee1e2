#!/bin/sh
# label-nodes.sh [--dry-run] [--all] [NODE...]: labels each node that has a working random number generator with
# feature=hw-rng and feature.node.kubernetes.io/hw-rng=true, and takes both from those without. A short-lived pod on the
# node, without any privilege, reads which driver serves the generator: /dev/hwrng alone may exist with nothing behind it.
# 32 nodes are asked at a time. Only a pod that ended well is believed: a node that cannot be asked keeps what it has, and
# so does a node whose label `feature` has another value. A node with both labels whose random-refresher is ready needs no
# question; --all asks it too. Exits 1 where a node could not be asked or labelled. Environment: NAMESPACE (default),
# LOOK_IMAGE (any image with sh and cat), LOOK_SECONDS (60, for each node), LOOK_AT_ONCE (32), LOOK_PAUSE (1 s between two looks
# at their pods), KUBECTL.
set -u
kubectl=${KUBECTL:-kubectl} namespace=${NAMESPACE:-default} image=${LOOK_IMAGE:-docker.io/library/busybox:1.37}
at_once=${LOOK_AT_ONCE:-32} prefixed=feature.node.kubernetes.io/hw-rng
dry_run='' all=''
while :; do
  case ${1:-} in
    --dry-run) dry_run=yes ;;
    --all) all=yes ;;
    -*) echo "usage: label-nodes.sh [--dry-run] [--all] [NODE...]" >&2; exit 64 ;;
    *) break ;;
  esac
  shift
done
run=$$-$(date +%s) number=0 failed=0
tmp=$(mktemp -d)
leave() {
  [ $number = 0 ] || $kubectl -n "$namespace" delete pods -l "hw-rng-look=$run" --ignore-not-found --wait=false >/dev/null 2>&1
  rm -rf "$tmp"
}
trap leave EXIT
trap 'exit 1' INT TERM

# ---- which nodes to ask ----
# One call tells of all nodes: name, label `feature`, the prefixed label, whether the node is ready.
$kubectl get nodes -l kubernetes.io/os=linux -o 'jsonpath={range .items[*]}{.metadata.name},{.metadata.labels.feature},{.metadata.labels.feature\.node\.kubernetes\.io/hw-rng},{.status.conditions[?(@.type=="Ready")].status}{"\n"}{end}' >"$tmp/nodes" || exit 1
if [ $# -gt 0 ]; then
  printf '%s\n' "$@" | sort -u >"$tmp/wanted"
  awk -F, 'FILENAME == ARGV[1] { wanted[$1] = 1; next } $1 in wanted' "$tmp/wanted" "$tmp/nodes" >"$tmp/chosen"
  awk -F, 'FILENAME == ARGV[1] { there[$1] = 1; next } !($1 in there) { print $1 ": there is no such Linux node" }' "$tmp/chosen" "$tmp/wanted" >"$tmp/missing"
  cat "$tmp/missing"
  [ ! -s "$tmp/missing" ] || failed=1
  mv "$tmp/chosen" "$tmp/nodes"
elif [ ! -s "$tmp/nodes" ]; then
  echo "label-nodes.sh: no nodes" >&2
  exit 1
fi
# A daemon that is ready has tested its node's generator a moment ago.
: >"$tmp/proven"
[ -n "$all" ] || $kubectl get pods -A -l app.kubernetes.io/name=random-refresher,app.kubernetes.io/component=node-daemon \
  -o 'jsonpath={range .items[*]}{.spec.nodeName},{.status.conditions[?(@.type=="Ready")].status}{"\n"}{end}' >"$tmp/proven" 2>/dev/null
awk -F, -v tmp="$tmp" 'FILENAME == ARGV[1] { if ($2 == "True") proven[$1] = 1; next }
  $4 == "False" || $4 == "Unknown" { print $1 >(tmp "/away"); next }
  $2 == "hw-rng" && $3 == "true" && $1 in proven { right++; next }
  { print $1 >(tmp "/todo") }
  END { printf "%d\n", right >(tmp "/right") }' "$tmp/proven" "$tmp/nodes"
touch "$tmp/away" "$tmp/todo" "$tmp/running"
while read -r node; do
  echo "$node: could not be asked, its labels stay: the node is not ready"
  failed=1
done <"$tmp/away"
read -r right <"$tmp/right"
[ "$right" = 0 ] || echo "$right node(s) not asked: labelled, and their random-refresher is ready"
total=$(wc -l <"$tmp/todo") begin=$(date +%s) shown=0
[ "$total" -le 100 ] || echo "$total nodes to ask, $at_once at a time"

# ---- asking ----
manifest() { # POD NODE
  cat <<POD
---
apiVersion: v1
kind: Pod
metadata:
  name: $1
  labels:
    hw-rng-look: "$run"
spec:
  nodeName: $2
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
      command: ["sh", "-c", "r=\$(cat /sys/class/misc/hw_random/rng_current 2>/dev/null); printf %s \"\${r:-none}\" >/dev/termination-log"]
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

not_asked() { # NODE WHY...
  echo "$1: could not be asked, its labels stay:$2"
  failed=1
}

# Fills the free places: all their pods in one call. Each running one is a line "POD NODE DEADLINE".
start_more() {
  free=$((at_once - $(wc -l <"$tmp/running")))
  if [ $free -le 0 ] || [ ! -s "$tmp/todo" ]; then return; fi
  deadline=$(($(date +%s) + ${LOOK_SECONDS:-60}))
  head -n $free "$tmp/todo" >"$tmp/next"
  tail -n +$((free + 1)) "$tmp/todo" >"$tmp/rest"
  mv "$tmp/rest" "$tmp/todo"
  : >"$tmp/manifests.yaml"
  : >"$tmp/new"
  while read -r node; do
    number=$((number + 1))
    manifest "hw-rng-look-$run-$number" "$node" >>"$tmp/manifests.yaml"
    echo "hw-rng-look-$run-$number $node $deadline" >>"$tmp/new"
  done <"$tmp/next"
  $kubectl -n "$namespace" create -f "$tmp/manifests.yaml" >"$tmp/created" 2>"$tmp/refused"
  while read -r pod node deadline; do
    if grep -qx "pod/$pod created" "$tmp/created"; then
      echo "$pod $node $deadline" >>"$tmp/running"
    else
      not_asked "$node" " $(grep -F "\"$pod\"" "$tmp/refused" || cat "$tmp/refused")"
    fi
  done <"$tmp/new"
}

# What has become of the pods, in one call. The message of a container that ended well is the driver's name.
states() {
  $kubectl -n "$namespace" get pods -l "hw-rng-look=$run" -o 'jsonpath={range .items[*]}{"\n@ "}{.metadata.name} {.status.phase} {.status.reason} {.status.message} {.status.containerStatuses[*].state.*.reason} {.status.containerStatuses[*].state.*.message}{end}' >"$tmp/states"
  # a message may have lines of its own; what was found is told with the labels that the node has
  awk -v now="$(date +%s)" '
    FILENAME == ARGV[1] { split($0, n, ","); has[n[1]] = n[2] "," n[3]; next }
    FILENAME == ARGV[2] { if ($1 == "@") { pod = $2; phase[pod] = $3; first = 4 } else first = 1
      for (i = first; i <= NF; i++) why[pod] = why[pod] " " $i
      next }
    { state = phase[$1]; text = why[$1] }
    state == "Succeeded" && text ~ /^ Completed ./ { sub(/^ Completed /, "", text); print "found", $1, $2, has[$2], text; next }
    state == "Succeeded" || state == "Failed" || text ~ /ImagePullBackOff|InvalidImageName/ || now >= $3 {
      print "failed", $1, $2, "its pod is", (state ? state : "gone") text; next }
    { print "keep", $0 }' "$tmp/nodes" "$tmp/states" "$tmp/running" >"$tmp/news"
}

# ---- labelling ----
# Adds what is to be changed to the list: a line "CHANGE NODE REST", with the change's words joined by commas.
decide() { # NODE LABELS DRIVER
  has=$2 change='' done=''
  case $3/$has in
    none/hw-rng,*) change=feature-,$prefixed- done='; the label feature=hw-rng is taken away' ;;
    none/*,?*) change=$prefixed- done="; the label $prefixed is taken away" ;;
    none/*) ;;
    */hw-rng,?*) ;;
    */hw-rng,) change=$prefixed=true ;;
    */,?*) change=feature=hw-rng ;;
    */,) change=feature=hw-rng,$prefixed=true ;;
    *) done="; its label feature=${has%,*} stays, so components/prefixed-label must select it" failed=1
      case $has in *,) change=$prefixed=true ;; esac ;;
  esac
  if [ -z "$change" ] || [ -n "$dry_run" ]; then
    echo "$1: generator $3$done"
  else
    echo "$change $1 $3$done" >>"$tmp/changes"
  fi
}

# One call for all nodes of one change.
label() {
  for change in $(cut -d ' ' -f 1 "$tmp/changes" | sort -u); do
    # shellcheck disable=SC2046,SC2086   # names and changes are words
    $kubectl label node $(awk -v c="$change" '$1 == c { print $2 }' "$tmp/changes") $(echo "$change" | tr , ' ') >"$tmp/labelled" 2>"$tmp/refused"
    while read -r this node rest; do
      [ "$this" = "$change" ] || continue
      if awk -v n="node/$node" '$1 == n { ok = 1 } END { exit !ok }' "$tmp/labelled"; then
        echo "$node: generator $rest"
      else
        echo "$node: generator ${rest%%;*}; it could not be labelled: $(grep -F "\"$node\"" "$tmp/refused" || cat "$tmp/refused")"
        failed=1
      fi
    done <"$tmp/changes"
  done
}

asked=0
while [ -s "$tmp/todo" ] || [ -s "$tmp/running" ]; do
  start_more
  [ -s "$tmp/running" ] || continue
  sleep "${LOOK_PAUSE:-1}"
  states
  : >"$tmp/running"
  : >"$tmp/changes"
  ended=''
  while read -r what pod node rest; do
    case $what in
      keep) echo "$pod $node $rest" >>"$tmp/running"; continue ;;
      found) decide "$node" "${rest%% *}" "${rest#* }" ;;
      *) not_asked "$node" " $rest" ;;
    esac
    ended="$ended $pod" asked=$((asked + 1))
  done <"$tmp/news"
  # shellcheck disable=SC2086   # names are words
  [ -z "$ended" ] || $kubectl -n "$namespace" delete pod $ended --ignore-not-found --wait=false >/dev/null 2>&1
  label
  if [ $((asked - shown)) -ge 500 ]; then
    shown=$asked
    echo "$asked of $total nodes asked, about $((($(date +%s) - begin) * (total - asked) / asked / 60 + 1)) min to go"
  fi
done
exit $failed
