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
