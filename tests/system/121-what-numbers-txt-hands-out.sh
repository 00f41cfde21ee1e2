# Whoever can write in the output directory can put anything where FILE stands. What /numbers.txt hands out is the published
# file or nothing: no target of a link, no second name of another file, nothing that waits. Landlock is off, so that
# nothing but the opening itself stands before the secret.
. "$TESTS/system/lib.sh"
mkdir out
echo 'a secret' >secret
chmod 600 secret
options=(-s kernel --set http.serve_numbers=true --set confine.user=none --set confine.landlock=false)
start "${options[@]}" "$TMP/out/numbers.txt" 100 3600
until_true 5 is_file out/numbers.txt
[ "$(code /numbers.txt)" = 200 ] && cmp -s body out/numbers.txt || fail 'the published file is not served'
stands_at_file() { # WHAT COMMAND...: 404 and one sentence once the command has made $TMP/out/other and that was moved over FILE
	local what=$1 rc
	shift
	"$@"
	mv -fT out/other out/numbers.txt
	rc=$(code /numbers.txt)
	[ "$rc" = 404 ] || fail "$what: $rc: $(head -c 200 body)"
	[ "$(wc -l <body)" = 1 ] && grep -q '^not served: ' body || fail "$what: $(cat body)"
	rm -rf out/numbers.txt
}
stands_at_file 'a link to a secret' ln -s "$TMP/secret" out/other
stands_at_file 'a link to a published name' ln -s numbers.txt out/other
stands_at_file 'a link to a device' ln -s /dev/zero out/other
stands_at_file 'a second name of a secret' ln secret out/other
stands_at_file 'a pipe' mkfifo out/other
stands_at_file 'a directory' mkdir out/other
[ "$(code /numbers.txt)" = 404 ] && grep -q '^there is no file' body || fail "no file: $(cat body)"
kill -USR1 "$pid"
until_true 5 is_file out/numbers.txt
[ "$(code /numbers.txt)" = 200 ] && cmp -s body out/numbers.txt || fail 'the next file is not served'
stop 5
# the name of standard output is no name of a file
echo 'a secret' >./-
for to in - /dev/null; do
	start "${options[@]}" "$to" 10 3600 >stdout
	until_true 5 ready_is 200
	[ "$(code /numbers.txt)" = 404 ] && grep -q '^not served: the numbers go to' body || fail "$to: $(cat body)"
	stop 5
done
