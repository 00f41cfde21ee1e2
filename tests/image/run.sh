#!/usr/bin/env bash
# run.sh: builds the image twice and for arm64, and runs it under podman as a cluster would. Needs root (a device) and
# podman. What the machine cannot offer is skipped by name. IMAGE=NAME tests that image of podman's store and builds
# nothing; ARM64=no leaves the second architecture out, AGAIN=no the second build.
set -u
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$here/lib.sh"
image=${IMAGE:-localhost/random-refresher:test}
size_limit=16000000
reader=$top/k8s/overlays/with-sidecar/read-numbers

[ "$(id -u)" = 0 ] || skip_all 'the image' 'needs root'
command -v podman >/dev/null || skip_all 'the image' 'podman is not installed'
BASE=$("$here/base-image" 2>"$scratch/base.log") || skip_all 'the image' "no base image: $(tail -n 1 "$scratch/base.log")"
VERSION=${VERSION:-$(sed -n 's/^VERSION := //p' "$top/Makefile")}
export SOURCE_URL=${SOURCE_URL:-https://git.example.org/random-refresher}
export BASE VERSION SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-1700000000}

# ---- build ----
build() { # NAME LOG OPTION...
	local name=$1 log=$2
	shift 2
	timeout 1200 "$top/k8s/image/make-image" "$name" --engine podman "$@" --layers=false >"$log" 2>&1
}
if [ -z "${IMAGE:-}" ]; then
	build "$image" "$scratch/build.log"
	verdict 'the image builds' "$scratch/build.log"
	[ "$failed" = 0 ] || finish
fi
find_runtime "$image" || skip_all 'containers' "no runtime starts one: $(tail -n 1 "$scratch/runtime.log")"

inspect() { podman image inspect --format "$1" "${2:-$image}"; }
root=$(podman image mount "$image")
bytes=$(du -sb --apparent-size "$root" | cut -f1)
[ "$bytes" -le $size_limit ]
verdict "unpacked it has $bytes bytes, at most $size_limit"
[ "$(inspect '{{.User}} {{.Config.StopSignal}} {{len .RootFS.Layers}}')" = '65532:65532 SIGTERM 1' ]
verdict 'it runs as 65532, stops by SIGTERM, and has one layer'
[ -z "$(find "$root" -perm /111 -type f ! -path '*/usr/lib/*' ! -path '*/usr/bin/refresher' ! -path '*/usr/bin/refresher-assess')" ] && [ ! -e "$root/bin" ]
verdict 'the two programs are in it, no shell and no other one'
[ "$(readlink "$root/numbers.txt")" = /run/random-refresher/numbers.txt ]
verdict '/numbers.txt is a link into the volume'
labels=$(inspect '{{json .Config.Labels}}')
for key in title description source url documentation licenses vendor version revision created base.name; do
	grep -q "org.opencontainers.image.$key\":\"[^\"]" <<<"$labels" || echo "$key"
done >"$scratch/labels"
[ ! -s "$scratch/labels" ] || [ -n "${IMAGE:-}" ]
verdict 'it carries eleven OCI labels, each filled in' "$scratch/labels"
label() { inspect "{{index .Config.Labels \"org.opencontainers.image.$1\"}}"; }
printf '%s\n' "$(label title)" "$(label licenses)" "$(label version)" "$(label created)" >"$scratch/labels"
created=$(date -u -d "@$SOURCE_DATE_EPOCH" +%FT%TZ)
[ -z "${IMAGE:-}" ] || created=$(label created) # another one's time
printf '%s\n' random-refresher Apache-2.0 "$VERSION" "$created" | cmp -s - "$scratch/labels"
verdict "the labels say random-refresher, Apache-2.0, $VERSION and the time of the source" "$scratch/labels"
# each library by a package: its own list of files, or for the library made here the package of that name
find "$root/usr/lib" -name '*.so*' -type f -printf '%f\n' | while read -r library; do
	grep -qrsF "/$library" "$root/var/lib/dpkg/status.d" && continue
	compgen -G "$root/var/lib/dpkg/status.d/${library%%.so*}*" >/dev/null || echo "$library"
done >"$scratch/unowned"
[ ! -s "$scratch/unowned" ]
verdict 'a scanner finds a package entry for every library' "$scratch/unowned"
podman image unmount "$image" >/dev/null

if [ "${AGAIN:-yes}" = no ] || [ -n "${IMAGE:-}" ]; then
	skip 'a second build gives the same layer' 'AGAIN=no, or IMAGE is given'
else
layer=$(inspect '{{index .RootFS.Layers 0}}')
build "$image-again" "$scratch/again.log" --build-arg UNIT_TESTS=yes
verdict 'the unit tests pass in the build on Debian 13' "$scratch/again.log"
[ "$(inspect '{{index .RootFS.Layers 0}}' "$image-again" 2>/dev/null)" = "$layer" ]
verdict "a second build from nothing gives the same layer, ${layer:7:12}"
fi

