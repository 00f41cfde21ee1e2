# A restart that cannot publish: the whole file of the run before counts with its age, but not a file of anybody else.
. "$TESTS/system/lib.sh"
mkfifo pipe
exec 9<>pipe # a writer that never writes: nothing is published while this test looks
chmod 777 .
one() { "$REFRESHER" -q -l none -s kernel "$@" out.txt 5 || fail "exit $?"; }
later() { start -s replay --set source.path="$PWD/pipe" "$@" out.txt 5 1000; }
age_is() { # age_is LEAST MOST: seconds since the last refresh, as the metric has it
	local at
	at=$(metric last_refresh_timestamp_seconds)
	[ -n "$at" ] && awk -v at="$at" -v now="$(date +%s)" -v least="$1" -v most="$2" \
		'BEGIN {age = now - at; exit !(age >= least && age <= most)}'
}

# fresh, and then older than two intervals; /startupz speaks of this run
one
later
until_true 5 age_is 0 60
[ "$(code /readyz/freshness)" = 200 ] || fail "a fresh file: $(cat body)"
[ "$(code /startupz)" = 503 ] || fail 'a file of an earlier run is the first of this one'
[ "$(metric file_bytes)" = "$(stat -c %s out.txt)" ] || fail "file_bytes $(metric file_bytes)"
stop 5
touch -d '1 hour ago' out.txt
later
until_true 5 age_is 3600 3660
[ "$(code '/readyz/freshness?verbose')" = 503 ] && grep -q 'file is 6[01] min old' body || fail "an old file: $(cat body)"
stop 5

# of root, of the user that root becomes, and of another confine.user
[ "$(id -u)" = 0 ] || { skip_part 'users: needs root'; exit 0; }
one --set confine.user=none
later
until_true 5 age_is 0 60
stop 5
one --set confine.user=1000
[ "$(stat -c %u out.txt)" = 1000 ] || fail "owner $(stat -c %u out.txt)"
later --set confine.user=1000
until_true 5 age_is 0 60
stop 5
later --set confine.user=1001
[ "$(code '/readyz/freshness?verbose')" = 503 ] && grep -q 'no file was published yet' body || fail "another's: $(cat body)"
[ -z "$(metric last_refresh_timestamp_seconds)" ] || fail 'the age of a file of another user'
says 'out.txt belongs to uid 1000 .*, so it is not taken for the file of an earlier run'
stop 5
