#!/usr/bin/env bash
# run.sh: on the cluster that KUBECONFIG names, the tour of k8s/README.md and what the tour does not show. The image is
# built and put onto the nodes by LOAD_IMAGE, a command that takes an image file, or by kind, minikube, k3s or ctr.
# IMAGE_LOADED=yes: the nodes have it already. About a quarter of an hour; every wait has an end. It does not begin where
# something is there that it would change or delete, and it leaves nothing behind but images.
set -u
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
cd "$top" || exit 1
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$here/lib.sh"
# shellcheck source-path=SCRIPTDIR source=checks.sh
. "$here/checks.sh"
# shellcheck source-path=SCRIPTDIR source=chart.sh
. "$here/chart.sh"

command -v kubectl >/dev/null || skip_all 'the cluster' 'kubectl is not installed'
# a copy: the tour changes the current namespace
kubectl config view --raw --flatten >"$scratch/kubeconfig" 2>/dev/null
export KUBECONFIG=$scratch/kubeconfig
NODE=$(k get nodes -o 'jsonpath={.items[0].metadata.name}' 2>/dev/null)
[ -n "$NODE" ] || skip_all 'the cluster' 'KUBECONFIG names no cluster that answers'
named_alike() { k get pods,daemonsets,services -A -o name | grep -E 'refresher|hwrng|hw-rng|pty' | sort; }
named_alike >"$scratch/before"
# Whatever this test would change or delete must not be there before: then all of it is the test's own.
refuse() { skip_all 'the cluster' "$1, which this test would change or delete"; }
for namespace in "$NS" random-refresher-book tour numbers-consumer; do
	if k get namespace $namespace >/dev/null 2>&1; then refuse "it has a namespace $namespace"; fi
done
for object in "pod/random-refresher-static-$NODE" configmap/hardware-rng-monitor; do
	if k get -n kube-system "$object" >/dev/null 2>&1; then refuse "it has kube-system/$object"; fi
done
for label in feature feature.node.kubernetes.io/hw-rng; do
	if k get nodes -l $label -o name | grep -q .; then refuse "a node has a label $label"; fi
done
if k get node "$NODE" -o 'jsonpath={.spec.unschedulable}' | grep -q true; then refuse "$NODE is cordoned"; fi
if k get node "$NODE" -o 'jsonpath={.spec.taints[*].key}' | grep -qw tour; then refuse "$NODE has a taint tour"; fi
find_loader || [ "${IMAGE_LOADED:-}" = yes ] || skip_all 'the cluster' 'no way to load the image: set LOAD_IMAGE to a command that takes an image file'
echo "cluster: $(k version 2>/dev/null | sed -n 's/^Server Version: //p'), $(k get nodes -o name | wc -l) node(s)"

ours=no # whether what lies in the node's places is this test's
# shellcheck disable=SC2317,SC2329
leave() {
	for helper in "${helpers[@]}" "${proxy_pid:-}"; do [ -z "$helper" ] || kill "$helper" 2>/dev/null; done
	# what the tour puts onto the node, if it was cut short
	[ $ours = no ] || on_node sh -c 'rm -rf /node/run/random-refresher /node/var/lib/random-refresher; rm -f "/node$1/random-refresher.yaml"' sh "$(static_pod_directory)" >/dev/null 2>&1
	k config set-context --current --namespace=default >/dev/null 2>&1
	k delete namespace "$NS" random-refresher-book tour "tour-$$" numbers-consumer --ignore-not-found --wait=false >/dev/null 2>&1
	k -n kube-system delete configmap/hardware-rng-monitor pod/hw-rng-monitor --ignore-not-found --now >/dev/null 2>&1
	remove_device_plugin
	unlabel
	k uncordon "$NODE" >/dev/null 2>&1
	k taint node "$NODE" tour- >/dev/null 2>&1
	rm -rf "$scratch"
}
trap leave EXIT

[ "${IMAGE_LOADED:-}" = yes ] || images
node_has_no_numbers || refuse "$NODE has a directory /run/random-refresher or /var/lib/random-refresher, or could not be looked at"
ours=yes
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
node_reader
serve_numbers
push_numbers
node_condition
book
k delete -k k8s/overlays/privileged --ignore-not-found --wait >/dev/null 2>&1
k delete -k k8s/overlays/book --ignore-not-found --wait >/dev/null 2>&1
device_plugin
native_sidecar
cpu_overlay
chart
unlabel
remove_device_plugin
k delete namespace "$NS" --ignore-not-found --wait >/dev/null 2>&1
nothing_left() {
	gone "$NS" && gone random-refresher-book && [ -z "$(named_alike | comm -13 "$scratch/before" -)" ]
}
until_true 90 nothing_left
verdict 'nothing is left in the cluster'
finish
