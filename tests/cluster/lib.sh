# lib.sh - what the cluster's test shares: the report, waiting, images. Sourced; `top` is the tree.
# shellcheck shell=bash disable=SC2034
passed=0 failed=0 skipped=0
scratch=$(mktemp -d)
NS=random-refresher
image=localhost/random-refresher:${VERSION:?}
busybox=docker.io/library/busybox:1.37
debian=docker.io/library/debian:trixie-slim

ok() { echo "ok - $1"; passed=$((passed + 1)); }
not_ok() {
	echo "not ok - $1"
	[ -z "${2:-}" ] || tail -n 30 "$2" 2>/dev/null | sed 's/^/    /'
	failed=$((failed + 1))
}
skip() { echo "skip - $1: $2"; skipped=$((skipped + 1)); }
verdict() {
	local rc=$? file=${2:-}
	[ "$file" != logs ] || file=$(logs)
	if [ $rc = 0 ]; then ok "$1"; else not_ok "$1" "$file"; fi
}
finish() {
	echo "$passed passed, $failed failed, $skipped skipped"
	[ "$failed" = 0 ] || exit 1
	[ "$passed" -gt 0 ] || exit 77
	exit 0
}
skip_all() { skip "$1" "$2"; finish; }

until_true() { # SECONDS COMMAND...
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 1
	done
}

k() { kubectl --request-timeout=60s "$@"; }
kn() { k -n "$NS" "$@"; }
# the first pod that is not on its way out
the_pod() { kn get pods -l app.kubernetes.io/component=node-daemon --no-headers 2>/dev/null | awk '$3 != "Terminating" {print $1; exit}'; }
# ask PATH: the answer of the first pod, through the API server; an answer of 503 too
ask() { curl -s --max-time 10 "$api/api/v1/namespaces/$NS/pods/$(the_pod):8080/proxy$1"; }
# start_proxy: sets api, the address of a kubectl proxy that lasts as long as the test
start_proxy() {
	kubectl proxy --port=0 >"$scratch/proxy" 2>&1 &
	proxy_pid=$!
	until_true 10 grep -qs Starting "$scratch/proxy"
	api=http://127.0.0.1:$(sed -n 's/.*127.0.0.1://p' "$scratch/proxy")
}

# A pod of image $1 that ends with 0 within $2 seconds: the nodes have the image or can get it.
image_works() {
	local pod=image-look-$$ phase='' end=$((SECONDS + $2))
	k -n default run "$pod" --image="$1" --image-pull-policy=IfNotPresent --restart=Never --overrides="{\"spec\": {
		\"nodeName\": \"$NODE\", \"tolerations\": [{\"operator\": \"Exists\"}]}}" --command -- sh -c true >/dev/null 2>&1
	while [ $SECONDS -lt $end ] && [ "$phase" != Succeeded ]; do
		sleep 1
		phase=$(k -n default get pod "$pod" -o 'jsonpath={.status.phase}')
		case $(k -n default get pod "$pod" -o 'jsonpath={.status.containerStatuses[*].state.waiting.reason}') in
		*Pull*) break ;;
		esac
	done
	k -n default delete pod "$pod" --now >/dev/null 2>&1
	[ "$phase" = Succeeded ]
}

# Every node of the cluster is this machine: its runtime is the one that ctr and k3s here would load into.
nodes_are_here() {
	local address own
	own=" $(hostname -I 2>/dev/null) "
	for address in $(k get nodes -o 'jsonpath={.items[*].status.addresses[?(@.type=="InternalIP")].address}'); do
		[[ $own == *" $address "* ]] || return 1
	done
}

# How an image file gets onto the nodes: LOAD_IMAGE, a command that takes the file, or what the cluster is known by.
find_loader() {
	local context
	context=$(kubectl config current-context 2>/dev/null)
	if [ -n "${LOAD_IMAGE:-}" ]; then
		read -ra loader <<<"$LOAD_IMAGE"
	elif [[ $context == kind-* ]] && command -v kind >/dev/null; then
		loader=(kind load image-archive --name "${context#kind-}")
	elif [ "$context" = minikube ] && command -v minikube >/dev/null; then
		loader=(minikube image load)
	elif ! nodes_are_here; then
		return 1
	elif command -v k3s >/dev/null; then
		loader=(k3s ctr images import)
	elif command -v ctr >/dev/null && timeout 10 ctr -n k8s.io version >/dev/null 2>&1; then
		loader=(ctr -n k8s.io images import)
	else
		return 1
	fi
}
# load NAME: from podman's store onto the nodes
load() {
	rm -f "$scratch/image.tar"
	podman save -q -o "$scratch/image.tar" "$1" && timeout 300 "${loader[@]}" "$scratch/image.tar" >"$scratch/load.log" 2>&1
	local rc=$?
	rm -f "$scratch/image.tar"
	return $rc
}

# Where the nodes cannot pull: the same shell and tools from Debian's package, under the name that the manifests use.
make_busybox() {
	local c
	command -v busybox >/dev/null || return 1
	! ldd "$(command -v busybox)" >/dev/null 2>&1 || return 1
	c=$(buildah from scratch) || return 1
	local root
	root=$(buildah mount "$c")
	mkdir -p "$root/bin" "$root/tmp" "$root/etc"
	chmod 1777 "$root/tmp"
	cp "$(command -v busybox)" "$root/bin/busybox"
	busybox --list | while read -r applet; do [ "$applet" = busybox ] || ln -s busybox "$root/bin/$applet"; done
	echo 'root:x:0:0:root:/:/bin/sh' >"$root/etc/passwd"
	buildah umount "$c" >/dev/null
	buildah config --env PATH=/bin --cmd sh "$c"
	buildah commit -q "$c" "$busybox" >/dev/null
	buildah rm "$c" >/dev/null
}
