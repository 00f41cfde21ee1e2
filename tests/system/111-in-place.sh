# in_place keeps the inode, and the old way to write on behind the end is refused.
. "$TESTS/system/lib.sh"
seq 10 >log.txt
for gone in output.write=append output.max_bytes=1000; do
	expect 64 -s kernel -l none --set $gone log.txt 100
	says "${gone%%=*}.*left in 0.2"
	[ "$(wc -l <log.txt)" = 10 ] || fail "$gone: the file was touched"
done
seq 50000 >place.txt
inode=$(stat -c %i place.txt)
expect 0 -s kernel -l none --set output.write=in_place --set output.mode=0644 place.txt 100
[ "$(stat -c %i place.txt)" = "$inode" ] || fail 'in_place made another file'
int32_file place.txt 100
# A generation in place that is given up has cost the file its numbers: not ready from then on, however young it was.
rm -f place.txt
start -s kernel --set output.write=in_place --set output.mode=0644 --set confine.user=none place.txt 1000 3600 # prlimit(1) wants the same user
until_true 5 ready_is 200
prlimit --pid "$pid" --fsize=2000:
kill -USR1 "$pid"
until_true 5 ready_is 503
code '/readyz?verbose' >/dev/null
grep -qE '\[-\]freshness failed: no numbers any more.*place.txt is empty until the next refresh' body || fail "readyz: $(cat body)"
[ ! -s place.txt ] || fail 'half a generation stays'
[ -z "$(metric file_numbers)" ] || fail "file_numbers $(metric file_numbers)"
prlimit --pid "$pid" --fsize=unlimited:
kill -USR1 "$pid"
until_true 5 ready_is 200
int32_file place.txt 1000
stop 5
