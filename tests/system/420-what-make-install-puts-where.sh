# make install: the program, its manuals, completions with every option, and a unit that systemd takes; make uninstall, twice.
. "$TESTS/system/lib.sh"
root=$(dirname "$TESTS")
[ -e "$root/Makefile" ] && type -P make >/dev/null || skip 'no make, or not in a source tree'
export MAKEFLAGS='' MAKELEVEL=''
unset VARIANT
# A build of its own, in which the program is the one under test: nothing is compiled.
mkdir -p b/release
cp "$REFRESHER" b/release/refresher
make_it() { make -s -C "$root" -o "$PWD/b/release/refresher" B="$PWD/b" PREFIX="$PWD/p" ETC="$PWD/etc" "$@" >log 2>&1 || fail "make $*"; }
make_it install
unit=p/lib/systemd/system/refresher.service
for file in p/sbin/refresher p/share/man/man8/refresher.8 p/share/man/man5/refresher.yaml.5 p/share/doc/refresher/refresher.yaml \
	p/share/bash-completion/completions/refresher p/share/zsh/site-functions/_refresher $unit etc/refresher.yaml; do
	[ -s $file ] || fail "$file is not there"
done
[ "$(stat -c %a p/sbin/refresher)" = 755 ] || fail 'the program cannot be run'
p/sbin/refresher -n -c etc/refresher.yaml >effective || fail 'the configuration of the unit is refused'
grep -qx "ExecStart=$PWD/p/sbin/refresher --config $PWD/etc/refresher.yaml" $unit || fail "$(grep ^Exec $unit)"

# each option of --help stands in both completions
options=$("$REFRESHER" --help | sed -n '/^  -\|^      --/p' | cut -c 1-26 | grep -oE '(^| )--?[A-Za-z][a-z-]*' | tr -d ' ')
[ "$(wc -l <<<"$options")" -ge 20 ] || fail "too few options: $options"
for option in $options; do
	grep -qE -- "[ '|]${option}[ ')]" p/share/bash-completion/completions/refresher || fail "bash: no $option"
	grep -qE -- "[ '{,*]${option}[+='},)]" p/share/zsh/site-functions/_refresher || fail "zsh: no $option"
done

# what bash offers
. p/share/bash-completion/completions/refresher
offers() { # WANTED WORD...: behind these words, of which the last is being written
	local wanted=$1
	shift
	COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
	_refresher
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
if type -P zsh >/dev/null; then
	zsh -n p/share/zsh/site-functions/_refresher || fail 'zsh does not read its completion'
	zsh -f -c "fpath=($PWD/p/share/zsh/site-functions \$fpath); autoload -U compinit; compinit -D -u; (( \$+functions[_refresher] )) && [[ \$_comps[refresher] = _refresher ]]" ||
		fail 'zsh does not find its completion'
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
