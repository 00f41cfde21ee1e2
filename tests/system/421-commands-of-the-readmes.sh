# Every command of the READMEs is run here, or by a test that is named, or counted with the reason why not; no link is dead.
. "$TESTS/system/lib.sh"
[ -e "$(dirname "$TESTS")/README.md" ] || skip 'not in a source tree'
python3 -B "$TESTS/readmes.py" "$REFRESHER"
