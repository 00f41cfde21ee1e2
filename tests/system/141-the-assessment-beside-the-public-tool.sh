# refresher-assess beside NIST's own program, where it is installed or EA_NON_IID= names it: the same figure for random, biased
# and structured samples that nobody has seen before.
. "$TESTS/system/lib.sh"
assess=$(dirname "$REFRESHER")/refresher-assess
tool=${EA_NON_IID:-$(command -v ea_non_iid || true)}
[ -n "$tool" ] || skip 'no ea_non_iid (Debian 13: sp800-90b-entropy-assessment), and EA_NON_IID= names none'

# Fresh ones: the seed is printed where they differ.
seed=$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')
python3 - "$seed" <<'PY'
import random
import sys
r = random.Random(int(sys.argv[1]))
n = 50000
open("bytes", "wb").write(r.randbytes(n))
open("bits", "wb").write(bytes(r.random() < 0.6 for _ in range(n)))
open("biased", "wb").write(bytes(min(int(r.expovariate(0.2)), 31) for _ in range(n)))
walk, at = bytearray(), 0
for _ in range(n):
    at = (at + r.choice((-1, 0, 0, 1))) % 16
    walk.append(at)
open("walk", "wb").write(walk)
open("counter", "wb").write(bytes(r.randrange(256) if i % 5 == 0 else i & 255 for i in range(n)))
PY

for f in bytes bits biased walk counter; do
	"$tool" -i -vv "$f" >theirs 2>&1 || fail "the public tool refuses $f (seed $seed)"
	"$assess" --json "$f" >ours 2>log || fail "refresher-assess refuses $f (seed $seed)"
	python3 - <<'PY' || fail "$f differs (seed $seed)"
import json
import re
ours = json.load(open("ours"))
theirs = float(re.search(r"^Assessed min entropy: (\S+)$", open("theirs").read(), re.M).group(1))
assert abs(ours["min_entropy"] - theirs) <= 1e-11 * theirs, (ours["min_entropy"], theirs)
PY
done