all_arm64() { # FILE...
	local f
	for f; do readelf -h "$f" | grep -q AArch64 || return 1; done
}
if [ "${ARM64:-yes}" = no ] || [ -n "${IMAGE:-}" ]; then
	skip 'the arm64 image' 'ARM64=no, or IMAGE is given'
elif [ "$(uname -m)" = aarch64 ]; then
	skip 'the arm64 image' 'this machine is one, the other checks are about it'
else
	build "$image-arm64" "$scratch/arm64.log" --arch arm64 --build-arg UNIT_TESTS=yes
	verdict 'the arm64 image cross-builds, and the unit tests pass under qemu' "$scratch/arm64.log"
	root=$(podman image mount "$image-arm64")
	[ "$(inspect '{{.Architecture}}' "$image-arm64")" = arm64 ] && all_arm64 "$root"/usr/bin/refresher{,-assess} "$root"/usr/lib/*/lib*.so*
	verdict 'every program and library in it is arm64'
	echo "    $(du -sb --apparent-size "$root" | cut -f1) bytes"
	podman image unmount "$image-arm64" >/dev/null
fi

# ---- the device, as the cluster hands it out ----
host_dev=(-v /dev:/host_dev:ro)
memory_dir=(--read-only --read-only-tmpfs=false --tmpfs '/run/random-refresher:mode=0777,size=8m')
has_rng() { [ -c /dev/hwrng ] && head -c 1 /dev/hwrng >/dev/null 2>&1; }
log=$scratch/run.log
if has_rng; then
	run_once "$log" "${host_dev[@]}" --user 0 "$image" -s device -l none /numbers.txt 10
	[ $? = 77 ] && grep -q 'device cgroup' "$log" && grep -q 'privileged' "$log"
	verdict 'not privileged: exit 77, and the message names the device cgroup and the remedy' "$log"
	run_once "$log" --device /dev/hwrng:/dev/hwrng:r "$image" -s device -l none /numbers.txt 10
	[ $? = 77 ] && grep -qE 'mode [0-7]+ of 0:0 refuses uid 65532' "$log"
	verdict 'the device for uid 65532: exit 77, and the message names the file mode' "$log"
	run_once "$log" --privileged --user 0 "${host_dev[@]}" "${memory_dir[@]}" "$image" -s device -l none /numbers.txt 10000 &&
		grep -q 'numbers=10000' "$log"
	verdict 'privileged with a read-only root: 10000 numbers from /host_dev/hwrng' "$log"
	run_once "$log" --device /dev/hwrng:/dev/hwrng:r --user 0 --cap-drop ALL --security-opt no-new-privileges \
		"${memory_dir[@]}" "$image" -s device -l none /numbers.txt 10000 && grep -q 'numbers=10000' "$log"
	verdict 'the device alone, uid 0, no capability, read-only root: 10000 numbers' "$log"
	source=device
else
	skip 'the four ways to the device' 'no generator here'
	source=auto
fi

run_once "$log" "${host_dev[@]}" --entrypoint '["refresher","/numbers.txt","10000"]' "$image" && grep -q 'numbers=10000' "$log"
verdict "the command of the book's example works with only the program's name changed" "$log"

# ---- an assessment, and the daemon that takes it ----
evidence=$scratch/evidence
mkdir -m 0777 "$evidence"
chmod 0777 "$evidence" # whatever the umask
head -c 1000000 /dev/urandom >"$evidence/samples"
assess=(--user 65532 --read-only --read-only-tmpfs=false -v "$evidence:/evidence" --entrypoint '["refresher-assess"]' "$image")
run_once "$log" "${assess[@]}" --bits 8 --output /evidence/result.json /evidence/samples && grep -q '"assessed": true' "$evidence/result.json"
verdict 'refresher-assess, with a read-only root and as uid 65532, writes what it found into a volume' "$log"
run_once "$log" --user 65532 "${memory_dir[@]}" -v "$evidence:/evidence:ro" "$image" -s kernel -l none \
	--set source.min_entropy_file=/evidence/result.json /numbers.txt 10 && ! grep -q 'evidence' "$log" && grep -q 'numbers=10' "$log"
verdict 'and the daemon takes it' "$log"

# ---- a daemon and its sidecar ----
volume=$scratch/volume
mkdir -m 0777 "$volume"
chmod 0777 "$volume" # whatever the umask
port=$(free_port)
start daemon --privileged --user 0 "${host_dev[@]}" --read-only --read-only-tmpfs=false -v "$volume:/run/random-refresher" \
	"$image" -s $source -l "127.0.0.1:$port" /numbers.txt 10000 0.1 && until_true 30 answers /readyz 200
verdict 'a daemon gets ready' logs
daemon=$container
pid=$(podman inspect --format '{{.State.Pid}}' "$daemon")
grep -hE '^(Uid|CapEff|NoNewPrivs|Seccomp):' /proc/"$pid"/task/*/status | sort -u >"$scratch/confined"
printf 'CapEff:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2\nUid:\t65532\t65532\t65532\t65532\n' | cmp -s - "$scratch/confined"
verdict 'started as uid 0 and privileged, every thread is uid 65532 without a capability, under seccomp' "$scratch/confined"

