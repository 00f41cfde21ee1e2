#!/usr/bin/env bash
# run.sh: on the cluster that KUBECONFIG names, the tour of k8s/README.md and what the tour does not show. The image is
# built and put onto the nodes by LOAD_IMAGE, a command that takes an image file, or by kind, minikube, k3s or ctr.
# IMAGE_LOADED=yes: the nodes have it already. About a quarter of an hour; every wait has an end. Nothing is left behind.
set -u
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
cd "$top" || exit 1
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$here/lib.sh"
# shellcheck source-path=SCRIPTDIR source=checks.sh
. "$here/checks.sh"

command -v kubectl >/dev/null || skip_all 'the cluster' 'kubectl is not installed'
# a copy: the tour changes the current namespace
kubectl config view --raw --flatten >"$scratch/kubeconfig" 2>/dev/null
export KUBECONFIG=$scratch/kubeconfig
NODE=$(k get nodes -o 'jsonpath={.items[0].metadata.name}' 2>/dev/null)
[ -n "$NODE" ] || skip_all 'the cluster' 'KUBECONFIG names no cluster that answers'
if k get namespace "$NS" >/dev/null 2>&1; then skip_all 'the cluster' "it has a namespace $NS already, which this test would delete"; fi
if k get pod -n default login >/dev/null 2>&1; then skip_all 'the cluster' 'it has a pod default/login already'; fi
if k get nodes -l feature=hw-rng -o name | grep -q .; then skip_all 'the cluster' 'a node has the label feature=hw-rng already'; fi
find_loader || [ "${IMAGE_LOADED:-}" = yes ] || skip_all 'the cluster' 'no way to load the image: set LOAD_IMAGE to a command that takes an image file'
echo "cluster: $(k version 2>/dev/null | sed -n 's/^Server Version: //p'), $(k get nodes -o name | wc -l) node(s)"

# shellcheck disable=SC2317,SC2329
leave() {
	for helper in "${helpers[@]}" "${proxy_pid:-}"; do [ -z "$helper" ] || kill "$helper" 2>/dev/null; done
	k config set-context --current --namespace=default >/dev/null 2>&1
	k delete namespace "$NS" random-refresher-book --ignore-not-found --wait=false >/dev/null 2>&1
	k -n kube-system delete daemonset hwrng-device-plugin --ignore-not-found >/dev/null 2>&1
	k -n default delete pod login --ignore-not-found --now >/dev/null 2>&1
	k label nodes --all feature- >/dev/null 2>&1
	k uncordon "$NODE" >/dev/null 2>&1
	k taint node "$NODE" tour- >/dev/null 2>&1
	rm -rf "$scratch"
}
trap leave EXIT

[ "${IMAGE_LOADED:-}" = yes ] || images
api_accepts_everything

"$here/tour.py" k8s/README.md 2>&1 | tee "$scratch/tour"
passed=$((passed + $(grep -c '^ok ' "$scratch/tour"))) failed=$((failed + $(grep -c '^not ok ' "$scratch/tour")))
k config set-context --current --namespace=default >/dev/null
until_true 90 gone "$NS"
verdict 'the tour leaves nothing'

k label node "$NODE" feature=hw-rng >/dev/null
start_proxy
privileged_in_one_command
every_node
prometheus_scrapes
limit_of_16_mib
device_taken_away
single_file
publish_to_device
book
k delete -k k8s/overlays/privileged --ignore-not-found --wait >/dev/null 2>&1
k delete -k k8s/overlays/book --ignore-not-found --wait >/dev/null 2>&1
device_plugin
native_sidecar
k label node "$NODE" feature- >/dev/null
k delete -f k8s/examples/generic-device-plugin.yaml --ignore-not-found --wait >/dev/null 2>&1
k delete namespace "$NS" --ignore-not-found --wait >/dev/null 2>&1
nothing_left() {
	gone "$NS" && gone random-refresher-book && ! k get pods,daemonsets,services -A -o name | grep -qE 'refresher|hwrng|pty'
}
until_true 90 nothing_left
verdict 'nothing is left in the cluster'
finish
