# A run that writes once ends with 0 only when its whole file is in place; what a signal has cut off ends as by that signal.
. "$TESTS/system/lib.sh"
py=$(type -P python3)
run() { # ARG...: in the background; sets $pid
	: >log
	"$REFRESHER" -l none "$@" 2>>log &
	pid=$!
	children+=("$pid")
}
# pending SIGNAL ARG...: the same, with the signal pending when its first instruction runs
pending() {
	: >log
	"$py" -c '
import os, signal, sys
signo = signal.Signals["SIG" + sys.argv[1]]
signal.pthread_sigmask(signal.SIG_BLOCK, [signo])
os.kill(os.getpid(), signo)
os.execv(sys.argv[2], sys.argv[2:])' "$1" "$REFRESHER" -l none "${@:2}" 2>>log &
	pid=$!
	children+=("$pid")
}
# ends CODE STATE: within 5 s, out.txt then being old, new (COUNT lines), gone, or cut (in place); nothing else is left
ends() {
	local rc=0 begin=$SECONDS
	wait "$pid" || rc=$?
	[ $((SECONDS - begin)) -le 6 ] || fail "$row: it took $((SECONDS - begin)) s"
	[ $rc = "$1" ] || fail "$row: exit $rc instead of $1"
	case $2 in
	old) [ "$(cat out.txt 2>/dev/null)" = old ] || fail "$row: the old file did not stay" ;;
	new) int32_file out.txt 1000 ;;
	whole) [ "$(cat out.txt)" = old ] || int32_file out.txt 1000 ;;
	gone) [ ! -e out.txt ] || fail "$row: the old file is still there" ;;
	cut) [ "$(wc -l <out.txt)" -lt 200000000 ] || fail "$row: not cut off" ;;
	esac
	[ -z "$(find . -name '.out.txt*')" ] || fail "$row: left: $(find . -name '.out.txt*')"
}
old() { rm -f out.txt && echo old >out.txt; }
number() { case $1 in HUP) echo 129 ;; INT) echo 130 ;; TERM) echo 143 ;; esac; }
# fed BYTES: a FIFO, held open at both ends as descriptor 9, with so many good samples in it
fed() {
	rm -f pipe && mkfifo pipe
	exec 9<>pipe
	good_samples "$1" >&9
}
replay=(-s replay --set source.path=pipe)
started() { logged 'msg=source '; }

row='done'
old
run -s kernel out.txt 1000
ends 0 new

for signal in HUP INT TERM; do
	row="SIG$signal before the first instruction"
	old
	pending $signal -s kernel out.txt 1000
	ends "$(number $signal)" old
	row="SIG$signal before the start-up test has passed"
	old
	fed 500
	run "${replay[@]}" out.txt 1000
	until_true 5 started
	sleep 0.2
	kill -$signal "$pid"
	ends "$(number $signal)" old
	row="SIG$signal while the seed is waited for"
	old
	fed 1030
	run "${replay[@]}" out.txt 1000
	until_true 5 logged 'start-up test passed'
	sleep 0.1
	kill -$signal "$pid"
	ends "$(number $signal)" old
	row="SIG$signal in the middle of a file"
	old
	run -s kernel out.txt 200000000
	until_true 5 eval '[ -n "$(find . -name ".out.txt*" -size +1M)" ]'
	kill -$signal "$pid"
	ends "$(number $signal)" old
	row="SIG$signal in the middle of a file in place"
	old
	run -s kernel --set output.write=in_place out.txt 200000000
	until_true 5 eval '[ -n "$(find . -name out.txt -size +1M)" ]'
	kill -$signal "$pid"
	ends "$(number $signal)" cut
	row="SIG$signal in the middle of a pipe that nobody reads"
	fed 65536
	: >log
	"$REFRESHER" -q -l none -s kernel - 1000000000 >&9 2>>log &
	pid=$!
	sleep 0.3
	begin=${EPOCHREALTIME/./}
	kill -$signal "$pid"
	ends "$(number $signal)" any
	[ $((${EPOCHREALTIME/./} - begin)) -lt 2000000 ] || fail "$row: it took $((${EPOCHREALTIME/./} - begin)) us"
	row="SIG$signal in the middle of standard output"
	run -q -s kernel - 1000000000 >part
	until_true 5 eval '[ -n "$(find part -size +1M)" ]'
	kill -$signal "$pid"
	ends "$(number $signal)" any
	! grep -v level=warn log || fail "$row: -q is not quiet" # a kernel without a layer is warned of
	rm part
done
exec 9>&-

