# Inside every layer: the link of a ConfigMap is swapped, a file is replaced by renaming, the output directory is made anew.
. "$TESTS/system/lib.sh"
. "$TESTS/system/confine.sh"
mkdir -p etc/..1 etc/..2 v/out
if is_root; then chown 65532:65532 v/out && chmod 755 . v etc; fi
printf 'output: {file: %s/v/out/n.txt}\nrefresh: {interval: 0.2}\nnumbers: {count: 100}\n' "$TMP" >etc/..1/r.yaml
sed 's/100/200/' etc/..1/r.yaml >etc/..2/r.yaml
ln -s ..1 etc/..data
ln -s ..data/r.yaml etc/r.yaml
lines_are() { [ -f v/out/n.txt ] && [ "$(wc -l <v/out/n.txt)" = "$1" ]; }
reloads() { [ "$(grep -c 'configuration reloaded' log)" = "$1" ]; }

# Its own user may have to walk to the file from /, which a scratch directory of root's may not allow: then only uid 0 can reload.
if is_root && ! setpriv --reuid 65532 --regid 65532 --clear-groups test -r "$TMP/etc/r.yaml"; then
	chown 0:0 v/out
fi
start -s kernel -c "$TMP/etc/r.yaml"
until_true 5 lines_are 100
# 1. as the kubelet does it
ln -s ..2 etc/..tmp && mv -T etc/..tmp etc/..data && rm -r etc/..1
until_true 8 lines_are 200
# 2. as an editor does it
sed 's/200/300/' etc/..2/r.yaml >etc/new && mv -T etc/new etc/r.yaml
until_true 8 lines_are 300
# 3. by the signal
n=$(grep -c 'configuration reloaded' log)
kill -HUP "$pid"
until_true 5 reloads $((n + 1))
# 4. a bad file is refused, the old configuration stays
echo 'nonsense: 1' >etc/new && mv -T etc/new etc/r.yaml
until_true 8 logged 'reload refused'
[ "$(metric config_last_reload_successful)" = 0 ] || fail 'the metric does not say that the reload was refused'
# 5. the output's directory goes and comes back: nothing is opened by path again, and the restart that liveness asks for heals it
gone() { rm -rf v/out 2>/dev/null; [ ! -e v/out ]; } # between two temporary files
until_true 5 gone
until_true 5 logged 'v/out was removed or replaced .*restart refresher'
mkdir v/out
if is_root; then chown "$(awk '/^Uid:/ {print $2}' "/proc/$pid/status")" v/out; fi
sleep 0.6
[ "$(code /healthz)" = 503 ] || fail "healthz: $(cat body)"
grep -q '^\[-\]directory failed: ' body || fail "healthz: $(cat body)"
[ -z "$(ls -A v/out)" ] || fail "written into another directory: $(ls -A v/out)"
stop 5
sed 's/200/300/' etc/..2/r.yaml >etc/new && mv -T etc/new etc/r.yaml
start -s kernel -c "$TMP/etc/r.yaml"
until_true 5 lines_are 300
grep -v layer=user log | grep -iE 'permission denied|not permitted' >refusals && fail "a refusal: $(head -1 refusals)"
stop 5
# 6. the directory of the configuration goes and comes back: said, and seen. Landlock's rule was for the old one.
rm -r etc && mkdir etc
printf 'output: {file: %s/v/out/n.txt}\nrefresh: {interval: 0.2}\nnumbers: {count: 100}\n' "$TMP" >etc/r.yaml
start -s kernel -c "$TMP/etc/r.yaml"
until_true 5 lines_are 100
held=$(layer landlock)
cp etc/r.yaml new.yaml
rm -r etc
until_true 10 logged 'the configuration cannot be seen; .*No such file'
mkdir etc
chmod 755 etc
sed 's/100/400/' new.yaml >etc/r.yaml
if [ "$held" = 1 ]; then
	until_true 10 logged 'reload refused.*Landlock where the directory is a new one.*Permission denied'
	lines_are 100 || fail 'a refused configuration was taken over'
else
	until_true 10 lines_are 400
fi
stop 5
