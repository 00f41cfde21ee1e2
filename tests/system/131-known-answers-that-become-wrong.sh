# The known-answer test of the DRBG runs on SIGUSR2 too. While it fails no numbers are made and liveness fails; when it passes
# again, numbers come again.
. "$TESTS/system/lib.sh"
! is_sanitized || skip 'a sanitizer wants to be loaded first'
type -P gcc >/dev/null || skip 'no gcc'
cat >wrong.c <<'C'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>
typedef int generate(void *, unsigned char *, size_t, unsigned, int, const unsigned char *, size_t);
/* While the file is there, one bit of each output is wrong. */
int EVP_RAND_generate(void *c, unsigned char *out, size_t n, unsigned s, int p, const unsigned char *a, size_t an)
{
	int rc = ((generate *)dlsym(RTLD_NEXT, "EVP_RAND_generate"))(c, out, n, s, p, a, an);
	if (n > 0 && access(getenv("WRONG"), F_OK) == 0)
		out[0] ^= 1;
	return rc;
}
C
gcc -shared -fPIC -o wrong.so wrong.c -ldl
binary=$REFRESHER
printf '#!/bin/sh\nWRONG=%s/wrong LD_PRELOAD=%s/wrong.so exec %s "$@"\n' "$TMP" "$TMP" "$binary" >run
chmod 755 run
mkdir out
REFRESHER=$PWD/run
start -s kernel --set confine.landlock=false --set confine.seccomp=false out/n.txt 100 0.2
until_true 5 ready_is 200
tests_are() { [ "$(metric drbg_self_tests_total)" -ge "$1" ]; }
tests_are 1 || fail 'the test of the start is not counted'
kill -USR2 "$pid"
until_true 5 tests_are 2
says 'level=info msg="known-answer test passed"'

: >wrong
kill -USR2 "$pid"
live_is() { [ "$(code '/livez?verbose')" = "$1" ]; }
until_true 5 live_is 503
grep -q '^\[-\]drbg failed: .*known-answer test: wrong output' body || fail "livez: $(cat body)"
says 'level=error.*known-answer test: wrong output'
before=$(md5sum <out/n.txt)
sleep 1
[ "$(md5sum <out/n.txt)" = "$before" ] || fail 'numbers of a DRBG that gives wrong answers'
until_true 5 ready_is 503 # the file is too old by then

rm wrong
until_true 15 live_is 200
until_true 5 ready_is 200
[ "$(md5sum <out/n.txt)" != "$before" ] || fail 'no new numbers'
stop 5
