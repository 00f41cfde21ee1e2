# Sentences in place of logfmt, colours where they are wanted, and a line that changes: progress, generation, state.
. "$TESTS/system/lib.sh"
mkdir work
chmod 777 work
cd work || exit
python3 "$TESTS/faults/terminal_rows.py" || fail 'see above'
