# SIGHUP and a changed file reload; a bad file is refused and the old configuration stays; a ConfigMap's ..data link counts.
. "$TESTS/system/lib.sh"
# of source.timeout 1 the file is looked at twice a second
printf 'source: {kind: kernel, timeout: 1}\nnumbers: {count: 100}\nrefresh: {interval: 0.2}\noutput: {file: %s/out.txt}\n' "$TMP" >c.yaml
start -c c.yaml
lines_are() { [ "$(wc -l <out.txt)" = "$1" ]; }
until_true 5 lines_are 100
sed 's/count: 100/count: 200/' c.yaml >n.yaml && cat n.yaml >c.yaml
until_true 5 lines_are 200
says 'msg="configuration reloaded" changed=numbers\.count$'
printf 'numbers: {count: nonsense}\nlog: {level: loud}\n' >c.yaml
until_true 5 logged 'reload refused; the old configuration stays" error="c\.yaml:1:'
until_true 5 logged 'reload refused; the old configuration stays" error="c\.yaml:2:'
[ "$(metric config_last_reload_successful)" = 0 ] || fail 'config_last_reload_successful'
sleep 1.2
lines_are 200 || fail 'a refused configuration was taken over'
[ "$(grep -c 'reload refused' log)" = 2 ] || fail 'each fault of a refusal is not said once'
# emptied: whoever did it is about to write; the defaults are not wanted in between
: >c.yaml
sleep 1.2
grep -c 'configuration reloaded' log | grep -qx 1 || fail 'an emptied file was taken over'
sed 's/count: 200/count: 300/' n.yaml >m.yaml && mv m.yaml c.yaml
until_true 5 lines_are 300
[ "$(metric config_last_reload_successful)" = 1 ] || fail 'config_last_reload_successful'
sed 's/kind: kernel/kind: cpu/' c.yaml >x && cat x >c.yaml
until_true 5 logged 'some keys change only with a restart" restart=source\.kind$'
wanted() { [ "$(metric config_restart_wanted)" = "$1" ]; }
keys_are() { curl -s "$url/status" | python3 -c 'import json, sys; c = json.load(sys.stdin)["config"]; sys.exit(c["restart_keys"] != sys.argv[1] or c["restart_wanted"] != (sys.argv[1] != ""))' "$1"; }
until_true 5 wanted 1
keys_are source.kind || fail "/status: $(curl -s "$url/status")"
# the hash is of what is in use, and --check-config tells it
hash_is() { [ "$(metric 'config_info{hash="'"$1"'"}')" = 1 ]; }
hash_of() { "$REFRESHER" -n -c "$1" -l 127.0.0.1:0 | sed -n 's/^# hash: //p'; }
sed 's/kind: cpu/kind: kernel/; s/count: 300/count: 310/; $a http: {connections: 5}' c.yaml >x && cat x >c.yaml
until_true 5 logged 'only with a restart" changed=numbers\.count restart=http\.connections$'
until_true 5 lines_are 310
keys_are http.connections || fail "/status: $(curl -s "$url/status")"
sed '/connections/d' c.yaml >x && cat x >c.yaml
until_true 5 wanted 0
keys_are '' || fail "/status: $(curl -s "$url/status")"
hash_is "$(hash_of c.yaml)" || fail "$(hash_of c.yaml); $(curl -s "$url/metrics" | grep config_info)"
sed 's/count: 310/count: 311/' c.yaml >x && cat x >c.yaml
until_true 5 lines_are 311
until_true 5 hash_is "$(hash_of c.yaml)"
stop 5

# what the worker does not use makes no new file; a touch and a comment are said, and change nothing
sed 's/interval: 0.2/interval: 600/' n.yaml >c.yaml
start -c c.yaml
until_true 5 lines_are 200
refreshes() { metric refreshes_total; }
before=$(refreshes)
[ "$before" = 1 ] || fail "refreshes_total is $before"
touch c.yaml
until_true 5 logged 'msg="configuration reloaded; nothing changed"'
echo '# a comment' >>c.yaml
twice() { [ "$(grep -c 'nothing changed' log)" = 2 ]; }
until_true 5 twice
kill -HUP "$pid"
thrice() { [ "$(grep -c 'nothing changed' log)" = 3 ]; }
until_true 5 thrice
sed 's/timeout: 1/timeout: 1.1/; $a log: {level: debug}\nhealth: {on_failure: remove}' c.yaml >x && cat x >c.yaml
until_true 5 logged 'changed=source\.timeout,health\.on_failure,log\.level$'
sleep 0.3
[ "$(refreshes)" = 1 ] || fail 'a reload that does not concern the numbers made a new file'
sed 's/count: 200/count: 210/' c.yaml >x && cat x >c.yaml
until_true 5 lines_are 210
stop 5

