# On a bare machine the first sentence says what to do: make, the packages, the names of failed tests, the cluster's tool.
. "$TESTS/system/lib.sh"
root=$(dirname "$TESTS")
[ -e "$root/Makefile" ] && type -P make >/dev/null || skip 'no make, or not in a source tree'
export MAKEFLAGS='' MAKELEVEL=''
unset VARIANT # who runs the tests may have named another one
run() { # CODE COMMAND...: standard output and error in ./log
	local want=$1 rc=0
	shift
	"$@" >log 2>&1 || rc=$?
	[ $rc = "$want" ] || fail "exit $rc instead of $want: $*"
}
# bin NAME...: a directory with nothing but these programs, as PATH
bin() {
	rm -rf bin && mkdir bin
	local name
	for name; do ln -s "$(type -P "$name")" bin/; done
}
# A stub takes the place of a link, and must never be written through it.
stub() { rm -f "bin/$1"; printf '#!/bin/sh\n%s\n' "$2" >"bin/$1" && chmod 755 "bin/$1"; } # NAME SCRIPT

for variant in bogus 'release asan' ''; do
	run 2 make -C "$root" -n VARIANT="$variant"
	says "VARIANT=\"$variant\" is unknown; allowed: one of release asan tsan cov"
	[ "$(wc -l <log)" -le 3 ] || fail 'more than the sentence'
done

# neither compiler nor pkg-config, then a compiler without libraries
bin make sh env bash find awk sed cat mkdir uname nproc printf echo git rm
for goal in all install; do
	run 2 env PATH="$PWD/bin" make -C "$root" B="$PWD/b" DESTDIR="$PWD/d" $goal
	says '^This machine cannot build; it lacks: the compiler gcc, pkg-config$'
	says '^make deps-build installs it: apt-get install gcc '
	grep -q 'No such file' log && fail 'a file that is no file'
	[ ! -e d ] || fail 'something was installed'
done
stub gcc 'exit 1'
stub pkg-config '[ "$2" = libcrypto ]'
run 2 env PATH="$PWD/bin" make -C "$root" B="$PWD/b"
says 'cannot build; it lacks: the headers of libmicrohttpd, the headers of yaml-0.1, the headers of libseccomp'

# who may not install is told the line to run; a system without Debian's tools is not stopped
bin sh grep
stub dpkg-query 'exit 1'
stub id 'echo 1000'
run 1 env PATH="$PWD/bin" "$TESTS/need" some-package another
says '^run as root: apt-get install -y --no-install-recommends some-package another$'
rm bin/dpkg-query
run 0 env PATH="$PWD/bin" "$TESTS/need" some-package
says 'cannot tell what is missing of: some-package'

# a port that is taken: the variable that names another one; what our own example does is no reason for a warning
if [ -x "$root/build/release/refresher" ] && [ "$REFRESHER" -ef "$root/build/release/refresher" ]; then
	start -s kernel --set source.timeout=5 taken.txt 10 30
	args="$PWD/mine.txt 10"
	run 2 make -C "$root" run LISTEN="127.0.0.1:$port" RUN_ARGS="-s kernel $args 30"
	says '^make: where the port is taken: make run LISTEN='
	run 0 make -C "$root" run LISTEN=none RUN_ARGS="-s kernel $args"
	grep -q 'level=warn.*layer=user' log && [ "$(stat -c %u "$root")" = "$(stat -c %u .)" ] && fail 'a warning that our own example causes'
	stop 5
fi

run 0 make -C "$root" --no-print-directory help
grep -F "\$(" log && fail 'make help shows raw variables'
says '^  all  *build build/release/refresher and refresher-assess \(VARIANT=release asan tsan cov\)$'

# the names of failed tests come last
mkdir -p out/tests/unit
printf '#!/bin/sh\necho 1..2\necho "ok 1 - a"\necho "not ok 2 - b"\nexit 1\n' >out/tests/unit/test_bad
printf '#!/bin/sh\necho 1..1\necho "ok 1 - c"\n' >out/tests/unit/test_well
chmod 755 out/tests/unit/test_*
run 1 "$TESTS/run" out unit
[ "$(tail -n 2 log)" = $'failed: test_bad\n2 passed, 1 failed, 0 skipped' ] || fail 'tests/run hides the name'
bin sh env sed grep tail cat mktemp dirname realpath rm
stub python3 'exit 0'
stub bash 'exit 0'
stub make 'case "$*" in
test) printf "%s\n" "FAILED 042-x (exit 1)" "skip   a" "skip   b" "failed: 042-x" "failed: 043-y" "5 passed, 2 failed, 2 skipped"; exit 1 ;;
lint) echo "lint: 3 findings"; exit 1 ;;
esac'
run 1 env PATH="$PWD/bin" "$(type -P bash)" "$root/.ci/run"
[ "$(tail -n 4 log | head -n 3)" = $'failed: test: 042-x\nfailed: test: 043-y\nfailed: lint' ] || fail '.ci/run hides the names'
tail -n 1 log | grep -qE '^[0-9]+ passed, 3 failed, 2 skipped$' || fail ".ci/run counts wrongly"

# without kubectl: one error, and nothing before it
bin sh dirname mktemp rm
for kubectl in '' 'no-such-kubectl --context x'; do
	run 1 env PATH="$PWD/bin" KUBECTL="$kubectl" PUSH=no "$root/k8s/deploy" registry.example/x:1
	name=${kubectl:-kubectl}
	[ "$(cat log)" = "deploy: no ${name%% *} here: install it, or name yours by KUBECTL=" ] || fail 'more than one error'
done
