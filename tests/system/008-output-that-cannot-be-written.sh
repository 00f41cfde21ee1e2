# Missing directory, a directory as FILE, no permission: sysexits code, and the path in the message.
. "$TESTS/system/lib.sh"
expect 73 -s kernel -l none missing/out.txt 10
says 'missing'
mkdir dir
expect 73 -s kernel -l none dir 10
says 'dir'
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	home=$(mktemp -d) # where everybody can go
	trap 'cleanup; rm -rf "$home"' EXIT
	mkdir "$home/closed"
	chmod 755 "$home" "$home/closed"
	cp "$REFRESHER" "$home/refresher"
	rc=0
	setpriv --reuid 65532 --regid 65532 --clear-groups --inh-caps=-all "$home/refresher" -s kernel -l none "$home/closed/out.txt" 10 2>log || rc=$?
	[ $rc = 77 ] || [ $rc = 73 ] || fail "no permission: exit $rc"
	says 'closed'
else
	skip_part 'no permission: needs root and setpriv'
fi
# with the standard descriptors closed, the log must not end up in the file
"$REFRESHER" -s kernel -l none closed-fds.txt 10 <&- >&- 2>&- || fail 'closed standard descriptors'
int32_file closed-fds.txt 10
