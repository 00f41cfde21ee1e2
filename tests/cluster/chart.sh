# chart.sh - the Helm chart and the overlay `cpu` on the cluster: installed, changed in every way that k8s/README.md names,
# rolled back, removed. Sourced by run.sh, beside checks.sh.
# shellcheck shell=bash disable=SC2154,SC2317,SC2329

numbers_are() { [ "$(ask /metrics | awk '/^random_refresher_file_numbers/ {print $2}')" = "$1" ]; }
source_is() { ask /metrics | grep -q "^random_refresher_source_info{kind=\"$1\""; }
level_is() { [ "$(k get namespace "$NS" -o 'jsonpath={.metadata.labels.pod-security\.kubernetes\.io/enforce}')" = "$1" ]; }
nodes_there() { k get nodes -o name | wc -l; }
without_namespace() {
	k delete namespace "$NS" --ignore-not-found --wait >/dev/null 2>&1
	until_true 90 gone "$NS"
}

# Ready from the CPU on every node, or, where this one's CPU has no such instruction, ended with 69 and the reason.
serves_or_refuses() {
	ready_pods "$(nodes_there)" && source_is cpu && return
	kn get pods -o 'jsonpath={.items[*].status.containerStatuses[*].lastState.terminated.exitCode}' | grep -qw 69 &&
		kn get pods -o 'jsonpath={.items[*].status.containerStatuses[*].lastState.terminated.message}' | grep -q 'this CPU has no RDSEED or RNDR'
}
cpu_overlay() {
	without_namespace
	k apply -k k8s/overlays/cpu >"$scratch/cpu" 2>&1
	until_true 120 serves_or_refuses && level_is restricted
	verdict 'overlays/cpu: a pod on each node at level restricted, ready from its CPU, or ended with 69 where that has no RDSEED or RNDR' logs
	without_namespace
}

chart() {
	local helm pod log=$scratch/helm
	helm=$(command -v helm || ls build/manifests/helm/helm 2>/dev/null)
	if [ -z "$helm" ]; then
		skip 'the Helm chart' 'no helm is installed, and make test-manifests has left none in build/manifests'
		return
	fi
	without_namespace
	export HELM_CACHE_HOME=$scratch HELM_CONFIG_HOME=$scratch HELM_DATA_HOME=$scratch
	upgrade() { "$helm" upgrade random-refresher k8s/chart -n "$NS" --reuse-values "$@" >"$log" 2>&1; }

	"$helm" install random-refresher k8s/chart -n "$NS" --create-namespace >"$log" 2>&1 && until_true 120 ready_pods 1 && source_is device && level_is privileged
	verdict 'helm install makes the namespace at its level, and a pod that gets ready from the device' "$log"
	pod=$(the_pod)
	upgrade --set config.numbers.count=5000 && until_true 180 numbers_are 5000 && [ "$(the_pod)" = "$pod" ]
	verdict 'helm upgrade with another count: the same pod takes it over' "$log"
	upgrade --set configChange=rollout,config.numbers.count=6000 && until_true 180 numbers_are 6000 && [ "$(the_pod)" != "$pod" ]
	verdict 'with configChange=rollout another count is another pod' "$log"
	"$helm" rollback random-refresher 2 -n "$NS" >"$log" 2>&1 && until_true 180 numbers_are 5000
	verdict 'helm rollback brings the count before' "$log"
	upgrade --set configChange=reload,config.http.connections=32 && until_true 180 restart_is_wanted
	verdict 'a key that needs a restart is said in the metrics' "$log"
	upgrade --set variant=cpu && until_true 180 serves_or_refuses && level_is restricted
	verdict 'helm upgrade to variant cpu: as overlays/cpu' "$log"
	"$helm" uninstall random-refresher -n "$NS" >"$log" 2>&1
	verdict 'helm uninstall ends well' "$log"
	until_true 90 gone "$NS"
	verdict 'it leaves nothing, the namespace included' "$log"
}
restart_is_wanted() { ask /metrics | grep -qx 'random_refresher_config_restart_wanted 1'; }
