# The layer memory_lock says 1 only where every secret's page is locked; else how much of how much, and what helps.
. "$TESTS/system/lib.sh"
. "$TESTS/system/confine.sh"
home=$(mktemp -d)
chmod 777 "$home"
trap 'cleanup; rm -rf "$home"' EXIT
cp "$REFRESHER" "$home/refresher"
REFRESHER=$home/refresher
binary=$REFRESHER
# root locks without a limit
user=()
if is_root; then user=(setpriv --reuid 65531 --regid 65531 --clear-groups --bounding-set=-all --); fi
whole=$(ulimit -H -l)

# limited KB: the daemon under that limit; the detail is in $said
limited() {
	REFRESHER=$binary
	wrapper "with.$1" prlimit --memlock=$(($1 * 1024)):$(($1 * 1024)) "${user[@]}"
	start -s kernel "$home/n.txt" 10 1
	until_true 5 ready_is 200
	said=$(detail memory_lock)
}
limited 8
[ "$(layer memory_lock)" = 0 ] || fail "the layer says 1 with 8 kB: $said"
[[ $said =~ ^([0-9]+)\ of\ ([0-9]+)\ kB$ ]] || fail "the detail: $said"
[ "${BASH_REMATCH[1]}" -le 8 ] || fail "more than the limit is locked: $said"
need=${BASH_REMATCH[2]}
[ "$(locked_kb)" = "${BASH_REMATCH[1]}" ] || fail "$said, but the kernel says $(locked_kb) kB"
says "memory is not locked.*locked=\"$said\".*RLIMIT_MEMLOCK is 8 kB; raise it to $need kB"
stop 5
limited 0
[ "$(layer memory_lock)" = 0 ] || fail "the layer says 1 without any: $said"
stop 5
if [ "$whole" != unlimited ] && [ "$whole" -lt "$need" ]; then skip "no more than $whole kB may be locked here"; fi
# what was asked for is enough, and no less is
limited $((need - 1))
[ "$(layer memory_lock)" = 0 ] || fail "the layer says 1 with less than it needs: $said"
stop 5
limited "$need"
[ "$(layer memory_lock)" = 1 ] || fail "the layer says 0 with what it asked for: $said"
[ "$said" = "$need kB" ] || fail "the detail: $said"
[ "$(locked_kb)" = "$need" ] || fail "$said, but the kernel says $(locked_kb) kB"
! logged 'memory is not locked' || fail 'warned of what holds'
stop 5
