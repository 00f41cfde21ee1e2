# FILE - is standard output; a character device takes raw bytes; a closed pipe is an error, not a signal.
. "$TESTS/system/lib.sh"
expect 0 -s kernel -l none - 1000
int32_file stdout 1000
expect 0 -s kernel -l none -f binary /dev/null 1000
rc=0
{ "$REFRESHER" -s kernel -l none - 10000000 2>log || echo $? >rc; } | head -n 1 >/dev/null
rc=$(cat rc)
[ "$rc" = 74 ] || fail "closed pipe: exit $rc"
says 'standard output'
rc=0
"$REFRESHER" -s kernel -l none - 3 >&- 2>log || rc=$?
[ "$rc" = 74 ] || fail "closed standard output: exit $rc"
says 'cannot write standard output'
if [ -w /dev/full ]; then
	rc=0
	"$REFRESHER" -s kernel -l none - 1000 >/dev/full 2>log || rc=$?
	[ "$rc" = 74 ] || fail "full device: exit $rc"
else
	skip_part 'no /dev/full'
fi
