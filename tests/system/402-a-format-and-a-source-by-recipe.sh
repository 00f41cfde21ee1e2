# The recipes of refresher/README.md hold as they stand there: one file and one row make a format, and a source.
. "$TESTS/system/lib.sh"
root=$(dirname "$TESTS")
[ -f "$root/Makefile" ] || skip 'no sources'
if ! command -v make >/dev/null || ! command -v "${CC:-gcc}" >/dev/null; then skip 'no compiler'; fi
mkdir -p tree/tests
cp -R "$root/Makefile" "$root/refresher" tree
cp "$root/tests/toolchain" tree/tests

# The blocks of C code go to the files that the sentences before them name, the rows to the head of the lists.
awk '/^\*\*A (format|source)\.\*\* One file/ {match($0, /`[a-z0-9\/_]+\.c`/); file = "tree/refresher/" substr($0, RSTART + 1, RLENGTH - 2)}
	/^```/ {inside = /^```c/; next}
	inside && file {print >file}' tree/refresher/README.md
for added in numbers/octal.c source/getentropy.c; do
	[ -s tree/refresher/$added ] || fail "the recipe of $added was not found"
done
row() { # FILE WORD: the row that README has with this word
	local row
	row=$(grep -o "\`$2(\(NUMBERS\|SOURCE\)_[A-Z]*, [a-z]*)\`" tree/refresher/README.md | tr -d '`')
	[ -n "$row" ] || fail "no row $2(…)"
	sed -i "0,/^\t$2(/s//\t$row \\\\\n&/" "tree/refresher/$1"
}
row numbers/step.h FORMAT
row source/source.h KIND

# Compiled quickly and not well: it is to run once.
make -s -C tree -j"$(nproc)" CI=true VARIANT=release OPT_release='-O0 -fPIE' all >make.log 2>&1 || { cat make.log; fail 'it does not build'; }
new=$PWD/tree/build/release/refresher

"$new" -s getentropy -f octal -l none --set numbers.manifest=true out.txt 100 2>>log || fail "exit $?"
[ "$(wc -l <out.txt)" = 100 ] && [ "$(grep -cE '^[0-3][0-7]{10}$' out.txt)" = 100 ] || fail "not a hundred octal numbers: $(head -n 3 out.txt)"
grep -q '"format":"octal".*"kind":"getentropy","name":"getentropy"' out.txt.json || fail "the manifest: $(cat out.txt.json)"
"$new" -n -s getentropy -f octal >config.yaml || fail '--check-config'
grep -q 'format: octal' config.yaml || fail 'the configuration does not know the format'
grep -q 'kind: getentropy' config.yaml || fail 'the configuration does not know the source'
"$new" -n -f octals >/dev/null 2>refusal && fail 'a wrong name is taken'
grep -q 'octal' refusal || fail "the list of formats: $(cat refusal)"
