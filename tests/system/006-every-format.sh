# Each format has the shape that the manual promises, at several counts.
. "$TESTS/system/lib.sh"
shape() { # FORMAT PATTERN [ARG...]
	local f=$1 p=$2
	shift 2
	expect 0 -s kernel -l none -f "$f" "$@" out 5000
	[ "$(wc -l <out)" = 5000 ] || fail "$f: $(wc -l <out) lines"
	! grep -qvE "$p" out || fail "$f: $(grep -vE "$p" out | head -n 1)"
}
shape int32 '^-?[0-9]{1,10}$'
shape uint32 '^[0-9]{1,10}$'
shape uint64 '^[0-9]{1,20}$'
shape range '^[1-6]$' --set numbers.min=1 --set numbers.max=6
[ "$(sort -u out | tr -d '\n')" = 123456 ] || fail 'range: not every face of the die'
shape range '^-[0-9]+$' --set numbers.min=-9223372036854775808 --set numbers.max=-1
shape float64 '^(0|0?\.[0-9]+|[0-9.]+e-[0-9]+)$'
shape hex '^[0-9a-f]{32}$'
shape hex '^[0-9a-f]{2}$' --set numbers.bytes=1
shape base64 '^[A-Za-z0-9+/]{22}==$'
shape uuid '^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$'
shape runner '^[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3},[0-9a-f-]{36},[0-9]+,-?[0-9]+$'
expect 0 -s kernel -l none -f binary out 5000
[ "$(stat -c %s out)" = 20000 ] || fail "binary: $(stat -c %s out) bytes"
