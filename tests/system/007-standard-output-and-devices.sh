# FILE - is standard output; a character device takes raw bytes; a closed pipe is an error, not a signal.
. "$TESTS/system/lib.sh"
expect 0 -s kernel -l none - 1000
int32_file stdout 1000
for name in /dev/stdout /dev/fd/1 /proc/self/fd/1; do
	expect 0 -s kernel -l none $name 1000 # into a file: it is not replaced
	int32_file stdout 1000
	"$REFRESHER" -s kernel -l none $name 1000 2>log | cat >piped
	int32_file piped 1000
done
for write in in_place replace; do
	expect 73 -s kernel -l none --set output.write=$write - 10
	says 'standard output.*set write to auto'
done
"$REFRESHER" -s kernel -l none /dev/fd/7 10 7> >(cat >seven) 2>log && fail 'a pipe as FILE'
says 'leads to an open file without a path \(pipe:.*use - for standard output'
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
