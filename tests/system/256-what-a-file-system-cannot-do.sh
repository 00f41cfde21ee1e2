# A file system that cannot sync, set a mode or an owner: one warning, and numbers flow; what the user asked for stays an error.
. "$TESTS/system/lib.sh"
no_search_for_leaks
command -v strace >/dev/null || skip 'no strace'
mkdir out
strace -o /dev/null true 2>/dev/null || skip 'strace may not trace here'
# the files are looked at as who made them; and strace of an ordinary user finds paths of a dumpable process only
options=(--set confine.user=none --set confine.no_core_dump=false)
# run RC INJECTION ARG...: a run with that fault
run() {
	local want=$1 inject=$2 rc=0
	shift 2
	rm -rf out && mkdir out
	strace -f -o /dev/null -e trace=fsync,fchmod,fchown -e inject="$inject" "$REFRESHER" -s kernel -l none "${options[@]}" "$@" out/d.txt 5 2>log || rc=$?
	[ $rc = "$want" ] || fail "$inject $*: exit $rc instead of $want"
}
warnings() { grep -c 'level=warn.*file=' log || true; }
# path-bound: the directory alone
directory() {
	local want=$1 rc=0
	rm -rf out && mkdir out
	strace -f -o /dev/null -P "$PWD/out" -e trace=fsync -e inject="fsync:error=$2" "$REFRESHER" -s kernel -l none "${options[@]}" out/d.txt 5 2>log || rc=$?
	[ $rc = "$want" ] || fail "directory, $2: exit $rc instead of $want"
}
for error in EOPNOTSUPP ENOSYS EINVAL EBADF; do
	directory 0 $error
	[ "$(warnings)" = 1 ] || fail "directory, $error: $(warnings) warnings"
	says 'level=warn msg=output warning="the file system of .*out cannot bring a directory to the disk'
	int32_file out/d.txt 5
	run 0 "fsync:error=$error"
	says 'cannot bring a file to the disk'
	[ "$(warnings)" = 2 ] || fail "every fsync, $error: $(warnings) warnings"
	int32_file out/d.txt 5
done
for error in EIO ENOSPC EDQUOT; do
	directory 74 $error
	says 'its directory did not reach the disk'
	run 74 "fsync:error=$error"
	[ ! -e out/d.txt ] || fail "fsync, $error: published"
done

# the daemon says it once, and is well
rm -rf out && mkdir out
binary=$REFRESHER
printf '#!/bin/sh\nexec strace -f -o /dev/null -e trace=fsync -e inject=fsync:error=EOPNOTSUPP %q "$@"\n' "$binary" >traced
chmod 755 traced
REFRESHER=$PWD/traced
start -s kernel "${options[@]}" out/n.txt 10 0.1
until_true 10 ready_is 200
[ "$(code /healthz)" = 200 ] || fail "healthz: $(cat body)"
sleep 1
[ "$(warnings)" = 2 ] || fail "a daemon's warnings: $(warnings)"
kill -TERM "$(pgrep -P "$pid" | head -n 1)"
REFRESHER=$binary

# a mode that the file system refuses, with and without being asked for
for error in EPERM EACCES ENOSYS EOPNOTSUPP; do
	run 0 "fchmod:error=$error"
	says 'level=warn msg=output warning=".*out/d.txt has mode 0600 and not 0444: its file system does not set it'
	[ "$(warnings)" = 1 ] || fail "fchmod, $error: $(warnings) warnings"
	run 73 "fchmod:error=$error" --set output.mode=0640
	says 'the file system of out does not set output.mode 0640 .*its files have mode 0600; leave output.mode out'
done
run 0 'fchmod:retval=0'
says 'has mode 0600 and not 0444: its file system does not set it \(it has no effect\)'
run 73 'fchmod:retval=0' --set output.mode=0444
says 'does not set output.mode 0444 \(it has no effect\)'
run 74 'fchmod:error=EIO'
if [ "$(id -u)" = 0 ]; then
	run 73 'fchown:error=ENOSYS' --set output.owner=7:7
	says 'refuses output.owner 7:7'
	run 73 'fchown:retval=0' --set output.owner=7:7
	says 'whatever output.owner says; leave output.owner empty'
	run 77 'fchown:error=EPERM' --set output.owner=7:7
	says 'may not give files to output.owner 7:7'
fi

# the real thing
if ! command -v bindfs >/dev/null || ! { mkdir real mnt && bindfs --chmod-deny real mnt 2>/dev/null; }; then
	skip_part 'a file system that refuses modes: no bindfs'
	exit 0
fi
trap 'fusermount -u "$TMP/mnt" 2>/dev/null || fusermount3 -u "$TMP/mnt" || true; cleanup' EXIT
expect 0 -s kernel -l none mnt/d.txt 5
says 'level=warn msg=output warning=".*mnt/d.txt has mode 0[0-7]* and not 0444: its file system does not set it'
int32_file real/d.txt 5
expect 73 -s kernel -l none --set output.mode=0640 mnt/e.txt 5
says 'the file system of mnt does not set output.mode 0640'
[ ! -e real/e.txt ] || fail 'published against the wish'
[ -z "$(find real -name '.*tmp*')" ] || fail "left: $(ls -A real)"