row='a second signal of another kind: the first counts'
for pair in 'INT TERM' 'TERM INT'; do
	old
	# the rename takes its time, so that both come before the end
	if ! type -P strace >/dev/null || ! strace -o /dev/null true 2>/dev/null; then skip_part "$row: no strace"; break; fi
	: >log
	strace -D -f -o trace -e trace=fsync -e inject=fsync:delay_enter=1500000 "$REFRESHER" -l none -s kernel \
		--set confine.seccomp=false --set confine.no_core_dump=false out.txt 1000 2>>log &
	pid=$!
	children+=("$pid")
	until_true 5 eval '[ -n "$(find . -name ".out.txt*" -size +1k)" ]'
	for signal in $pair; do kill -$signal "$pid"; sleep 0.2; done
	ends "$(number "${pair% *}")" whole # cut off between the last byte and the rename
done
row='nohup: the end of the terminal ends nothing'
old
: >log
fed 500
nohup "$REFRESHER" -l none "${replay[@]}" out.txt 1000 2>>log >nohup.out &
pid=$!
children+=("$pid")
until_true 5 started
sleep 0.2
kill -HUP "$pid"
sleep 0.2
good_samples 3000 >&9
ends 0 new

row='the source fails'
old
run -s replay --set source.path=/dev/zero out.txt 1000
ends 69 old
[ "$(grep -c 'level=error.*no seed' log)" = 1 ] || fail "$row: not said once"
row='the source gives nothing'
old
run -s device -d /dev/null out.txt 1000
ends 69 old
row='the source is too slow'
old
fed 500
run "${replay[@]}" --set source.startup_timeout=1 out.txt 1000
ends 69 old
row='there is no source'
old
run -s replay --set source.path=/nonexistent out.txt 1000
ends 69 old
row='a configuration that is wrong'
echo 'numbers: {count: many}' >c.yaml
run -c c.yaml -s kernel out.txt 1000
ends 78 old
row='no room: a limit on the size of a file'
run_limited() { (ulimit -f 1 && exec "$REFRESHER" -l none -s kernel out.txt 100000 2>>log) & pid=$!; }
: >log
run_limited
ends 74 old
row='the DRBG fails in the middle of a file'
cat >drbg.c <<'C'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>
typedef int generate(void *, unsigned char *, size_t, unsigned, int, const unsigned char *, size_t);
/* The third whole buffer of random bytes cannot be made. */
int EVP_RAND_generate(void *c, unsigned char *out, size_t n, unsigned s, int p, const unsigned char *a, size_t an)
{
	static int buffers;
	if (n > 4096 && ++buffers == 3)
		return 0;
	return ((generate *)dlsym(RTLD_NEXT, "EVP_RAND_generate"))(c, out, n, s, p, a, an);
}
C
if is_sanitized; then
	skip_part "$row: a sanitizer wants to be loaded first"
elif type -P gcc >/dev/null; then
	gcc -shared -fPIC -o drbg.so drbg.c -ldl
	old
	: >log
	LD_PRELOAD=$PWD/drbg.so "$REFRESHER" -l none -s kernel out.txt 100000 2>>log &
	pid=$!
	ends 70 old
	says 'generate: .*exit=70'
else
	skip_part "$row: no gcc"
fi
row='the directory is gone'
fed 500
mkdir gone
run "${replay[@]}" gone/out.txt 1000
until_true 5 started
rm -r gone
good_samples 3000 >&9
ends 74 old
row='the reader of a pipe is gone'
rc=0
{ "$REFRESHER" -l none -s kernel - 10000000 2>log || echo $? >rc; } | head -n 1 >/dev/null
[ "$(cat rc)" = 74 ] || fail "$row: exit $(cat rc)"
says 'standard output was closed by its reader" exit=74'
[ "$(grep -c level=error log)" = 1 ] || fail "$row: not said once"

# on_failure remove: whatever the worker and the collector are doing, the old file is gone when the run ends
for round in 1 2 3 4; do
	for good in 0 500 1030 1080; do
		row="the source turns bad behind $good samples, remove ($round)"
		old
		fed $good
		run "${replay[@]}" --set health.on_failure=remove out.txt 1000
		until_true 5 started
		[ $((round % 2)) = 0 ] || sleep 0.05
		head -c 60000 /dev/zero >&9
		ends 69 gone
	done
done
row='remove is for a source that fails, not for one that is slow'
old
fed 500
run "${replay[@]}" --set health.on_failure=remove --set source.startup_timeout=1 out.txt 1000
ends 69 old
exec 9>&-

if [ "$(id -u)" = 0 ] && unshare -pf true 2>/dev/null; then
	for signal in INT TERM; do
		row="SIG$signal to process 1"
		old
		fed 500
		: >log
		unshare -pf --kill-child "$REFRESHER" -l none "${replay[@]}" out.txt 1000 2>>log &
		outer=$!
		children+=("$outer")
		until_true 5 started
		sleep 0.2
		kill -$signal "$(pgrep -P "$outer")"
		pid=$outer
		ends "$(number $signal)" old
	done
else
	skip_part 'process 1: a PID name space needs root'
fi
