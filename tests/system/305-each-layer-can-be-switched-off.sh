# confine.LAYER: false takes that layer away, says so, and leaves the others.
. "$TESTS/system/lib.sh"
. "$TESTS/system/confine.sh"
mkdir out
if is_root; then chown 65532 out; fi
for off in no_new_privs capabilities no_core_dump landlock seccomp; do
	start -s kernel --set confine.$off=false "$TMP/out/n.txt" 100 0.2
	until_true 5 ready_is 200
	need_release
	for l in no_new_privs capabilities no_core_dump landlock seccomp; do
		want=1
		[ "$l" = $off ] && want=0
		# these two need no_new_privs
		[ $off = no_new_privs ] && { [ "$l" = landlock ] || [ "$l" = seccomp ]; } && want=0
		[ "$l" = landlock ] && ! has_landlock && continue
		# the runtime of a container may have set it before
		[ $off = no_new_privs ] && grep -q '^NoNewPrivs:.1' /proc/self/status && continue
		[ "$(layer "$l")" = $want ] || fail "$off is off and $l is $(layer "$l"): $(detail "$l")"
	done
	case $off in
	seccomp) every_thread Seccomp "$(sed -n 's/^Seccomp:.//p' /proc/self/status)" ;; # that of a container's runtime, or 0
	landlock) every_thread Seccomp 2 ;;
	esac
	stop 5
done
chown "$(id -u)" out
start -s kernel --set confine.user=none "$TMP/out/n.txt" 100 0.2
until_true 5 ready_is 200
every_thread Uid "$(id -u) $(id -u) $(id -u) $(id -u)"
if is_root; then [ "$(layer user)" = 0 ] || fail 'root stays and the layer holds'; fi
stop 5
