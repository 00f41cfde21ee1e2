# Blocks that are repeated, counters, a register: no file, exit 69 within the start-up test, and the message names the test.
. "$TESTS/system/lib.sh"
repeated() { # BYTES: a random block of that length, again and again
	python3 -c 'import os,sys; n=int(sys.argv[1]); sys.stdout.buffer.write(os.urandom(n) * (400000 // n))' "$1"
}
refused() { # NAME
	expect 69 -s replay --set source.path=samples -l none out.txt 10
	[ ! -e out.txt ] || fail "$1: a file was written"
	says 'msg="health test failed" test=block_repetition severity=permanent'
	says 'level=error.*block_repetition: the last 18 samples came before \(permanent failure\)'
	[ "$(sed -n 's/.*test=block_repetition.* samples=\([0-9]*\).*/\1/p' log)" -le 1088 ] || fail "$1: late: $(cat log)"
}
for n in 32 64 256 1024; do
	repeated $n >samples
	refused "a block of $n"
done
python3 -c 'import sys; sys.stdout.buffer.write(bytes(i & 255 for i in range(400000)))' >samples
refused 'a counter'
python3 -c 'import sys; sys.stdout.buffer.write(bytes(255 - i * 3 & 255 for i in range(400000)))' >samples
refused 'a counter that goes down'
# A block of 1001 is longer than what the start-up test sees of it: 1033 samples. It is seen behind that, within one round.
repeated 1001 >samples
refused 'a block of 1001'
# In a short block one value may come so often that another test is the first.
for n in 8 16; do
	repeated $n >samples
	expect 69 -s replay --set source.path=samples -l none out.txt 10
	says 'exit=69'
done
