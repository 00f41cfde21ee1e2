# Driver and quality are what the kernel says of its hwrng device, and so are told of that device only, by whatever name.
. "$TESTS/system/lib.sh"
sysfs=/sys/class/misc/hw_random
[ -s "$sysfs/rng_current" ] || skip 'this kernel has no hw_random'
said() { curl -s --max-time 5 "$url/metrics" | grep -E '^random_refresher_source_(info|kernel_quality_ratio)'; }
start -s device -d /dev/zero "$TMP/zero.txt" 10 1
until_true 5 logged 'state=failed'
said >metrics
grep -q 'driver=""' metrics || fail "/dev/zero has a driver: $(cat metrics)"
! grep -q quality metrics || fail "/dev/zero has a quality: $(cat metrics)"
stop 5
device=/dev/hwrng
if [ "$(id -u)" = 0 ] && mknod another-name c 10 183 2>/dev/null; then device=$TMP/another-name; fi
head -c 1 "$device" >/dev/null 2>&1 || skip "no $device that can be read"
start -s device -d "$device" "$TMP/hwrng.txt" 10 1
until_true 10 ready_is 200
said >metrics
grep -qF "driver=\"$(cat $sysfs/rng_current)\"" metrics || fail "no driver: $(cat metrics)"
grep -q quality metrics || fail "no quality: $(cat metrics)"
stop 5
