# SIGHUP and a changed file reload; a bad file is refused and the old configuration stays; a ConfigMap's ..data link counts.
. "$TESTS/system/lib.sh"
printf 'source: {kind: kernel}\nnumbers: {count: 100}\nrefresh: {interval: 0.2}\noutput: {file: %s/out.txt}\n' "$TMP" >c.yaml
start -c c.yaml
lines_are() { [ "$(wc -l <out.txt)" = "$1" ]; }
until_true 5 lines_are 100
sed 's/count: 100/count: 200/' c.yaml >n.yaml && cat n.yaml >c.yaml
until_true 5 lines_are 200
echo 'numbers: {count: nonsense}' >c.yaml
until_true 5 logged 'reload refused.*c\.yaml:1:'
[ "$(metric config_last_reload_successful)" = 0 ] || fail 'config_last_reload_successful'
sleep 0.5
lines_are 200 || fail 'a refused configuration was taken over'
sed 's/count: 100/count: 300/' n.yaml | sed 's/count: 200/count: 300/' >m.yaml && mv m.yaml c.yaml
until_true 5 lines_are 300
[ "$(metric config_last_reload_successful)" = 1 ] || fail 'config_last_reload_successful'
sed 's/kind: kernel/kind: cpu/' c.yaml >x && cat x >c.yaml
until_true 5 logged 'restart.*source\.kind'
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
# what is no file is refused, and nobody waits for a writer
mkfifo fifo
cp cm/..v2/c.yaml c.yaml
start -c c.yaml
until_true 5 lines_are 33
mv -T fifo c.yaml
until_true 5 logged 'reload refused.*is a pipe'
quick /healthz
kill -HUP "$pid"
refusals_are() { [ "$(grep -c 'reload refused' log)" = "$1" ]; }
until_true 5 refusals_are 2
lines_are 33 || fail 'a pipe was taken over'
stop 5
# a pipe is good for one reading: the second would find an empty configuration
start --set confine.user=none --set confine.no_core_dump=false -c <(cat cm/..v2/c.yaml)
until_true 5 lines_are 33
sleep 0.5
logged 'configuration reloaded|reload refused' && fail 'the end of its writer is no change'
kill -HUP "$pid"
until_true 5 logged 'reload refused.*is a pipe'
sleep 0.5
lines_are 33 || fail 'an empty pipe was taken over'
stop 5
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
rm c.yaml out.txt
printf 'source: {kind: auto, timeout: 1}\nnumbers: {count: 44}\nrefresh: {interval: 0.2}\noutput: {file: %s/out.txt}\n' "$TMP" >c.yaml
: >log
device=$(cat pty) # here, not in the command: its own subshell would have a child, taken for the trial read
"$REFRESHER" -l none -c c.yaml -d "$device" 2>>log &
pid=$!
children+=("$pid")
tries() { pgrep -P "$pid" >/dev/null; }
until_true 5 tries
sed -i 's/44/55/' c.yaml
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
