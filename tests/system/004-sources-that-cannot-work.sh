# Every cause has its own exit code, names the remedy, and is told in one sentence.
. "$TESTS/system/lib.sh"
# refused CODE SENTENCE ARG...
refused() {
	local want=$1 sentence=$2
	shift 2
	expect "$want" -l none "$@" out.txt 10
	says "level=error.*$sentence"
	[ "$(grep -c 'level=error' log)" = 1 ] || fail 'more than one error'
	! grep -q 'old file' log || fail 'there is no old file'
	[ ! -e out.txt ] || fail 'a file was written'
}
echo x >file
mkfifo fifo
good_samples 500 >short
head -c 4096 /dev/zero >zeros
refused 69 '/nonexistent/hwrng.*No such file' -s device -d /nonexistent/hwrng
refused 69 'not a character device.*--source replay' -s device -d ./file
refused 69 'not a character device.*--source replay' -s device -d ./fifo
refused 69 'is a directory; name the character device in it' -s device -d .
refused 69 '/dev/null: is empty for ever and no noise source' -s device -d /dev/null
refused 69 'repetition_count: count 16 reached cutoff 16' -s device -d /dev/zero
refused 69 'repetition_count: count 16 reached cutoff 16' -s replay --set source.path=zeros
refused 69 'end of data after 500 samples' -s replay --set source.path=short
refused 69 'is not a file or FIFO of samples' -s replay --set source.path=.
refused 69 'No such file' -s replay --set source.path=none
refused 78 'source\.path' -s replay
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null && [ -e /dev/hwrng ] && [ "$(stat -c %a /dev/hwrng)" = 600 ]; then
	chmod 777 .
	printf '#!/bin/sh\nexec setpriv --reuid 65532 --regid 65532 --clear-groups "%s" "$@"\n' "$REFRESHER" >as
	chmod 755 as
	REFRESHER=$PWD/as
	refused 77 'mode 0600 of 0:0 refuses uid 65532' -s device -d /dev/hwrng
else
	skip_part 'EACCES: needs root, setpriv and a /dev/hwrng of mode 600'
fi
