# Usage is 64, configuration 78; the message names the place and what is allowed.
. "$TESTS/system/lib.sh"
expect 64 --seed 42 out 10
says 'predictable'
expect 64 out 10 30 extra
expect 64 out ten
expect 64 out -5
expect 64 --nonsense
expect 64 --set source.timout=5 out 10
says 'source\.timeout'
printf 'source:\n  kind: device\n  timout: 3\n' >bad.yaml
expect 78 -c bad.yaml out 10
says 'bad\.yaml:3:[0-9]+:.*source\.timeout'
printf 'numbers:\n  count: -1\n' >bad.yaml
expect 78 -n -c bad.yaml
says 'bad\.yaml:2:10:.*numbers\.count'
expect 78 -c /nonexistent.yaml out 10
expect 0 -n -f hex -s kernel out 77
grep -q 'format: hex' stdout || fail 'the effective configuration lacks the format'
grep -q 'count: 77' stdout || fail 'the effective configuration lacks the count'
cp stdout effective.yaml
expect 0 -n -c effective.yaml
cmp -s stdout effective.yaml || fail 'the printed configuration does not parse to itself'
for answer in -n --help --version; do
	rc=0
	"$REFRESHER" $answer >/dev/full 2>log || rc=$?
	[ $rc = 74 ] || fail "$answer on a full disk: exit $rc"
	says 'cannot write to standard output'
	rc=0
	"$REFRESHER" $answer >&- 2>log || rc=$?
	[ $rc = 74 ] || fail "$answer on a closed standard output: exit $rc"
	says 'cannot write to standard output, it is closed'
done
expect 0 --help
grep -q 'refresher \[OPTION' stdout || fail 'no usage in --help'
expect 0 --version
grep -q 'OpenSSL' stdout || fail '--version does not name OpenSSL'
# the configuration as FILE, by name or behind a link, would be numbers after the first refresh
printf 'numbers: {count: 5}\n' >own.yaml
ln -s own.yaml own.link
for file in own.yaml ./own.yaml own.link; do
	expect 78 -s kernel -l none -c own.yaml -- $file
	says "output.file: $file is the configuration, own.yaml"
done
expect 78 -n -c own.yaml own.link
grep -q 'count: 5' own.yaml || fail 'the configuration was overwritten'
# all faults of one file are told, a line each, in the order of the file; what spans keys too
printf 'numbers:\n  count: "5"\n  min: 9\n  max: 3\nlog: {level: loud}\n' >bad.yaml
for act in '-n' 'out 10'; do
	# shellcheck disable=SC2086
	expect 78 -s kernel -l none -c bad.yaml --set source.timeout=0 $act
	grep -o 'error="[^"\\]*' log | sed 's/^error="//' >said
	printf '%s\n' 'bad.yaml:2:10: numbers.count: is text in quotes; allowed: an integer from 1 to 1000000000' \
		'bad.yaml:3:8: numbers.min: 9 is above numbers.max: 3; allowed: that or less' \
		'bad.yaml:5:14: log.level: ' '--set source.timeout: ' >want
	cmp -s said want || fail "not all faults, or not in order: $(diff want said)"
	[ ! -e out ] || fail 'something was written'
done
# a control character or separator anywhere
printf 'numbers: {format: hex}\n# a\302\205numbers: {count: 5}\n' >bad.yaml
expect 78 -n -c bad.yaml
says 'bad\.yaml:2:4: not plain text: U\+0085'
expect 64 -n --set source.path=$'/a\302\205b'
says 'source\.path: .*holds a control character'
LC_ALL=C grep -q $'[\x80-\xff]' log && fail 'the control character reaches the terminal'
expect 64 -n $'a\342\200\250b'
# a word of a command line is no FILE
mkdir empty
cd empty || exit
for word in help version status start stop check-config 10000 numbers.count=5 refresher.yaml –help; do
	rc=0
	"$REFRESHER" -s kernel -l none "$word" 2>../log || rc=$?
	[ $rc = 64 ] || fail "$word: exit $rc"
	[ -z "$(ls -A)" ] || fail "$word was written"
	[ "$(wc -l <../log)" = 1 ] || fail "$word: more than one sentence"
done
"$REFRESHER" -s kernel -l none help 2>../log || true
grep -q -- 'see refresher --help' ../log || fail 'no word of --help'
"$REFRESHER" -q -s kernel -l none -- help 3 && "$REFRESHER" -q -s kernel -l none ./version 3
[ "$(cat help version | wc -l)" = 6 ] || fail 'behind "--", or as a path, it is a FILE'
cd .. || exit
