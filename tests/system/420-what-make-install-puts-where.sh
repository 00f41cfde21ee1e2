# make install: the programs, their manuals, completions with every option, and a unit that systemd takes; make uninstall,
# twice; both as root and as an ordinary user.
. "$TESTS/system/lib.sh"
root=$(dirname "$TESTS")
[ -e "$root/Makefile" ] && type -P make >/dev/null || skip 'no make, or not in a source tree'
export MAKEFLAGS='' MAKELEVEL=''
unset VARIANT
home=$(mktemp -d) # where everybody can go
trap 'cleanup; rm -rf "$home"' EXIT
chmod 755 "$home"
cd "$home" || exit 1
# A build of its own, in which the programs are those under test: nothing is compiled.
mkdir -p b/release
cp "$REFRESHER" "$(dirname "$REFRESHER")/refresher-assess" b/release
make_it() {
	make -s -C "$root" -o "$PWD/b/release/refresher" -o "$PWD/b/release/refresher-assess" B="$PWD/b" PREFIX="$PWD/p" ETC="$PWD/etc" "$@" >log 2>&1 ||
		fail "make $*"
}
make_it install
unit=p/lib/systemd/system/refresher.service
bash=p/share/bash-completion/completions zsh=p/share/zsh/site-functions
for file in p/sbin/refresher p/bin/refresher-assess p/share/man/man1/refresher-assess.1 p/share/man/man8/refresher.8 p/share/man/man5/refresher.yaml.5 \
	p/share/doc/refresher/refresher.yaml $bash/refresher $bash/refresher-assess $zsh/_refresher $zsh/_refresher-assess $unit etc/refresher.yaml; do
	[ -s $file ] || fail "$file is not there"
done
for program in sbin/refresher bin/refresher-assess; do
	[ "$(stat -c %a p/$program)" = 755 ] && p/$program --version >/dev/null || fail "$program cannot be run"
done
p/sbin/refresher -n -c etc/refresher.yaml >effective || fail 'the configuration of the unit is refused'
grep -qx "ExecStart=$PWD/p/sbin/refresher --config $PWD/etc/refresher.yaml" $unit || fail "$(grep ^Exec $unit)"

# each option of --help stands in both completions
for program in sbin/refresher bin/refresher-assess; do
	name=${program#*/}
	options=$(p/$program --help | sed -n '/^  -\|^      --/p' | cut -c 1-26 | grep -oE '(^| )--?[A-Za-z][a-z-]*' | tr -d ' ')
	[ "$(wc -l <<<"$options")" -ge 20 ] || fail "too few options: $options"
	for option in $options; do
		grep -qE -- "[ '|]${option}[ ')]" $bash/$name || fail "bash: no $option of $name"
		grep -qE -- "[ '{,*]${option}[+='},)]" $zsh/_$name || fail "zsh: no $option of $name"
	done
done

# what bash offers
. $bash/refresher
. $bash/refresher-assess
offers() { # WANTED WORD...: behind these words, of which the last is being written
	local wanted=$1
	shift
	COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
	"_${1//-/_}"
	[ "${COMPREPLY[*]}" = "$wanted" ] || fail "behind $* bash offers '${COMPREPLY[*]}', not '$wanted'"
}
touch numbers.txt
offers 'device' refresher -s d
offers 'auto device cpu kernel replay' refresher --source = ''
offers 'kernel' refresher --source = k
offers 'logfmt json' refresher --log-format ''
offers 'uint32 uint64 uuid' refresher -f u
offers '--config --check-config' refresher --c
offers 'numbers.txt' refresher num
offers 'numbers.txt' refresher -c num
offers '' refresher --set ''
offers '--restart --require' refresher-assess --re
offers 'numbers.txt' refresher-assess --svg = num
offers 'numbers.txt' refresher-assess num
offers '' refresher-assess --samples 1
if type -P zsh >/dev/null; then
	for name in refresher refresher-assess; do
		zsh -n $zsh/_$name || fail "zsh does not read its completion of $name"
		zsh -f -c "fpath=($PWD/$zsh \$fpath); autoload -U compinit; compinit -D -u; (( \$+functions[_$name] )) && [[ \$_comps[$name] = _$name ]]" ||
			fail "zsh does not find its completion of $name"
	done
else
	skip_part 'zsh: not installed'
fi

# systemd knows every word of the unit, and counts what is left open to it: 10 is everything
if type -P systemd-analyze >/dev/null; then
	# a container may have no manager that could look
	systemd-analyze verify --man=no "$PWD/$unit" >verified 2>&1 || grep -q 'refresher' verified || { cat verified; skip 'systemd-analyze cannot work here'; }
	! grep refresher verified || fail "systemd-analyze verify: $(cat verified)"
	systemd-analyze security --offline=true --threshold=20 "$PWD/$unit" >security 2>&1 || fail "security: $(tail -n 60 security)"
	sed -n 's/^.*\(Overall exposure.*\)$/\1/p' security
else
	skip_part 'systemd-analyze: not installed'
fi

# a changed configuration is the administrator's
make_it install
echo '# mine' >>etc/refresher.yaml
make_it install
grep -q mine etc/refresher.yaml || fail 'install has overwritten the configuration'
make_it uninstall
[ "$(find p etc -type f)" = etc/refresher.yaml ] || fail "left: $(find p etc -type f)"
make_it uninstall
rm etc/refresher.yaml
make_it install
make_it uninstall
make_it uninstall
[ -z "$(find p -type f)" ] && [ ! -e etc ] || fail "left: $(find p etc)"

# What a package is made of is staged by whoever builds it.
stage=$PWD/stage
staged() { make -s -C "$root" -o "$PWD/b/release/refresher" -o "$PWD/b/release/refresher-assess" B="$PWD/b" DESTDIR="$stage" "$1"; }
as_user() { bash -ec "$*"; }
if [ "$(id -u)" = 0 ]; then as_user() { setpriv --reuid 65534 --regid 65534 --clear-groups bash -ec "$*"; }; fi
mkdir -m 777 "$stage"
if as_user "test -r '$root/Makefile' && test -x '$root/refresher'"; then
	export stage root
	export -f staged
	as_user staged install >log 2>&1 || fail 'make install DESTDIR=... as an ordinary user'
	[ -x stage/usr/local/sbin/refresher ] && [ -s stage/etc/random-refresher/refresher.yaml ] || fail "staged: $(find stage -type f)"
	grep -qx 'ExecStart=/usr/local/sbin/refresher --config /etc/random-refresher/refresher.yaml' stage/usr/local/lib/systemd/system/refresher.service ||
		fail 'the place of the stage stands in the unit'
	as_user staged uninstall >log 2>&1 || fail 'make uninstall DESTDIR=... as an ordinary user'
	[ -z "$(find stage -type f)" ] || fail "left: $(find stage -type f)"
else
	skip_part 'the source tree cannot be read by another user'
fi
