#!/usr/bin/env bash
# manuals.sh [BINARY] - the manuals and the example configuration say what the programs do. Exit 77: skipped.
set -u
here=$(dirname "$(dirname "$(realpath "$0")")")
binary=${1:-${REFRESHER:-$here/build/release/refresher}}
man=$here/refresher/man
failures=0

fail() {
	echo "not ok: $*"
	failures=$((failures + 1))
}

command -v mandoc >/dev/null || { echo "skipped: no mandoc"; exit 77; }
[ -x "$binary" ] || { echo "no program $binary: make it first"; exit 1; }

# YAML of --check-config -> "dotted.key value" lines, without quotes but for empty text.
flatten() {
	awk '/^#/ { next }
	{
		depth = (match($0, /[^ ]/) - 1) / 2
		part[depth] = $1; sub(/:$/, "", part[depth])
		if (NF < 2) next
		value = $2; if (value != "\"\"") gsub(/"/, "", value)
		name = part[0]; for (i = 1; i <= depth; i++) name = name "." part[i]
		print name, value
	}'
}

# The entry of a key in refresher.yaml.5, on one line.
entry() {
	awk -v head=".It Ic $1" '$0 == head { on = 1; next } on && /^\.(It|El|Sh)/ { exit } on' "$man/refresher.yaml.5" |
		tr '\n' ' '
}

# The keys of the table that a running daemon may take over.
reloadable=$(sed -n '/^static const struct key table/,/^};/p' "$here/refresher/config/keys.c" | awk -v RS='),\n' \
	'/RELOAD|REWRITE/ && match($0, /"[a-z_.0-9]+"/) { print substr($0, RSTART + 1, RLENGTH - 2) }')
defaults=$("$binary" --check-config) || fail "--check-config of the defaults"
keys=$(flatten <<<"$defaults")
[ "$(wc -l <<<"$keys")" -ge 40 ] || fail "--check-config prints too few keys"
[ "$(wc -l <<<"$reloadable")" -ge 10 ] || fail "keys.c: too few keys marked RELOAD or REWRITE"

# Each key has an entry whose first sentence ends with its default and how it changes, and there is no other entry.
while read -r key value; do
	when=restart
	grep -qx "$key" <<<"$reloadable" && when=reload
	case $(entry "$key") in
	*"default $value; $when."*) ;;
	"") fail "refresher.yaml.5: no entry for $key" ;;
	*) fail "refresher.yaml.5: $key: no \"default $value; $when.\"" ;;
	esac
done <<<"$keys"
while read -r key; do
	grep -q "^$key " <<<"$keys" || fail "refresher.yaml.5: $key is no key"
done < <(sed -n 's/^\.It Ic //p' "$man/refresher.yaml.5")

# agree PROGRAM PAGE CODE...: each option and operand of --help heads an entry of the page, which has no other option;
# so does each exit status.
agree() {
	local options text option operand code names=$here/refresher/man/$2
	options=$("$1" --help | sed -n '/^  -\|^      --/p' | grep -oE '(^| )--?[A-Za-z][a-z-]*' | tr -d ' ' | sort -u)
	[ "$(wc -l <<<"$options")" -ge 20 ] || fail "$1 --help: too few options"
	text=$(mandoc -T ascii "$names" | col -bx)
	for option in $options; do
		grep -qE "^ +(-., )?$option( |,|\[|\$)" <<<"$text" || fail "$2: no entry for $option"
	done
	while read -r option; do
		grep -qxe "$option" <<<"$options" || fail "$2: $option is no option"
	done < <(grep '^\.It Fl' "$names" | grep -oE 'Fl [^ ]+' | sed -E 's/^Fl (\\-)?/\1/; s/^\\-/--/; s/^([^-])/-\1/')
	while read -r operand; do
		grep -qE "^ +$operand " <<<"$text" || fail "$2: no entry for $operand"
	done < <("$1" --help | sed -n 's/^  \([A-Z]\{4,\}\) .*/\1/p')
	for code in "${@:3}"; do
		grep -qE "^ +([0-9]+, )?$code(, [0-9]+)? +[A-Z]" <<<"$text" || fail "$2: no exit status $code"
	done
}
agree "$binary" refresher.8 0 1 64 69 70 71 73 74 77 78
assess=$(dirname "$binary")/refresher-assess
[ -x "$assess" ] || fail "no program $assess: make it first"
agree "$assess" refresher-assess.1 0 1 64 65 66 69 71 73 74 77
# Its letters without an argument are one word of the synopsis.
letters=$("$assess" --help | sed -nE 's/^  -([a-zA-Z]), --[a-z]+ {2,}.*/\1/p' | grep -v '[Vh]' | sort | tr -d '\n')
grep -qx "\.Op Fl $letters" "$man/refresher-assess.1" || fail "refresher-assess.1: the synopsis has not the letters $letters"

for file in refresher.8 refresher-assess.1 refresher.yaml.5; do
	notes=$(mandoc -T lint -W warning "$man/$file" 2>&1) || fail "mandoc: $notes"
done

# The example is complete, in the table's order, and equals the defaults.
printed=$("$binary" --check-config --config "$man/refresher.yaml") || fail "the example does not pass --check-config"
[ "$printed" = "$defaults" ] || fail "the example differs from the defaults: $(diff <(echo "$defaults") <(echo "$printed"))"
written=$(sed 's/ *#.*//; /^$/d' "$man/refresher.yaml" | flatten)
[ "$written" = "$keys" ] || fail "the example's keys: $(diff <(echo "$keys") <(echo "$written"))"

# One version, the Makefile's: the programs', the newest of the change log, the image's and the package's in the texts, and no
# key has left in a later one.
version=$(sed -n 's/^VERSION := //p' "$here/Makefile")
for program in "$binary" "$assess"; do
	"$program" --version | grep -q "^${program##*/} $version," || fail "$program --version does not say $version"
done
[ "$(sed -n 's/^## \[\(.*\)\].*/\1/p' "$here/CHANGELOG.md" | head -n 1)" = "$version" ] || fail "CHANGELOG.md does not begin with $version"
while IFS=: read -r file line; do
	[ "${line##*[:_ ]}" = "$version" ] || fail "$file says $line, not $version"
done < <(cd "$here" && grep -oE '(random-refresher[:_]|refresher: starting \(version )[0-9]+\.[0-9.]*[0-9]' README.md ./*/README.md)
while read -r left; do
	[ "$(printf '%s\n' "$left" "$version" | sort -V | head -n 1)" = "$left" ] || fail "removed.c: left in $left, after $version"
done < <(sed -n 's/^.*{"[a-z_.0-9]*", [^,]*, "\([0-9.]*\)".*/\1/p' "$here/refresher/config/removed.c" | grep .)

[ "$failures" = 0 ] && echo "ok: manuals"
exit $((failures > 0))
