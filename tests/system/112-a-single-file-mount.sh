# A bind-mounted FILE cannot be replaced: it is recognised at start and written in place, with a warning.
. "$TESTS/system/lib.sh"
[ "$(id -u)" = 0 ] || skip 'needs root to mount'
seq 5 >real.txt
touch out.txt
mount --bind real.txt out.txt 2>/dev/null || skip 'cannot bind-mount here'
trap 'umount -l out.txt || true; cleanup' EXIT
expect 0 -s kernel -l none --set output.mode=0644 out.txt 100
says 'level=warn'
int32_file real.txt 100
