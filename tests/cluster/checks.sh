# checks.sh - what the cluster's test checks beside the tour. Each function is one subject. Sourced by run.sh.
# shellcheck shell=bash disable=SC2154,SC2317,SC2329
helpers=()
helper_image=localhost/random-refresher-helper:test

gone() { ! k get namespace "$1" >/dev/null 2>&1; }
unlabel() { k label nodes -l feature=hw-rng feature- feature.node.kubernetes.io/hw-rng- >/dev/null 2>&1; }

# The three images: ours, a shell for readers, and a helper for what only a test needs.
images() {
	local base rc=0
	base=$(tests/image/base-image 2>"$scratch/base.log") || skip_all 'the cluster' "no base image: $(tail -n 1 "$scratch/base.log")"
	BASE=$base k8s/image/make-image "$image" --engine podman >"$scratch/build.log" 2>&1 && load "$image"
	rc=$?
	(exit $rc)
	verdict "the image is built and on the nodes" "$scratch/build.log"
	[ $rc = 0 ] || finish
	if ! image_works "$busybox" 60; then
		if ! make_busybox 2>"$scratch/busybox.log" || ! load "$busybox" || ! image_works "$busybox" 60; then
			skip_all 'the cluster' "$busybox cannot be pulled, and no stand-in made (Debian: busybox-static, buildah): $(tail -n 1 "$scratch/busybox.log")"
		fi
	fi
	have_helper=no
	printf 'FROM %s\nRUN apt-get update && apt-get install -y --no-install-recommends python3-grpcio curl\n' "$base" >"$scratch/Dockerfile"
	printf 'COPY device-plugin node-problem-detector pty-device /usr/local/bin/\n' >>"$scratch/Dockerfile"
	cp tests/cluster/device-plugin tests/cluster/node-problem-detector tests/image/pty-device "$scratch"
	if BUILDAH_ISOLATION=${BUILDAH_ISOLATION:-chroot} podman build -q -t "$helper_image" -f "$scratch/Dockerfile" "$scratch" >"$scratch/helper.log" 2>&1 &&
		load "$helper_image"; then
		have_helper=yes
	fi
}

server_minor() { k version -o json 2>/dev/null | sed -n '/serverVersion/,$ s/.*"minor": "\([0-9]*\).*/\1/p' | head -n 1; }
# What an older server does not know is taken out: the policy of a Service came with 1.22.
for_this_server() { if [ "$(server_minor)" -ge 22 ]; then cat; else sed '/internalTrafficPolicy:/d'; fi; }

# The API server's own view of each field, without creating anything.
api_accepts_everything() {
	local o
	for o in k8s/overlays/* k8s/examples/*/; do
		kubectl kustomize "$o" | for_this_server | k apply --dry-run=client --validate=true -f - >"$scratch/validate" 2>&1
		verdict "the API server knows every field of $o" "$scratch/validate"
	done
}

has_pod() { [ -n "$(the_pod)" ]; }
ready_pods() { [ "$(kn get daemonset random-refresher -o 'jsonpath={.status.numberReady}')" = "$1" ]; }
# deploy OVERLAY [SED]: renders, edits, applies and waits for a new pod to be ready
deploy() {
	kubectl kustomize "$1" | sed -e "${2:-}" | k apply -f - >"$scratch/deploy" 2>&1 || return 1
	kn delete pods -l app.kubernetes.io/component=node-daemon --wait --timeout=60s >>"$scratch/deploy" 2>&1
	until_true 60 has_pod && until_true 120 ready_pods 1
}
restarts() { kn get pod "$(the_pod)" -o 'jsonpath={.status.containerStatuses[?(@.name=="refresher")].restartCount}'; }
logs() { kn logs "$(the_pod)" -c refresher >"$scratch/pod.log" 2>&1; echo "$scratch/pod.log"; }

privileged_in_one_command() {
	PUSH=no k8s/deploy "$image" >"$scratch/apply" 2>&1
	verdict 'make deploy labels the nodes, applies the overlay and waits until every pod is ready' "$scratch/apply"
	[ "$(ask /healthz)" = ok ] && [ "$(ask /readyz)" = ok ]
	verdict '/healthz and /readyz of the pod say ok' logs
	ask /metrics | grep -q '^random_refresher_source_info{.*kind="device"'
	verdict 'the metrics say that the source is the device' logs
}

