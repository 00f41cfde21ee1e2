# auto: 65532 where it may write, else uid 0 with a warning; a user that is forced must be able to write; always 77 with a remedy.
. "$TESTS/system/lib.sh"
. "$TESTS/system/confine.sh"
need_root
home=$(mktemp -d) binary=$REFRESHER
chmod 755 "$home"
trap 'cleanup; rm -rf "$home"' EXIT
one() { timeout 20 "$REFRESHER" -l none -s kernel "$@" 10 2>log || fail "exit $?: $*"; }
owner() { stat -c %u:%g "$1"; }

mkdir "$home/mine" "$home/roots" "$home/theirs" "$home/all" "$home/group"
chown 65532:65532 "$home/mine"
chown 1000:1000 "$home/theirs"
chown 0:65532 "$home/group" && chmod 2775 "$home/group" # as fsGroup: 65532 makes an emptyDir
chmod 1777 "$home/all"

one "$home/mine/n"
[ "$(owner "$home/mine/n")" = 65532:65532 ] || fail "owner $(owner "$home/mine/n")"
one "$home/group/n"
[ "$(owner "$home/group/n")" = 65532:65532 ] || fail "owner $(owner "$home/group/n")"
one "$home/roots/n"
says "layer=user"
says "uid 0 stays: uid 65532 may not create a file for $home/roots/n: $home/roots belongs to 0:0.* with mode 0755"
[ "$(owner "$home/roots/n")" = 0:0 ] || fail "owner $(owner "$home/roots/n")"

# root without capabilities is nobody in a directory of another's: said at once, not at every refresh
expect 77 -s kernel -l none "$home/theirs/n" 10
says 'nor can uid 0, once it has no capabilities'
[ -z "$(ls -A "$home/theirs")" ] || fail "left behind: $(ls -A "$home/theirs")"
one --set confine.user=1000 "$home/theirs/n"
[ "$(owner "$home/theirs/n")" = 1000:1000 ] || fail "owner $(owner "$home/theirs/n")"
one --set output.owner=1000:1000 "$home/theirs/n" # auto becomes the owner that files shall have
[ "$(owner "$home/theirs/n")" = 1000:1000 ] || fail "owner $(owner "$home/theirs/n")"
expect 77 -s kernel -l none --set confine.user=65532 "$home/theirs/n" 10
says 'confine.user 65532: uid 65532 may not create a file for'

# group 0 is no privilege (OpenShift: any uid, group 0)
mkdir "$home/g0"
chown 65532:0 "$home/g0"
one --set confine.user=65532:0 "$home/g0/n"
[ "$(owner "$home/g0/n")" = 65532:0 ] || fail "owner $(owner "$home/g0/n")"

# a file that root left in a sticky directory cannot be replaced by another
echo 1 >"$home/all/n"
one "$home/all/n"
says 'is another user.s in a sticky directory'
rm "$home/all/n"
one "$home/all/n"
[ "$(owner "$home/all/n")" = 65532:65532 ] || fail "owner $(owner "$home/all/n")"

# what is written into needs no right to its directory
mkdir "$home/foreign"
echo 1 >"$home/foreign/mine"
echo 1 >"$home/foreign/roots"
chown 65532:65532 "$home/foreign/mine"
for user in auto 65532; do
	one --set confine.user=$user --set output.write=in_place "$home/foreign/mine"
	says 'msg=published'
	if grep -q 'uid 0 stays' log; then fail "$user: root stays"; fi
done
# nor to the file itself, which is open before the user changes
one --set confine.user=65532 --set output.write=in_place "$home/foreign/roots"
[ "$(wc -l <"$home/foreign/roots")" = 10 ] && [ "$(owner "$home/foreign/roots")" = 0:0 ] || fail "the file of root: $(ls -l "$home/foreign/roots")"

# a directory of its own that it may not write: the mode is what has to change
mkdir "$home/own"
chown 65532:65532 "$home/own"
for mode in 0555 0666; do
	chmod $mode "$home/own"
	expect 77 -s kernel -l none --set confine.user=65532 "$home/own/n" 10
	says "(is its own but has|belongs to 65532:65532 with) mode $mode"
done

# too few descriptors: at whatever number, either the limit is named or numbers come
for limit in 6 7 8 9 10 11 12 13 14 15 16; do
	rc=0
	prlimit --nofile=$limit "$REFRESHER" -l none -s kernel "$home/mine/few" 10 2>log || rc=$?
	[ $rc = 0 ] || { [[ $rc = 7[14] ]] && grep -q 'open files' log; } || fail "$limit descriptors: exit $rc"
done

expect 78 -s kernel -l none --set confine.user=no-such-user "$home/mine/n" 10
says 'there is no user'
one --set confine.user=nobody "$home/all/n2"
[ "$(stat -c %U "$home/all/n2")" = nobody ] || fail "owner $(owner "$home/all/n2")"

# uid 0 of a container that has no capability at all: it stays what it is, and says what it would need
wrapper bare setpriv --bounding-set=-all --inh-caps=-all --
one "$home/roots/n"
says 'give it the capabilities SETUID and SETGID'

# a parent that ignores SIGCHLD: the trial is collected all the same
rm -f "$home/mine/n"
REFRESHER=$binary
wrapper childless env --ignore-signal=CHLD
one "$home/mine/n"
[ "$(owner "$home/mine/n")" = 65532:65532 ] || fail "with SIGCHLD ignored: owner $(owner "$home/mine/n")"
