# tests/cluster/tour.py: lines of several versions of kubectl are told apart by what they mean, and Ready counts once it held.
. "$TESTS/system/lib.sh"
(cd "$TESTS/cluster" && python3 -B -m unittest -q test_tour) >log 2>&1 || fail 'unit test of tour.py'
