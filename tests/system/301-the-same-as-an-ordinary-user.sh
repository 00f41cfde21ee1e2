# Started without any privilege: the same layers hold, and a refresh, a reload and the end work.
. "$TESTS/system/lib.sh"
. "$TESTS/system/confine.sh"
need_root # else the test before this one has said it
home=$(mktemp -d)
chmod 755 "$home"
trap 'cleanup; rm -rf "$home"' EXIT
cp "$REFRESHER" "$home/refresher"
REFRESHER=$home/refresher
mkdir "$home/out" "$home/etc"
chown 1000:1000 "$home/out"
printf 'output: {file: %s/out/n.txt}\nrefresh: {interval: 0.3}\nnumbers: {count: 100}\n' "$home" >"$home/etc/r.yaml"
chmod 644 "$home/etc/r.yaml"
wrapper user setpriv --reuid 1000 --regid 1000 --clear-groups --inh-caps=-all --
start -s kernel -c "$home/etc/r.yaml"
until_true 5 ready_is 200
need_release
for set in CapInh CapPrm CapEff CapAmb; do every_thread $set 0000000000000000; done
every_thread NoNewPrivs 1
every_thread Seccomp 2
every_thread Uid '1000 1000 1000 1000'
[ "$(layer user)" = 1 ] || fail "user: $(detail user)"
[ "$(detail user)" = 'uid 1000, as it was started' ] || fail "user: $(detail user)"
detail capabilities | grep -q 'the bounding set keeps' || fail "the bounding set is not told: $(detail capabilities)"
if has_landlock; then
	[ "$(layer landlock)" = 1 ] || fail "landlock: $(detail landlock)"
else
	skip_part 'this kernel has no Landlock'
fi
sed -i 's/count: 100/count: 50/' "$home/etc/r.yaml"
until_true 8 logged 'configuration reloaded'
until_true 5 sh -c "[ \$(wc -l <$home/out/n.txt) = 50 ]"
stop 5
# What the user is forced to, it must be able to become.
expect 77 -s kernel -l none --set confine.user=1001 "$home/out/n.txt" 10
says 'capabilities SETUID and SETGID'
