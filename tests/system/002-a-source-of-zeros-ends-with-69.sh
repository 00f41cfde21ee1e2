# Zeros: no file, exit 69, and the message names test, count and cutoff.
. "$TESTS/system/lib.sh"
head -c 100000 /dev/zero >z
expect 69 -s replay --set source.path=z -l none out.txt 10000
[ ! -e out.txt ] || fail 'a file was written'
says 'exit=69'
says 'repetition_count: count 16 reached cutoff 16'
[ -z "$(find . -name '.*tmp*')" ] || fail 'a temporary file stays'
