# confine.LAYER: false takes that layer away, says so, and leaves the others.
. "$TESTS/system/lib.sh"
. "$TESTS/system/confine.sh"
mkdir out
if is_root; then chown 65532 out; fi
layers=(capabilities no_core_dump seccomp)
if has_landlock; then layers+=(landlock); else skip_part 'landlock: this kernel has none'; fi
if can_lock; then layers+=(memory_lock); else skip_part 'memory_lock: RLIMIT_MEMLOCK is too small here'; fi
offs=("${layers[@]}")
layers+=(no_new_privs)
if grep -q '^NoNewPrivs:.0' /proc/self/status; then offs+=(no_new_privs); else skip_part 'no_new_privs: set before us'; fi
for off in "${offs[@]}"; do
	start -s kernel --set confine.$off=false "$TMP/out/n.txt" 100 0.2
	until_true 5 ready_is 200
	need_release
	[ "$(detail $off)" = 'switched off' ] || fail "$off: $(detail $off)"
	for l in "${layers[@]}"; do
		want=1
		[ "$l" = $off ] && want=0
		# these two need no_new_privs
		[ $off = no_new_privs ] && { [ "$l" = landlock ] || [ "$l" = seccomp ]; } && want=0
		[ "$(layer "$l")" = $want ] || fail "$off is off and $l is $(layer "$l"): $(detail "$l")"
	done
	case $off in
	seccomp) every_thread Seccomp "$(sed -n 's/^Seccomp:.//p' /proc/self/status)" ;; # that of a container's runtime, or 0
	landlock) every_thread Seccomp 2 ;;
	memory_lock)
		[ "$(locked_kb)" = 0 ] || fail "$(locked_kb) kB are locked"
		! logged 'memory is not locked' || fail 'what was switched off is warned of'
		;;
	esac
	stop 5
done
chown "$(id -u)" out
start -s kernel --set confine.user=none "$TMP/out/n.txt" 100 0.2
until_true 5 ready_is 200
every_thread Uid "$(id -u) $(id -u) $(id -u) $(id -u)"
if is_root; then [ "$(layer user)" = 0 ] || fail 'root stays and the layer holds'; fi
stop 5
