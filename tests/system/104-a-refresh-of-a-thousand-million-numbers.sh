# While 10^9 numbers are written /healthz answers within 50 ms and memory stays constant; SIGTERM abandons them within 5 s
# without a temporary file.
. "$TESTS/system/lib.sh"
start -s kernel out.txt 1000000000 60
written() { find . -name '.out.txt.tmp*' -size +"$1"k | grep -q .; }
until_true 5 written 0
quick /healthz
case $(cat body) in ok*) ;; *) fail "not live during a long refresh: $(cat body)" ;; esac
rss() { awk '/^VmRSS/ {print $2}' "/proc/$pid/status"; }
begin=$(rss)
kb=$(find . -name '.out.txt.tmp*' -printf '%k')
for _ in 1 2 3 4 5 6 7 8; do
	sleep 0.1
	now=$(rss)
	[ "$now" -lt $((begin + 512)) ] || fail "resident memory: $begin kB, later $now kB"
done
written $((kb + 10000)) || fail 'the refresh was over, or stood still, while memory was looked at'
case $REFRESHER in */release/*) [ "$begin" -lt 20000 ] || fail "RSS $begin kB" ;; esac
stop 5
[ ! -e out.txt ] || fail 'an unfinished file was published'
echo "resident: $begin kB, later $now kB"
