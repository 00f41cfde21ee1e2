# append grows and rotates without splitting a generation; in_place keeps the inode.
. "$TESTS/system/lib.sh"
expect 0 -s kernel -l none --set output.write=append --set output.mode=0644 log.txt 100
expect 0 -s kernel -l none --set output.write=append --set output.mode=0644 log.txt 100
[ "$(wc -l <log.txt)" = 200 ] || fail "append: $(wc -l <log.txt) lines"
expect 0 -s kernel -l none --set output.write=append --set output.mode=0644 --set output.max_bytes=1000 log.txt 100
[ "$(wc -l <log.txt)" = 100 ] && [ "$(wc -l <log.txt.1)" = 200 ] || fail 'rotation'
seq 50000 >place.txt
inode=$(stat -c %i place.txt)
expect 0 -s kernel -l none --set output.write=in_place --set output.mode=0644 place.txt 100
[ "$(stat -c %i place.txt)" = "$inode" ] || fail 'in_place made another file'
int32_file place.txt 100
# A generation in place that is given up has cost the file its numbers: not ready from then on, however young it was.
rm -f place.txt
start -s kernel --set output.write=in_place --set output.mode=0644 place.txt 1000 3600
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
