# Each way to write an address reaches those whom it names, and no others; what is no address is refused in one sentence.
. "$TESTS/system/lib.sh"
has_v6() { curl -sg -o /dev/null --max-time 2 "http://[::1]:$port/healthz"; }
answers() { curl -sg -o body --max-time 2 "http://$1:$port/healthz" && grep -qx ok body; }
reaches() { # ADDRESS WHO...: all of 127.0.0.1 and [::1] that are named, and only those
	local who
	start_at "$1"
	for who in 127.0.0.1 '[::1]'; do
		[ "$who" = 127.0.0.1 ] || [ "$v6" = yes ] || continue
		case " ${*:2} " in
		*" $who "*) answers "$who" || fail "$1 does not answer at $who" ;;
		*) ! answers "$who" || fail "$1 answers at $who" ;;
		esac
	done
	stop 5
}
start_at() { # like start, at this address
	: >log
	"$REFRESHER" -l "$1" -s kernel "$TMP/n.txt" 10 3600 2>>log &
	pid=$!
	children+=("$pid")
	until_true 5 logged 'msg=listening .*port='
	port=$(sed -n 's/.*msg=listening .*port=\([0-9]*\).*/\1/p' log)
}
v6=yes
start_at '[::]:0'
has_v6 || { v6=no; skip_part 'no ::1 on this machine'; }
stop 5
reaches :0 127.0.0.1 '[::1]'
reaches '[::]:0' 127.0.0.1 '[::1]'
reaches 0.0.0.0:0 127.0.0.1
reaches '[0.0.0.0]:0' 127.0.0.1
reaches 127.0.0.1:0 127.0.0.1
reaches '[127.0.0.1]:0' 127.0.0.1
[ $v6 = no ] || reaches '[::1]:0' '[::1]'
for odd in '' : 8080 '*:8080' localhost:8080 '[]:8080' '[::]' ::1:8080 '[::1]8080' '[fe80::1%eth0]:8080' '[$(POD_IP)]:8080' 127.0.0.1:65536 http://127.0.0.1:80; do
	expect 64 -s kernel -l "$odd" "$TMP/odd.txt" 1
	[ "$(wc -l <log)" = 1 ] || fail "$odd: $(cat log)"
	says 'allowed: ADDRESS:PORT in numbers'
	[ ! -e odd.txt ] || fail "$odd: a file was written"
done
