# Each thread of a running daemon: no capability, no new privileges, a filter; /status and the metric say the same.
. "$TESTS/system/lib.sh"
. "$TESTS/system/confine.sh"
mkdir out
if is_root; then chown 65532:65532 out; fi
start -s kernel "$TMP/out/numbers.txt" 100 0.3
until_true 5 ready_is 200
need_release
for set in CapInh CapPrm CapEff CapAmb; do every_thread $set 0000000000000000; done
every_thread NoNewPrivs 1
every_thread Seccomp 2
for l in no_new_privs user capabilities no_core_dump seccomp; do
	[ "$(layer "$l")" = 1 ] || fail "layer $l: $(layer "$l"), $(detail "$l")"
done
if has_landlock; then
	[ "$(layer landlock)" = 1 ] || fail "landlock: $(detail landlock)"
	detail landlock | grep -q '^abi [0-9]' || fail "landlock: $(detail landlock)"
else
	skip_part 'this kernel has no Landlock'
fi
if can_lock; then
	[ "$(layer memory_lock)" = 1 ] || fail "memory_lock: $(detail memory_lock)"
	[ "$(locked_kb)" -gt 0 ] || fail 'no page is locked'
else
	skip_part 'RLIMIT_MEMLOCK is too small here'
fi
if is_root; then
	every_thread CapBnd 0000000000000000
	every_thread Uid '65532 65532 65532 65532'
	every_thread Gid '65532 65532 65532 65532'
	every_thread Groups ''
	[ "$(detail user)" = 'uid 65532, gid 65532' ] || fail "user: $(detail user)"
else
	skip_part 'the user and the bounding set: needs root'
fi
grep -qE '^Max core file size +0 +0 ' "/proc/$pid/limits" || fail 'core files have a size'
[ "$(stat -c %u "/proc/$pid/fd")" = 0 ] || fail 'the process is dumpable: its /proc belongs to its user'
# every connection and every refresh goes on
for path in /healthz /readyz /metrics /status /; do [ "$(code $path)" = 200 ] || fail "$path"; done
before=$(metric refreshes_total)
kill -HUP "$pid" && kill -USR1 "$pid" && kill -USR2 "$pid"
until_true 5 logged 'on-demand health test passed'
sleep 0.5
[ "$(metric refreshes_total)" -gt "$before" ] || fail 'no refresh any more'
stop 5
