# Every cause has its own exit code and names the remedy.
. "$TESTS/system/lib.sh"
expect 69 -s device -d /nonexistent/hwrng -l none out.txt 10
says '/nonexistent/hwrng.*No such file'
echo x >file
expect 69 -s device -d ./file -l none out.txt 10
says 'not a character device'
expect 69 -s device -d /dev/null -l none out.txt 10
says 'is empty for ever and no noise source'
good_samples 500 >short
expect 69 -s replay --set source.path=short -l none out.txt 10
says 'end of data after 500 samples'
expect 78 -s replay -l none out.txt 10
says 'source\.path'
[ ! -e out.txt ] || fail 'a file was written'
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null && [ -e /dev/hwrng ] && [ "$(stat -c %a /dev/hwrng)" = 600 ]; then
	chmod 777 .
	rc=0
	setpriv --reuid 65532 --regid 65532 --clear-groups "$REFRESHER" -s device -d /dev/hwrng -l none out.txt 10 2>log || rc=$?
	[ $rc = 77 ] || fail "EACCES: exit $rc instead of 77"
	says 'mode 0600 of 0:0 refuses uid 65532'
else
	skip_part 'EACCES: needs root, setpriv and a /dev/hwrng of mode 600'
fi