# All nodes with a generator at once, and each pod's address in the answer of the headless name.
every_node() {
	local nodes addresses
	k8s/label-nodes.sh >"$scratch/label" 2>&1
	nodes=$(k get nodes -l feature=hw-rng -o name | wc -l)
	[ "$nodes" -ge 1 ] && until_true 180 ready_pods "$nodes"
	verdict "label-nodes.sh finds $nodes node(s) with a generator, and each gets a pod" "$scratch/label"
	[ "$(k get nodes -l feature.node.kubernetes.io/hw-rng=true -o name | wc -l)" = "$nodes" ] &&
		k8s/label-nodes.sh >"$scratch/label" 2>&1 && grep -q "^$nodes node(s) not asked" "$scratch/label"
	verdict 'each has the prefixed label too, and a second run asks none of them' "$scratch/label"
	addresses=$(kn run ask-dns --image="$busybox" --image-pull-policy=IfNotPresent --restart=Never --rm -i --quiet --overrides='{"spec": {"tolerations":
		[{"operator": "Exists"}]}}' -- nslookup "random-refresher.$NS.svc.cluster.local" 2>&1 | tee "$scratch/dns" | sed -n '/^Name/,$p' | grep -c '^Address')
	[ "$addresses" = "$nodes" ]
	verdict "the headless name has an A record for each of the $nodes pod(s)" "$scratch/dns"
	unlabel
	k label node "$NODE" feature=hw-rng >/dev/null
	one_pod() { ready_pods 1 && [ "$(kn get pods -l app.kubernetes.io/component=node-daemon -o name | wc -l)" = 1 ]; }
	until_true 120 one_pod
	verdict 'the label taken from all nodes but one leaves one pod'
}

# A real Prometheus, through the API server's proxy, with our alert rules loaded.
prometheus_scrapes() {
	local sentence='a real Prometheus scrapes the pod and takes our alert rules' port
	if ! command -v prometheus >/dev/null; then skip "$sentence" 'prometheus is not installed'; return; fi
	port=$((20000 + $$ % 20000))
	sed -n '/^spec:/,$p' k8s/components/monitoring/prometheusrule.yaml | sed -n 's/^  //p' >"$scratch/rules.yaml"
	local pod
	# the pod of the last check may still be on its way out: the target follows the one that is there
	configure() {
		pod=$(the_pod)
		cat >"$scratch/prometheus.yml" <<-CONF
			global: {scrape_interval: 2s, evaluation_interval: 2s}
			rule_files: [rules.yaml]
			scrape_configs:
			  - job_name: random-refresher
			    metrics_path: /api/v1/namespaces/$NS/pods/$pod:8080/proxy/metrics
			    static_configs: [{targets: ["${api#http://}"], labels: {instance: "$NODE"}}]
		CONF
	}
	configure
	prometheus --config.file="$scratch/prometheus.yml" --storage.tsdb.path="$scratch/tsdb" \
		--web.listen-address="127.0.0.1:$port" >"$scratch/prometheus.log" 2>&1 &
	helpers+=($!)
	scraped() { curl -sf --max-time 5 -G "http://127.0.0.1:$port/api/v1/query" --data-urlencode "query=$1" | grep -q '"value":\['; }
	up() {
		[ "$(the_pod)" = "$pod" ] || { configure && kill -HUP "${helpers[-1]}"; }
		scraped 'up{job="random-refresher"} == 1'
	}
	# at its first turn a rule may meet a scrape that is half there; what is wrong with it stays wrong
	rules_are_well() {
		curl -sf --max-time 5 "http://127.0.0.1:$port/api/v1/rules" >"$scratch/rules.json" &&
			grep -q RandomRefresherStale "$scratch/rules.json" && ! grep -q '"health":"err"' "$scratch/rules.json"
	}
	until_true 60 up && until_true 20 scraped 'random_refresher_last_refresh_timestamp_seconds > 0' && until_true 20 rules_are_well
	local rc=$?
	grep -o '"lastError":"[^"]*"' "$scratch/rules.json" >>"$scratch/prometheus.log"
	(exit $rc)
	verdict "$sentence" "$scratch/prometheus.log"
	! scraped 'ALERTS{alertstate="firing"}'
	verdict 'no alert fires on a healthy node' "$scratch/prometheus.log"
	kill "${helpers[@]}"
	helpers=()
}

