# /healthz answers within 50 ms while it runs, memory stays constant, SIGTERM abandons it within 5 s without a temporary file.
. "$TESTS/system/lib.sh"
start -s kernel -f range --set numbers.min=1 --set numbers.max=6 out.txt 1000000000 60
until_true 5 logged listening
sleep 0.5
quick /healthz
case $(cat body) in ok*) ;; *) fail "not live during a long refresh: $(cat body)" ;; esac
kb=$(awk '/VmRSS/ {print $2}' "/proc/$pid/status")
case $REFRESHER in */release/*) [ "$kb" -lt 20000 ] || fail "RSS $kb kB" ;; esac
stop 5
[ ! -e out.txt ] || fail 'an unfinished file was published'
