# ENOSPC: the old file is intact, the error is named; the daemon goes on and recovers when there is room.
. "$TESTS/system/lib.sh"
[ "$(id -u)" = 0 ] || skip 'needs root to mount a small tmpfs'
mkdir small
mount -t tmpfs -o size=300k tmpfs small 2>/dev/null || skip 'cannot mount a tmpfs here'
trap 'umount -l small || true; cleanup' EXIT
start -s kernel small/out.txt 10000 0.2
until_true 5 is_file small/out.txt
dd if=/dev/zero of=small/filler bs=1k count=400 2>/dev/null || true
cp small/out.txt before.txt
until_true 5 logged 'stage=(write|publish).*No space left'
# Not ready, and live: no restart makes room.
[ "$(code /readyz)" = 503 ] && grep -q '^\[-\]output failed: .*No space left' body || fail "readyz does not name the output: $(cat body)"
[ "$(code '/healthz?verbose')" = 200 ] || fail "healthz: $(cat body)"
int32_file small/out.txt 10000
rm small/filler
until_true 5 ready_is 200
says 'msg="refreshes succeed again" failures=[1-9][0-9]* after='
int32_file small/out.txt 10000
cmp -s small/out.txt before.txt && fail 'no new file after there was room'
stop 5
