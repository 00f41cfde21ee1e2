# A daemon that was killed in the middle of a write leaves a temporary file; the next start takes it away.
. "$TESTS/system/lib.sh"
start -s kernel out.txt 300000000 60
tmp_there() { [ -n "$(find . -name '.out.txt*')" ]; }
until_true 10 tmp_there
kill -KILL "$pid"
wait "$pid" 2>/dev/null || true
tmp_there || skip 'the temporary file was gone already'
expect 0 -s kernel -l none out.txt 10
! tmp_there || fail "left: $(find . -name '.out.txt*')"