refreshed() { [ "$(ask /metrics | awk '/^random_refresher_refreshes_total/ {print $2}')" -ge "$1" ] 2>/dev/null; }
limit_of_16_mib() {
	deploy k8s/overlays/privileged 's/memory: 32Mi/memory: 16Mi/; s/count: 10000/count: 365000/; s/interval: 30/interval: 1/' &&
		until_true 60 refreshed 10 && [ "$(restarts)" = 0 ]
	verdict 'a limit of 16 MiB holds over 10 refreshes while two files of 4 MB fill the volume of 8 MiB' logs
}

# The pseudo-terminal of a helper pod is the generator; the pod's end takes it away.
device_taken_away() {
	local number
	if [ "${have_helper:-no}" = no ]; then skip 'the device taken away' 'no helper image'; return; fi
	kn apply -f - >"$scratch/pty" 2>&1 <<-POD
		apiVersion: v1
		kind: Pod
		metadata: {name: pty-device}
		spec:
		  nodeName: $NODE
		  terminationGracePeriodSeconds: 0
		  tolerations: [{operator: Exists}]
		  containers:
		    - name: pty
		      image: $helper_image
		      imagePullPolicy: IfNotPresent
		      stdin: true
		      command: [pty-device, /host_dev]
		      volumeMounts: [{name: dev, mountPath: /host_dev}]
		  volumes: [{name: dev, hostPath: {path: /dev}}]
	POD
	pty_number() { number=$(kn logs pty-device 2>/dev/null | head -n 1) && [[ $number =~ ^[0-9]+$ ]]; }
	until_true 60 pty_number && deploy k8s/overlays/privileged "s|# device: .*|device: /host_dev/pts/$number|"
	verdict 'another character device of the node serves as generator' logs
	kn delete pod pty-device --now >/dev/null 2>&1
	until_true 60 ready_pods 0
	verdict 'the device taken away: the pod is not ready' logs
	[ "$(ask /healthz)" = ok ] && sleep 45 && [ "$(restarts)" = 0 ]
	verdict 'it stays live: 45 s later the kubelet has not restarted it' logs
	ask '/readyz?verbose' | grep '^\[-\]source failed: ' && grep -E 'level=(warn|error).*source' "$(logs)" | tail -n 1
	verdict 'its reason stands in /readyz?verbose and in one line of the log' logs
}

publish_to_device() {
	deploy k8s/examples/published-to-device && ask /status >"$scratch/status" && grep -q '/host_dev/random' "$scratch/status" && grep -q '"device"' "$scratch/status"
	verdict "published to the node's /dev/random, as raw bytes" logs
}

single_file() {
	local sentence='a single-file mount: written in place, and the locking reader sees whole generations' reader=$debian
	[ "${have_helper:-no}" = no ] || reader=$helper_image
	if [ "${have_helper:-no}" = no ] && ! image_works "$debian" 60; then skip "$sentence" "no $debian"; return; fi
	sed -e "s|$debian|$reader|" -e 's/"10000", "30"/"10000", "1"/' -e 's/sleep 30/sleep 1/' k8s/examples/single-file-mount.yaml | k apply -f - >"$scratch/single" 2>&1
	single_reads() { [ "$(kn logs single-file -c reader 2>/dev/null | grep -c '^10000 lines, 10000 numbers$')" -ge 10 ]; }
	until_true 120 single_reads && ! kn logs single-file -c reader | grep -qv '^10000 lines, 10000 numbers$' &&
		kn logs single-file -c refresher | grep -q 'level=warn.*torn'
	verdict "$sentence" "$scratch/single"
	kn logs single-file -c reader --tail=2 | sed 's/^/    /'
	kn delete pod single-file --now >/dev/null 2>&1
}

book() {
	k apply -k k8s/overlays/book >"$scratch/book" 2>&1
	book_log() { k -n random-refresher-book logs daemonset/random-refresher >"$scratch/book" 2>&1; grep -q 'numbers=10000' "$scratch/book"; }
	until_true 90 book_log && grep -q 'level=warn.*fallback' "$scratch/book" && grep -q 'device cgroup\|refuses uid' "$scratch/book"
	verdict "the book's example with our image runs, and says aloud why it cannot have the generator" "$scratch/book"
}

