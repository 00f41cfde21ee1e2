# A run without SECONDS writes COUNT int32 lines from /dev/hwrng and ends with 0.
. "$TESTS/system/lib.sh"
[ -r /dev/hwrng ] || skip 'no /dev/hwrng that this user may read'
expect 0 -s device -d /dev/hwrng -l none out.txt 10000
int32_file out.txt 10000
[ "$(stat -c %a out.txt)" = 444 ] || fail "mode $(stat -c %a out.txt)"
cp out.txt first.txt
expect 0 -s device -d /dev/hwrng -l none out.txt 10000
cmp -s out.txt first.txt && fail 'two runs gave the same numbers'
[ "$(sort -u out.txt first.txt | wc -l)" -gt 19900 ] || fail 'numbers repeat'