start sidecar --user 1000 --read-only --read-only-tmpfs=false -v "$volume:/run/random-refresher:ro" -v "$reader:/opt/read-numbers:ro" \
	"$BASE" sh /opt/read-numbers --watch 0.02 /run/random-refresher/numbers.txt 10000 65
sidecar=$container
generations() { [ "$(podman logs "$sidecar" 2>&1 | grep -c '^ok')" -ge "$1" ]; }
until_true 120 generations 50 && ! logged '^not ok'
verdict 'a sidecar of another image reads 50 generations, each whole' logs
drop

container=$daemon
begin=$(date +%s%N)
"${PODMAN[@]}" stop -t 10 "$daemon" >/dev/null 2>&1
milliseconds=$((($(date +%s%N) - begin) / 1000000))
[ "$(podman inspect --format '{{.State.ExitCode}}' "$daemon")" = 0 ] && [ $milliseconds -lt 10000 ]
verdict "SIGTERM ends it with 0 within the grace period ($milliseconds ms with podman's own time)" logs
[ "$(wc -l <"$volume/numbers.txt")" = 10000 ] && [ -z "$(find "$volume" -name '.*')" ]
verdict 'the last file stays whole, and no other file is left' logs
drop

# ---- a single file as mount ----
single=$scratch/single.txt
: >"$single"
chmod 0666 "$single"
run_once "$log" --privileged --user 0 -v "$single:/shared/numbers.txt" "$image" -s auto -l none /shared/numbers.txt 10000 &&
	grep -q 'level=warn.*torn' "$log" && [ "$(wc -l <"$single")" = 10000 ]
verdict 'a mount of the single file is written in place, with a warning about torn files' "$log"

# ---- the device taken away ----
mkfifo "$scratch/take-away"
"$here/pty-device" <"$scratch/take-away" >"$scratch/pty" &
helpers+=($!)
sleep 600 >"$scratch/take-away" & # holds it; no container inherits it
holder=$!
helpers+=("$holder")
until_true 10 test -s "$scratch/pty"
port=$(free_port)
start pty --user 0 -v /dev/pts:/host_dev/pts "${memory_dir[@]}" "$image" -s device -d "/host_dev/pts/$(cat "$scratch/pty")" \
	-l "127.0.0.1:$port" --set source.timeout=2 /numbers.txt 10000 1 && until_true 30 answers /readyz 200
verdict 'another character device serves as generator' logs
kill "$holder"
until_true 30 answers /readyz 503 && answers /healthz 200
verdict 'the device taken away: not ready, and live' logs
answers '/readyz?verbose' 503
grep -E '^\[-\]source failed: .*' "$scratch/body" && logged 'level=(warn|error).*(source|device)'
verdict 'its reason stands in /readyz?verbose and in one line of the log' logs
drop

# ---- memory ----
refreshed() { [ "$(curl -s --max-time 5 "http://127.0.0.1:$port/metrics" | awk '/^random_refresher_refreshes_total/ {print $2}')" -ge "$1" ] 2>/dev/null; }
port=$(free_port)
start memory --memory 16m --memory-swap 16m --user 0 --privileged "${host_dev[@]}" "${memory_dir[@]}" "$image" -s $source \
	-l "127.0.0.1:$port" /numbers.txt 365000 1 && until_true 60 refreshed 5
verdict 'a limit of 16 MiB holds while the old and the new file fill the volume of 8 MiB' logs
pid=$(podman inspect --format '{{.State.Pid}}' "$container")
for f in /sys/fs/cgroup/memory"$(sed -n 's/.*:memory://p' /proc/"$pid"/cgroup)"/memory.max_usage_in_bytes \
	/sys/fs/cgroup"$(sed -n 's/^0:://p' /proc/"$pid"/cgroup)"/memory.peak; do
	[ ! -r "$f" ] || echo "    peak of the container: $(cat "$f") bytes; a file has $(sed -n 's/.* bytes=//p' "$(logs)" | tail -n 1) bytes;" \
		"resident: $(awk '/^(RssAnon|RssFile)/ {printf "%s %s kB ", $1, $2}' /proc/"$pid"/status)"
done
drop
finish