# the kubelet's way: files are links through ..data, which is swapped by rename
mkdir -p cm/..v1 cm/..v2
sed 's/count: [0-9]*/count: 11/' n.yaml >cm/..v1/c.yaml
sed 's/count: [0-9]*/count: 22/' n.yaml >cm/..v2/c.yaml
ln -s ..v1 cm/..data
ln -s ..data/c.yaml cm/c.yaml
start -c cm/c.yaml
until_true 5 lines_are 11
ln -s ..v2 cm/..data_tmp
mv -T cm/..data_tmp cm/..data
until_true 5 lines_are 22
sed 's/count: [0-9]*/count: 33/' n.yaml >cm/..v2/c.yaml
kill -HUP "$pid"
until_true 5 lines_are 33
stop 5

# what is no file is refused at a reload, and nobody waits for a writer
mkfifo fifo
cp cm/..v2/c.yaml c.yaml
start -c c.yaml
until_true 5 lines_are 33
mv -T fifo c.yaml
until_true 5 logged 'reload refused.*is a pipe, and a configuration is a regular file'
quick /healthz
kill -HUP "$pid"
refusals_are() { [ "$(grep -c 'reload refused' log)" = "$1" ]; }
until_true 5 refusals_are 2
lines_are 33 || fail 'a pipe was taken over'
rm c.yaml
until_true 5 logged 'the configuration cannot be seen; the one that was read stays" file=c.yaml error="No such file'
stop 5
# and at the start; a file on standard input is a file
for name in <(cat cm/..v2/c.yaml) /dev/null .; do
	expect 78 -n -c "$name"
	says 'is a (pipe|device|directory), and a configuration is a regular file; write it into one, or give its keys by --set'
done
expect 78 -n -c /dev/stdin < <(cat n.yaml)
says '/dev/stdin: is a pipe'
expect 0 -n -c /dev/stdin <n.yaml

# a change between the first reading and the loop, here during the trial read of a stuck device, is not lost
python3 - <<'P' &
import os, time
ours, theirs = os.openpty()
with open("pty.new", "w") as f:
    f.write(os.ttyname(theirs))
os.rename("pty.new", "pty")
time.sleep(60)
P
children+=("$!")
until_true 5 is_file pty
pty=$(cat pty)
rm -f out.txt
printf 'source: {kind: auto, timeout: 1}\nnumbers: {count: 44}\nrefresh: {interval: 0.2}\noutput: {file: %s/out.txt}\n' "$TMP" >c.yaml
: >log
# from a variable: a subshell of the command would have a child, taken for the trial read
"$REFRESHER" -l none -c c.yaml -d "$pty" 2>>log &
pid=$!
children+=("$pid")
tries() { pgrep -P "$pid" >/dev/null; }
until_true 5 tries
sed "s/44/55/" c.yaml >x && cat x >c.yaml # the same size
until_true 5 logged 'configuration reloaded'
until_true 5 lines_are 55
stop 5

# a link into another directory: what it leads to is rewritten, replaced; another link
mkdir real links
cp n.yaml real/r.yaml
ln -s ../real/r.yaml links/c.yaml
start -c links/c.yaml
sed 's/count: [0-9]*/count: 66/' n.yaml >real/r.yaml
until_true 5 lines_are 66
sed 's/count: [0-9]*/count: 77/' n.yaml >real/x && mv real/x real/r.yaml
until_true 5 lines_are 77
sed 's/count: [0-9]*/count: 88/' n.yaml >links/v2
rm links/c.yaml
ln -s v2 links/c.yaml
until_true 5 lines_are 88
stop 5

# with the default source.timeout a change takes less than five seconds, and the loop wakes every four
sed '1d' n.yaml >c.yaml
start -s kernel -c c.yaml
until_true 5 lines_are 200
begin=$SECONDS
sed 's/count: 200/count: 99/' c.yaml >x && cat x >c.yaml
until_true 8 lines_are 99
[ $((SECONDS - begin)) -le 6 ] || fail "the change took $((SECONDS - begin)) s"
stop 5
