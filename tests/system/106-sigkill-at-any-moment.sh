# SIGKILL at random moments of a run that always writes: a reader in a loop never sees a short, torn or missing file.
# ROUNDS=1000 is the long form; the default keeps the suite short.
. "$TESTS/system/lib.sh"
rounds=${ROUNDS:-150}
"$REFRESHER" -q -s kernel -l none out.txt 1000 || fail 'first file'
cat >reader.py <<'PY'
import sys, os
bad = reads = 0
while not os.path.exists("done"):
    try:
        data = open("out.txt", "rb").read()
    except FileNotFoundError:
        bad += 1
        continue
    lines = data.split(b"\n")
    if len(lines) != 1001 or lines[-1] != b"":
        bad += 1
    reads += 1
print(reads, bad)
sys.exit(1 if bad or reads < 100 else 0)
PY
python3 reader.py >reads &
reader=$!
children+=("$reader")
for i in $(seq "$rounds"); do
	"$REFRESHER" -q -s kernel -l none out.txt 1000 0.001 2>>log &
	p=$!
	sleep "0.0$((RANDOM % 6))$((RANDOM % 10))"
	kill -KILL $p 2>/dev/null || fail "round $i: it had ended by itself"
	wait $p 2>/dev/null || true
done
touch done
wait "$reader" || fail "reader: $(cat reads) (reads, bad)"
"$REFRESHER" -q -s kernel -l none out.txt 1000 || fail 'the next start'
left=$(find . -name '.*tmp*' | wc -l)
[ "$left" = 0 ] || fail "$left temporary files are left after the next start"
echo "$rounds kills; reads and bad ones: $(cat reads)"
