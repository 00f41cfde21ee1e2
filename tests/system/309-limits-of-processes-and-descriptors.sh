# A limit that is used up is named, whoever meets it first: a thread, the trial read, the trial of a user, a descriptor.
. "$TESTS/system/lib.sh"
no_search_for_leaks
. "$TESTS/system/confine.sh"
need_root
home=$(mktemp -d) cg=
chmod 755 "$home"
trap 'cleanup; rm -rf "$home"; [ -z "$cg" ] || rmdir "$cg"' EXIT
mkdir "$home/out"
chmod 777 "$home/out"
cp "$REFRESHER" "$home/refresher"
binary=$home/refresher
# The limit counts all processes of a uid: this one has no others.
user=$((100000 + $$))
# as COMMAND...: $user with no right at all, who starts by COMMAND
as() { REFRESHER=$binary; wrapper run "$@" setpriv --reuid $user --regid $user --clear-groups --bounding-set=-all --; }

as prlimit --nproc=1:1
expect 71 -s kernel -l none "$home/out/n" 10
says 'cannot start the collector thread: RLIMIT_NPROC, which allows uid '"$user"' 1 processes.*pids limit of the cgroup'
expect 71 -s auto -d /dev/zero -l none "$home/out/n" 10
says 'cannot start a process for the trial read: RLIMIT_NPROC'
[ ! -e "$home/out/n" ] || fail 'a file was written'

# root is bound by the cgroup alone
REFRESHER=$binary
parent=/sys/fs/cgroup/pids
[ -d "$parent" ] || parent=/sys/fs/cgroup
cg=$(mktemp -d -p "$parent" refresher.XXXXXX 2>/dev/null || true)
if [ -e "$cg/pids.max" ]; then
	cat >in-cgroup <<X
#!/bin/sh
echo \$\$ >"$cg/cgroup.procs" && exec "$binary" "\$@"
X
	chmod 755 in-cgroup
	REFRESHER=$PWD/in-cgroup
	echo 1 >"$cg/pids.max"
	expect 71 -s kernel -l none "$home/out/n" 10
	says 'whether uid 65532 can write: cannot start a process that tries it: the pids limit of the cgroup'
	echo 2 >"$cg/pids.max"
	expect 71 -s kernel -l none --set confine.user=none "$home/out/n" 10
	says 'cannot start the worker thread: the pids limit of the cgroup'
	! grep -q RLIMIT_NPROC log || fail 'RLIMIT_NPROC does not bind root'
else
	skip_part 'no cgroup with a pids limit can be made here'
fi

# at whatever number of descriptors: the limit is named, or numbers come
for limit in $(seq 5 24); do
	as prlimit --nofile="$limit"
	rc=0
	timeout 20 "$REFRESHER" -l none -s kernel "$home/out/few" 10 >/dev/null 2>log || rc=$?
	[ $rc = 0 ] || { [[ $rc = 7[14] ]] && grep -qE "RLIMIT_NOFILE" log; } || fail "$limit descriptors: exit $rc"
done
