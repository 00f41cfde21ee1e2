# SIGKILL at random moments of a run that always writes: a reader in a loop never sees a short, torn, mixed or missing file.
# ROUNDS=1000 is the long form; the default keeps the suite short. SEED= repeats the moments of a run.
. "$TESTS/system/lib.sh"
rounds=${ROUNDS:-150}
seed=${SEED:-$RANDOM}
RANDOM=$seed
echo "seed $seed"
"$REFRESHER" -q -s kernel -l none -f runner out.txt 1000 || fail 'first file'
cat >reader.py <<'PY'
import os, sys
sys.path.insert(0, os.path.join(os.environ["TESTS"], "faults"))
from rig import Failed, check_whole
bad, reads = [], 0
while not os.path.exists("over"):
    try:
        with open("out.txt", "rb") as f:
            check_whole(f.read(), 1000)
    except (Failed, FileNotFoundError) as e:
        bad.append(str(e))
    reads += 1
print(reads, "reads,", len(bad), "bad", *bad[:3])
sys.exit(1 if bad or reads < 100 else 0)
PY
python3 reader.py >reads &
reader=$!
children+=("$reader")
for i in $(seq "$rounds"); do
	"$REFRESHER" -q -s kernel -l none -f runner out.txt 1000 0.001 2>>log &
	p=$!
	sleep "0.0$((RANDOM % 6))$((RANDOM % 10))"
	kill -KILL $p 2>/dev/null || fail "round $i: it had ended by itself"
	wait $p 2>/dev/null || true
done
touch over
wait "$reader" || fail "reader: $(cat reads)"
"$REFRESHER" -q -s kernel -l none -f runner out.txt 1000 || fail 'the next start'
left=$(find . -name '.*tmp*' | wc -l)
[ "$left" = 0 ] || fail "$left temporary files are left after the next start"
echo "$rounds kills; $(cat reads)"