# on_node COMMAND...: in a pod that sees the node's files below /node
on_node() {
	sed -e "s/NODE$/$NODE/" -e "s/: tour$/: tour-$$/" k8s/examples/node-login.yaml | k apply -f - >/dev/null &&
		k -n "tour-$$" wait --for=condition=Ready pod/login --timeout=60s >/dev/null 2>&1 && k -n "tour-$$" exec login -- "$@"
}
# The tour removes both directories from the node at its end: none that was there before.
node_has_no_numbers() { on_node test ! -e /node/run/random-refresher -a ! -e /node/var/lib/random-refresher; }
node_reader() {
	k apply -k k8s/examples/published >"$scratch/reader" 2>&1
	kn rollout status daemonset/random-refresher --timeout=120s >>"$scratch/reader" 2>&1
	k apply -f k8s/examples/node-reader.yaml >>"$scratch/reader" 2>&1
	node_read() { kn logs node-reader >"$scratch/reader" 2>&1 && grep -qx 'ok: 10000 numbers' "$scratch/reader" && ! grep -q '^not ok' "$scratch/reader"; }
	until_true 90 node_read
	verdict "another pod of the node, as uid 65532, reads the node's file" "$scratch/reader"
	k delete -f k8s/examples/node-reader.yaml --now >/dev/null 2>&1
	kn delete daemonset random-refresher --wait >/dev/null 2>&1
	on_node rm -r /node/run/random-refresher
}
static_pod_directory() { k get --raw "/api/v1/nodes/$NODE/proxy/configz" | sed 's/.*"staticPodPath":"\([^"]*\)".*/\1/'; }

# The device plugin of the example: left alone where it was there before, removed where this test made it.
plugin_ours=no
remove_device_plugin() {
	[ $plugin_ours = no ] || k delete -f k8s/examples/generic-device-plugin.yaml --ignore-not-found --wait >/dev/null 2>&1
	plugin_ours=no
}
offered() { [ "$(k get node "$NODE" -o 'jsonpath={.status.allocatable.squat\.ai/hwrng}')" -ge 1 ] 2>/dev/null; }
device_plugin() {
	local s1='device-plugin: ready without privilege, as uid 0 without a capability, from /dev/hwrng'
	local s2='device-plugin-nonroot: ready as uid 65532, or it names the file mode and the remedy'
	if ! offered; then
		if [ "${have_helper:-no}" = no ]; then skip "$s1, $s2" 'no device plugin and no helper image'; return; fi
		if k -n kube-system get daemonset hwrng-device-plugin >/dev/null 2>&1; then
			skip "$s1, $s2" 'the cluster has a DaemonSet hwrng-device-plugin, which does not offer the device here'
			return
		fi
		plugin_ours=yes
		sed -e "s|docker.io/squat/generic-device-plugin:.*|$helper_image\n          command: [device-plugin]|" \
			k8s/examples/generic-device-plugin.yaml | k apply -f - >"$scratch/plugin" 2>&1
		until_true 90 offered
		verdict 'the device plugin of the example offers squat.ai/hwrng' "$scratch/plugin"
	fi
	k apply -k k8s/overlays/device-plugin >"$scratch/apply" 2>&1
	until_true 120 ready_pods 1 && ask /metrics | grep -q 'source_info{.*device="/dev/hwrng"'
	verdict "$s1" logs
	k apply -k k8s/overlays/device-plugin-nonroot >"$scratch/apply" 2>&1
	kn delete pods -l app.kubernetes.io/component=node-daemon --wait --timeout=60s >/dev/null 2>&1
	nonroot_verdict() { ready_pods 1 || kn get pods -o 'jsonpath={.items[*].status.containerStatuses[*].lastState.terminated.message}' | grep 'refuses uid 65532'; }
	until_true 120 nonroot_verdict
	verdict "$s2" logs
	k delete -k k8s/overlays/device-plugin --ignore-not-found --wait >/dev/null 2>&1
}

