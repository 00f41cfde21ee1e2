# A kernel that lacks Landlock: a warning, the layer is reported as not holding, all the rest holds and works.
. "$TESTS/system/lib.sh"
. "$TESTS/system/confine.sh"
mkdir out
if is_root; then chown 65532 out; fi
wrapper old python3 "$TESTS/system/without_calls.py" 444,445,446
start -s kernel "$TMP/out/n.txt" 100 0.2
until_true 5 ready_is 200
need_release
says 'level=warn.*layer=landlock.*the kernel has no Landlock'
[ "$(layer landlock)" = 0 ] || fail 'Landlock is reported as holding'
[ "$(detail landlock)" = 'not there, or hidden' ] || fail "landlock: $(detail landlock)"
for l in no_new_privs user capabilities no_core_dump seccomp; do
	[ "$(layer "$l")" = 1 ] || fail "layer $l: $(detail "$l")"
done
int32_file out/n.txt 100
stop 5
