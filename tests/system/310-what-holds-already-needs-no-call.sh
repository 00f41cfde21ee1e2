# A layer that holds already is only looked at: neither a refused call nor a filter that kills for it is an error, and what
# is reported is what was verified.
. "$TESTS/system/lib.sh"
. "$TESTS/system/confine.sh"
! is_sanitized || skip 'a sanitizer build'
home=$(mktemp -d)
chmod 777 "$home"
trap 'cleanup; chmod 700 "$home/refresher"; rm -rf "$home"' EXIT
cp "$REFRESHER" "$home/refresher"
chmod 711 "$home/refresher" # who may not read a program gets a process that is not dumpable
binary=$home/refresher
cp "$TESTS/system/without_calls.py" "$home"
interpreter=/usr/bin/python3
[ -x $interpreter ] || interpreter=$(type -P python3)
without=("$interpreter" "$home/without_calls.py")
user=()
if is_root; then
	chown 0 "$home/refresher"
	user=(setpriv --reuid 65531 --regid 65531 --clear-groups --inh-caps=-all --bounding-set=-all --no-new-privs --)
fi
# PR_SET_NO_NEW_PRIVS, PR_SET_SECUREBITS, PR_CAPBSET_DROP, PR_SET_DUMPABLE, PR_CAP_AMBIENT; all that change a user, a
# limit or a capability
acts=prctl:0=38,prctl:0=28,prctl:0=24,prctl:0=4,prctl:0=47,capset,setgroups,setresuid,setresgid,setrlimit,prlimit64:2!0
# under LAYERS COMMAND...: the daemon started so is ready, and these layers hold
under() {
	local layers=$1
	shift
	REFRESHER=$binary
	wrapper run "${user[@]}" prlimit --core=0:0 "$@"
	start -s kernel "$home/n.txt" 10 0.3
	until_true 5 ready_is 200
	for l in $layers; do [ "$(layer "$l")" = 1 ] || fail "$*: layer $l: $(layer "$l"), $(detail "$l")"; done
	stop 5
}
all='no_new_privs user capabilities no_core_dump seccomp'
if is_root; then
	under "$all" "${without[@]}" --kill "$acts"
	under "$all" "${without[@]}" --errno 1 "$acts"
else
	skip_part 'without any capability in the bounding set, and a program that may not be read: needs root'
fi
# asked of the kernel, and not told: the layer does not hold, or says what it does not know
acts=prctl:0=23 # PR_CAPBSET_READ
under "$all" "${without[@]}" --errno 1 "$acts"
start -s kernel "$home/n.txt" 10 0.3
until_true 5 ready_is 200
detail capabilities | grep -q 'the bounding set cannot be looked at' || fail "capabilities: $(detail capabilities)"
stop 5
chmod 755 "$home/refresher"
REFRESHER=$binary
wrapper run "${user[@]}" "${without[@]}" --errno 1 prctl:0=4,prctl:0=22,seccomp
start -s kernel "$home/n.txt" 10 0.3
until_true 5 ready_is 200
[ "$(layer no_core_dump)" = 0 ] || fail "no_core_dump: $(detail no_core_dump)"
[ "$(layer seccomp)" = 0 ] || fail "seccomp: $(detail seccomp)"
says 'level=warn.*layer=no_core_dump.*core dumps cannot be switched off: Operation not permitted'
says 'level=warn.*layer=seccomp.*no filter of system calls: Operation not permitted'
[ "$(layer capabilities)" = 1 ] || fail "capabilities: $(detail capabilities)"
stop 5
if ! is_root; then exit 0; fi

# what would be needed and is refused stays an error
REFRESHER=$binary
wrapper run "${without[@]}" --errno 1 capset
expect 71 -s kernel -l none --set confine.user=none "$home/n.txt" 10
says 'capabilities cannot be dropped: Operation not permitted'

# whoever keeps a capability that brings root back does not hold the layer of the user
REFRESHER=$binary
wrapper run setpriv --reuid 65531 --regid 65531 --clear-groups --inh-caps=+setuid --ambient-caps=+setuid --
start -s kernel --set confine.capabilities=false "$home/n.txt" 10 0.3
until_true 5 ready_is 200
[ "$(layer user)" = 0 ] || fail "user: $(detail user)"
says 'level=warn.*layer=user.*uid 65531 can become root: it keeps CAP_SETUID or CAP_SETGID'
stop 5
start -s kernel "$home/n.txt" 10 0.3
until_true 5 ready_is 200
[ "$(layer user)" = 1 ] || fail "user: $(detail user)"
stop 5