# as_helper: the helper's image in the place of curl's, which the nodes may not be able to pull
as_helper() { sed "s|docker.io/curlimages/curl:.*|$helper_image|"; }
serve_numbers() {
	local s1='serve-numbers: a pod at level restricted fetches whole generations from the node' s2='and it gets the next one'
	if [ "${have_helper:-no}" = no ]; then skip "$s1, $s2" 'no helper image'; return; fi
	kubectl kustomize k8s/examples/served | for_this_server | k apply -f - >"$scratch/serve" 2>&1
	kn rollout status daemonset/random-refresher --timeout=120s >>"$scratch/serve" 2>&1
	kubectl kustomize k8s/examples/numbers-consumer | as_helper | k apply -f - >>"$scratch/serve" 2>&1
	consumed() { k -n numbers-consumer logs numbers-consumer -c app >>"$scratch/serve" 2>&1 && grep -qE '^10000 numbers, -?[0-9]+ s old$' "$scratch/serve"; }
	until_true 120 consumed
	verdict "$s1" "$scratch/serve"
	generation() { k -n numbers-consumer exec numbers-consumer -c app -- sha256sum /run/numbers/numbers.txt; }
	local first
	first=$(generation)
	next_one() { [ -n "$first" ] && [ "$(generation)" != "$first" ]; }
	until_true 60 next_one && [ "$(k -n numbers-consumer logs numbers-consumer -c fetch | tail -n 1)" = fetched ]
	verdict "$s2" "$scratch/serve"
	# where policies are enforced this one also keeps out the API server's proxy, which the next checks use
	kn delete networkpolicy random-refresher-numbers --ignore-not-found >/dev/null 2>&1
	k delete namespace numbers-consumer --ignore-not-found --wait=false >/dev/null 2>&1
}

push_numbers() {
	local sentence='a sidecar pushes each generation by HTTP PUT to a server of its own choice' address
	if [ "${have_helper:-no}" = no ]; then skip "$sentence" 'no helper image'; return; fi
	kn apply -f - >"$scratch/push" 2>&1 <<-POD
		apiVersion: v1
		kind: Pod
		metadata: {name: push-server}
		spec:
		  nodeName: $NODE
		  terminationGracePeriodSeconds: 0
		  tolerations: [{operator: Exists}]
		  containers:
		    - name: server
		      image: $helper_image
		      imagePullPolicy: IfNotPresent
		      command:
		        - python3
		        - -uc
		        - |
		          import http.server
		          class Put(http.server.BaseHTTPRequestHandler):
		              def do_PUT(self):
		                  length = int(self.headers["Content-Length"])
		                  body = self.rfile.read(length)
		                  if len(body) < length:
		                      return # cut off by its sender: nothing was put
		                  print(f"{self.path} {body.count(10)}\n", end="")
		                  self.send_response(204)
		                  self.end_headers()
		              def log_message(self, *_):
		                  pass
		          http.server.ThreadingHTTPServer(("", 8000), Put).serve_forever()
		      readinessProbe: {tcpSocket: {port: 8000}, periodSeconds: 1}
	POD
	# The sidecar's pauses grow while nobody answers, and pods of the check before may be on their way out: both are waited for first.
	kn wait --for=condition=Ready pod/push-server --timeout=120s >>"$scratch/push" 2>&1
	address=$(kn get pod push-server -o 'jsonpath={.status.podIP}')
	[ -n "$address" ] && kubectl kustomize k8s/examples/pushed | as_helper | sed "s|https://numbers.example.org|http://$address:8000|; s/interval: 30/interval: 5/" |
		k apply -f - >>"$scratch/push" 2>&1 && kn rollout status daemonset/random-refresher --timeout=180s >>"$scratch/push" 2>&1
	pushed() { kn logs push-server >"$scratch/push" 2>&1 && [ "$(grep -cx "/$NODE/numbers.txt 10000" "$scratch/push")" -ge 3 ]; }
	until_true 120 pushed && ! grep -vqx "/$NODE/numbers.txt 10000" "$scratch/push"
	verdict "$sentence" "$scratch/push"
	kn delete pod push-server --now >/dev/null 2>&1
}

