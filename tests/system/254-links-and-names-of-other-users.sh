# Another user's link, hard link or temporary name beside FILE: nobody is led astray, and nobody is kept from publishing.
. "$TESTS/system/lib.sh"
[ "$(id -u)" = 0 ] || skip 'needs root to be another user'
home=$(mktemp -d)
chmod 755 "$home"
trap 'cleanup; rm -rf "$home"' EXIT
as() { local user=$1; shift; setpriv --reuid "$user" --regid "$user" --clear-groups "$@"; }
victim=$home/victim
whole() { [ "$(cat "$victim")" = precious ] && [ "$(stat -c %a "$victim")" = 600 ] || fail "$1: the victim: $(ls -l "$victim")"; }

# 1. a link of another user is not followed by root, whatever the mode of its directory; nor one before the last component
for mode in 755 775 777 1777; do
	rm -rf "$home/g"
	mkdir "$home/g"
	echo precious >"$victim" && chmod 600 "$victim"
	chown 1000:1000 "$home/g" && chmod $mode "$home/g"
	as 1000 ln -s "$victim" "$home/g/numbers.txt"
	as 1000 ln -s "$home" "$home/g/dir"
	for file in g/numbers.txt g/dir/victim; do
		for write in auto in_place; do
			expect 77 -s kernel -l none --set output.write=$write "$home/$file" 3
			says "symbolic link of uid 1000, who could lead it anywhere; it is not followed: remove it, or name its target"
			whole "mode $mode, $file, $write"
		done
	done
done
# a hard link is no link that could be refused by its owner: what is written in place would be the other file
as 0 ln "$victim" "$home/g/hard.txt"
expect 77 -s kernel -l none --set output.write=in_place "$home/g/hard.txt" 3
says 'has 2 names \(hard links\), so that another file would be written over'
whole 'hard link, in place'
expect 0 -s kernel -l none --set confine.user=none --set confine.capabilities=false "$home/g/hard.txt" 3 # replaced, not written over
whole 'hard link, replaced'

# 2. root's links are followed, and those of the user who starts it
rm -rf "$home/g"
mkdir "$home/g" "$home/real"
chown 1000:1000 "$home/g" "$home/real"
ln -s "$home/real" "$home/g/dir"
as 1000 ln -s "$home/g/dir/real.txt" "$home/g/numbers.txt"
rc=0
as 1000 "$REFRESHER" -s kernel -l none "$home/g/numbers.txt" 3 2>log || rc=$?
[ $rc = 0 ] || fail "our own link and root's: exit $rc"
int32_file "$home/real/real.txt" 3

# 3. names such as temporary files have, made and locked by another before the start as process 1
rm -rf "$home/t"
mkdir "$home/t"
chmod 1777 "$home/t"
interpreter=/usr/bin/python3
[ -x $interpreter ] || interpreter=$(type -P python3)
as 1000 "$interpreter" - "$home/t" <<'PY' &
import fcntl, os, sys, time
os.chdir(sys.argv[1])
held = []
for i in range(64):
    for name in (".n.txt.tmp.%d" % i, ".n.txt.tmp.1.%d" % i, ".n.txt.tmp.%016x" % i):
        held.append(open(name, "w"))
        fcntl.flock(held[-1], fcntl.LOCK_EX)
open("ready", "w").close()
time.sleep(120)
PY
children+=($!)
until_true 10 test -e "$home/t/ready"
unshare -pf true 2>/dev/null && alone=(unshare -pf) || alone=()
for run in 1 2; do
	timeout 20 "${alone[@]}" "$REFRESHER" -s kernel -l none "$home/t/n.txt" 3 2>log || fail "names that are taken: exit $?"
	[ "$(stat -c %u "$home/t/n.txt")" = 65532 ] || fail "run $run: root stays: $(grep layer=user log)"
	! grep -q 'File exists' log || fail 'a name that is taken was told'
done
[ "$(find "$home/t" -name '.n.txt.tmp.*' | wc -l)" = 192 ] || fail "another user's files were removed"
[ -n "${alone[*]}" ] || skip_part 'as process 1: no process name space'
