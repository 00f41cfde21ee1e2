# What is said of an output that cannot be written fits the facts, and can be followed.
. "$TESTS/system/lib.sh"
# one WANTED-EXIT SENTENCE ARG...: one line of it, with the exit code
one() {
	local code=$1 sentence=$2
	shift 2
	expect "$code" -s kernel -l none "$@" 3
	says "$sentence"
	[ "$(grep -c level=error log)" = 1 ] || fail "more than one error: $(grep level=error log)"
}
one 73 'output: cannot create a file for /proc/x: the files of /proc are the kernel.s own; choose another FILE' /proc/x
one 73 'the files of /proc/self are the kernel.s own|/proc/[0-9]+ are the kernel.s own' /proc/self/x
one 73 'cannot create a file for /sys/x: the files of /sys are the kernel.s own; choose another FILE' /sys/x
one 73 '/no \(on the way to /no/such/n.txt\) does not exist; create it or mount a volume there' /no/such/n.txt
one 73 'names a directory; FILE must be a file in it' "$TMP/"
[ "$(id -u)" = 0 ] || { skip_part 'read-only directories, mounts and attributes: needs root'; exit 0; }
unshare -m true 2>/dev/null || { skip_part 'read-only directories and mounts: no mount name space'; exit 0; }

# in a mount name space of its own, SCRIPT prepares it
inside() {
	local script=$1 code=$2 sentence=$3 rc=0
	shift 3
	unshare -m --propagation private sh -c "$script; exec \"\$@\"" sh "$REFRESHER" -s kernel -l none "$@" 3 2>log >/dev/null || rc=$?
	[ $rc = "$code" ] || fail "exit $rc instead of $code: $*"
	says "$sentence"
}
mkdir vol
chmod 777 vol
inside 'mount -o bind / / && mount -o remount,bind,ro /' 73 \
	'cannot create a file for /numbers.txt, the root directory is read-only; mount an emptyDir or another volume at a directory of its own, and name a FILE in it' /numbers.txt
says 'Read-only file system'
! grep -q 'emptyDir at /[^a-z]' log || fail "advice that nobody can follow: $(cat log)"
inside "mount -t tmpfs -o ro none $TMP/vol" 73 \
	"cannot create a file for $TMP/vol/n.txt; mount the volume at $TMP/vol writable .*Read-only file system" "$TMP/vol/n.txt"
inside "mount -t tmpfs -o ro none $TMP/vol; mkdir -p $TMP/vol/d 2>/dev/null; mount -o remount,rw $TMP/vol; mkdir $TMP/vol/d; mount -o remount,ro $TMP/vol" 73 \
	"; mount an emptyDir or another volume at $TMP/vol/d, or choose another FILE: Read-only file system" "$TMP/vol/d/n.txt"
inside "mount -t tmpfs -o size=4k,nr_inodes=1 none $TMP/vol" 74 'free space or inodes, or set a larger sizeLimit: No space left on device' "$TMP/vol/n.txt"

# an attribute that no mode shows
mkdir fixed
if chattr +i fixed 2>/dev/null; then
	trap 'chattr -i "$TMP/fixed"; cleanup' EXIT
	one 77 'directory .*fixed seems to be immutable or append-only \(lsattr shows it, chattr -i -a undoes it\), or a security module forbids it' "$TMP/fixed/n.txt"
else
	skip_part 'an immutable directory: no such attribute here'
fi