# The component's script and configuration, run in a pod by a stand-in for node-problem-detector; what it finds is patched in as
# node-problem-detector would.
node_condition() {
	local s1='node-condition, selected by the prefixed label: the node says HardwareRNGHealthy' s2='with a generator of zeros it says that it is not, and an event why'
	if [ "${have_helper:-no}" = no ]; then skip "$s1, $s2" 'no helper image'; return; fi
	mkdir -p "$scratch/node-condition"
	cat >"$scratch/node-condition/kustomization.yaml" <<-KUSTOMIZATION
		resources: [$(realpath --relative-to="$scratch/node-condition" k8s/overlays/privileged)]
		components:
		  - $(realpath --relative-to="$scratch/node-condition" k8s/components/node-condition)
		  - $(realpath --relative-to="$scratch/node-condition" k8s/components/prefixed-label)
	KUSTOMIZATION
	k label node "$NODE" feature.node.kubernetes.io/hw-rng=true >/dev/null 2>&1
	kubectl kustomize "$scratch/node-condition" | for_this_server | k apply -f - >"$scratch/condition" 2>&1
	kn delete pods -l app.kubernetes.io/component=node-daemon --wait --timeout=60s >>"$scratch/condition" 2>&1
	k apply -f - >>"$scratch/condition" 2>&1 <<-POD
		apiVersion: v1
		kind: Pod
		metadata: {name: hw-rng-monitor, namespace: kube-system}
		spec:
		  nodeName: $NODE
		  terminationGracePeriodSeconds: 0
		  tolerations: [{operator: Exists}]
		  containers:
		    - name: monitor
		      image: $helper_image
		      imagePullPolicy: IfNotPresent
		      command: [sleep, "600"]
		      volumeMounts: [{name: custom-config, mountPath: /custom-config}]
		  volumes: [{name: custom-config, configMap: {name: hardware-rng-monitor}}]
	POD
	# node_says STATUS: one round of the monitor, its conditions patched into the node; true where the node then says STATUS
	node_says() {
		k -n kube-system exec hw-rng-monitor -- node-problem-detector /custom-config/hardware-rng-monitor.json >"$scratch/condition" 2>&1 &&
			python3 -c 'import json, sys, time
now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
print(json.dumps({"status": {"conditions": [{**c, "lastHeartbeatTime": now, "lastTransitionTime": now} for c in json.load(sys.stdin)["conditions"]]}}))' \
				<"$scratch/condition" >"$scratch/patch" && patch_node "$scratch/patch"
		[ "$(k get node "$NODE" -o 'jsonpath={.status.conditions[?(@.type=="HardwareRNGHealthy")].status}')" = "$1" ]
	}
	# not by curl: for that name a server writes the answer indented, on which 1.20 of Debian 12 panics, then and at later requests
	patch_node() { k patch node "$NODE" --subresource=status --type=strategic --patch-file="$1" >/dev/null; }
	until_true 120 node_says True
	verdict "$s1" "$scratch/condition"
	deploy_zeros() { kubectl kustomize k8s/overlays/privileged | sed 's|# device: .*|device: /host_dev/zero|' | k apply -f - && kn delete pods -l app.kubernetes.io/component=node-daemon --wait --timeout=60s; }
	deploy_zeros >>"$scratch/condition" 2>&1
	# the two rules look one after the other, so the first look may fall between two states
	zeros_told() { node_says False && grep -q 'HardwareRNGFailed.*health test failed: repetition_count' "$scratch/condition"; }
	until_true 120 zeros_told
	verdict "$s2" "$scratch/condition"
	echo '{"status": {"conditions": [{"type": "HardwareRNGHealthy", "$patch": "delete"}]}}' >"$scratch/patch"
	patch_node "$scratch/patch"
	k -n kube-system delete pod hw-rng-monitor --now >/dev/null 2>&1
	k -n kube-system delete configmap hardware-rng-monitor >/dev/null 2>&1
}

native_sidecar() {
	local sentence='the native sidecar of examples/app-pod.yaml: the application starts once there are numbers' minor
	local restricted='the native sidecar of examples/app-pod-restricted.yaml: numbers of the CPU, at level restricted'
	minor=$(server_minor)
	if [ "${minor:-0}" -lt 29 ]; then
		skip "$sentence" "Kubernetes 1.$minor; it needs 1.29"
		skip "$restricted" "Kubernetes 1.$minor; it needs 1.29"
		return
	fi
	k apply -f k8s/examples/numbers-consumer/namespace.yaml >"$scratch/app" 2>&1
	k -n numbers-consumer apply -f k8s/examples/app-pod-restricted.yaml >>"$scratch/app" 2>&1
	restricted_reads() { k -n numbers-consumer logs app-restricted -c app >"$scratch/app" 2>&1 && grep -qE '^10000 numbers, -?[0-9]+ s old$' "$scratch/app"; }
	until_true 120 restricted_reads
	verdict "$restricted" "$scratch/app"
	k delete namespace numbers-consumer --ignore-not-found --wait=false >/dev/null 2>&1
	if ! offered; then skip "$sentence" 'no device plugin'; return; fi
	k create namespace "$NS" >/dev/null 2>&1
	kn apply -f k8s/examples/app-pod.yaml >"$scratch/app" 2>&1
	app_reads() {
		kn logs app-with-numbers -c app >"$scratch/app" 2>&1 && grep -q 'the first number is -\?[0-9]' "$scratch/app" &&
			grep -qx 'ok: 10000 numbers' "$scratch/app"
	}
	until_true 120 app_reads
	verdict "$sentence" "$scratch/app"
}
