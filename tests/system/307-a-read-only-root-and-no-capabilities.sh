# As in a container: a read-only root file system, a volume for the output, a mounted configuration, few or no capabilities.
. "$TESTS/system/lib.sh"
. "$TESTS/system/confine.sh"
need_root
unshare -m true 2>/dev/null || skip 'no mount namespace'
mkdir root config
printf 'output: {file: /mnt/numbers.txt}\nrefresh: {interval: 0.2}\nnumbers: {count: 100}\n' >config/r.yaml
chmod 755 config && chmod 644 config/r.yaml
cp "$REFRESHER" config/refresher
# The container; OWNER and MODE are those of the volume, HOW the privileges that it is given.
cat >inside <<'X'
#!/bin/bash
set -eu
here=$(dirname "$0") owner=$OWNER
mount --make-rprivate /
mount --rbind / "$here/root"
mount -t tmpfs -o "mode=$MODE,uid=$owner,gid=$owner" tmpfs "$here/root/mnt"
mount -t tmpfs tmpfs "$here/root/opt"
mkdir "$here/root/opt/config"
mount --bind "$here/config" "$here/root/opt/config"
mount -o remount,bind,ro "$here/root"
mount -o remount,bind,ro "$here/root/opt"
exec chroot "$here/root" setpriv $HOW -- /opt/config/refresher "$@"
X
chmod 755 inside
binary=$REFRESHER
try() { # OWNER MODE HOW
	export OWNER=$1 MODE=$2 HOW=$3
	REFRESHER=$binary
	cat >"in.$1" <<X
#!/bin/sh
exec unshare -m --propagation private "$PWD/inside" "\$@"
X
	chmod 755 "in.$1"
	REFRESHER=$PWD/in.$1
	start -s kernel -c /opt/config/r.yaml
	until_true 5 ready_is 200
	need_release
	every_thread CapEff 0000000000000000
	every_thread Seccomp 2
	if has_landlock; then
		[ "$(layer landlock)" = 1 ] || fail "landlock: $(detail landlock)"
		# a mount of its own: nothing above it need be writable
		[[ "$(detail landlock)" =~ ^abi\ [0-9]+$ ]] || fail "landlock: $(detail landlock)"
	fi
	kill -HUP "$pid"
	until_true 5 logged 'configuration reloaded'
	grep -v layer=user log | grep -qE 'refused|Permission|not permitted' && fail 'something was refused'
	n=$(metric refreshes_total)
	sleep 0.5
	[ "$(metric refreshes_total)" -gt "$n" ] || fail 'no refresh'
	[ "$(metric 'refresh_failures_total{stage="publish"}')" = 0 ] || fail 'a publication failed'
}
has_landlock || skip_part 'this kernel has no Landlock'
# privileged, the volume of 65532
try 65532 0755 ''
every_thread Uid '65532 65532 65532 65532'
stop 5
# privileged, the volume of root
try 0 0755 ''
every_thread Uid '0 0 0 0'
says 'uid 0 stays'
stop 5
# drop: [ALL], runAsUser: 0
try 0 0755 '--bounding-set=-all --inh-caps=-all --no-new-privs'
every_thread Uid '0 0 0 0'
every_thread CapBnd 0000000000000000
stop 5
# drop: [ALL], add: [SETUID, SETGID], and an emptyDir as the kubelet makes it
try 0 0777 '--bounding-set=-all,+setuid,+setgid --inh-caps=-all --no-new-privs'
every_thread Uid '65532 65532 65532 65532'
stop 5
# runAsUser: 65532
try 0 0777 '--reuid=65532 --regid=65532 --clear-groups --bounding-set=-all --inh-caps=-all --no-new-privs'
every_thread Uid '65532 65532 65532 65532'
[ "$(detail user)" = 'uid 65532, as it was started' ] || fail "user: $(detail user)"
stop 5
