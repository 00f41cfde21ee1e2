# Half of the samples equal, never many in a row: only the adaptive proportion test can see it.
. "$TESTS/system/lib.sh"
python3 -c 'import sys,random
r=random.Random(1); sys.stdout.buffer.write(bytes(r.randrange(1,256) if i%2 else 0 for i in range(20000)))' >biased
expect 69 -s replay --set source.path=biased -l none out.txt 10
[ ! -e out.txt ] || fail 'a file was written'
says 'adaptive_proportion: count [0-9]+ reached cutoff [0-9]+'
