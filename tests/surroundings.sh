#!/usr/bin/env bash
# surroundings.sh OUT: the system tests of the program in OUT (below this tree) that depend on what is around them (the lists
# are in tests/run), three times more: as an ordinary user, on a read-only root, and as on a kernel without Landlock. Needs root.
# Ends with the sum "N passed, N failed, N skipped".
set -u
top=$(cd "$(dirname "$(realpath "$0")")/.." && pwd)
out=$(realpath --relative-to="$top" "$1")
passed=0 failed=0 skipped=0
logs=$(mktemp -d)
# shellcheck disable=SC2046 # one word each
trap 'kill $(jobs -rp) 2>/dev/null; wait; rm -rf "$logs"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
if [ "$(id -u)" != 0 ] || ! unshare -m mount --make-rprivate / 2>/dev/null; then
	echo 'skip   surroundings: needs root and name spaces'
	echo '0 passed, 0 failed, 1 skipped'
	exit 77
fi

# Two tests at once in each of the three: more would measure the machine.
export TEST_JOBS=2
# The tree is bound to /mnt, where an ordinary user reaches it whatever is above it. They wait more than they work, so all
# of them run at once.
names=()
once() { # NAME COMMAND: run in a mount name space of its own
	local log=$logs/${#names[@]}
	names+=("$1")
	{
		trap 'kill $!; wait' TERM # tests/run ends its tests
		unshare -m bash -c "mount --make-rprivate / && mount --bind '$top' /mnt && cd /mnt && $2" &
		wait $!
		echo "exit $?"
	} >"$log" 2>&1 &
}
once 'an ordinary user' "exec setpriv --reuid 65532 --regid 65532 --clear-groups env HOME=/tmp TMPDIR=/tmp tests/run $out surroundings"
once 'a read-only root' "mount -t tmpfs -o mode=1777 tmpfs /tmp && mount -o remount,bind,ro / && ! touch /var/written 2>/dev/null &&
	exec env TMPDIR=/tmp tests/run $out mounts"
once 'a kernel without Landlock' "exec python3 tests/system/without_calls.py 444,445,446 /mnt/tests/run $out mounts"
wait
for i in "${!names[@]}"; do
	echo "== ${names[i]}"
	grep -vE '^(ok|exit) ' "$logs/$i"
	counts=$(grep -E '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$logs/$i" | tail -n 1)
	# shellcheck disable=SC2086 # three words
	set -- ${counts//[!0-9]/ }
	passed=$((passed + ${1:-0})) failed=$((failed + ${2:-0})) skipped=$((skipped + ${3:-0}))
	if [ "${2:-0}" = 0 ] && ! grep -qx 'exit 0' "$logs/$i"; then failed=$((failed + 1)); fi
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
