#!/usr/bin/env bash
# sign.sh: k8s/image/sign against a registry on 127.0.0.1 and a key pair that the test makes: what it signs is verified by
# the lines that it prints, and by no other key and of no other image. The image is a small stand-in.
set -u
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$here/lib.sh"
for tool in cosign skopeo docker-registry python3 curl; do
	command -v $tool >/dev/null || skip_all 'signatures' "$tool is not installed (Debian 13: cosign skopeo docker-registry python3 curl)"
done
cd "$scratch" || exit 1
export HOME=$scratch COSIGN_PASSWORD=test
port=$(free_port)
cat >registry.yaml <<-CONF
	version: 0.1
	storage: {filesystem: {rootdirectory: $scratch/registry}, delete: {enabled: true}}
	http: {addr: "127.0.0.1:$port"}
CONF
docker-registry serve registry.yaml >registry.log 2>&1 &
helpers+=($!)
registry_answers() { curl -sf --max-time 2 "http://127.0.0.1:$port/v2/" >/dev/null; }
until_true 20 registry_answers
verdict 'a registry of the test answers' registry.log

image=127.0.0.1:$port/random-refresher:9.8.7
mkdir image && "$here/fake-image" image && "$top/k8s/image/sbom" image/image.tar out >sbom.log 2>&1 &&
	skopeo copy -q --dest-tls-verify=false docker-archive:image/image.tar "docker://$image" >>sbom.log 2>&1
verdict 'an image is pushed, and what it holds is written down' sbom.log
cosign generate-key-pair >key.log 2>&1 && mkdir other && (cd other && cosign generate-key-pair) >>key.log 2>&1
verdict 'two key pairs are made' key.log

INSECURE=yes "$top/k8s/image/sign" "$image" out >sign.log 2>&1
verdict 'the image is signed, and its SBOM and provenance are attested' sign.log
sed -n 's/^  cosign/cosign/p' sign.log >lines
[ "$(wc -l <lines)" = 3 ] && grep -q "@sha256:[0-9a-f]\{64\}" lines
verdict 'three lines say how that is verified, by the digest' sign.log
while read -r line; do
	bash -c "$line" >verify.log 2>&1
	verdict "it verifies: ${line%% --key*}" verify.log
	! bash -c "${line/--key cosign.pub/--key other/cosign.pub}" >verify.log 2>&1
	verdict "by another key it does not: ${line%% --key*}" verify.log
done <lines
# the attestation holds the file that was written
line=$(sed -n 's/--type spdxjson/&/p' lines)
bash -c "$line" 2>/dev/null | python3 -c 'import base64, json, sys
said = json.loads(base64.b64decode(json.loads(sys.stdin.readline())["payload"]))["predicate"]
sys.exit(said != json.load(open("out/sbom.spdx.json")))'
verdict 'the attestation is the SBOM that was written'
# an image that nobody signed
"$here/fake-image" image 'another program' && skopeo copy -q --dest-tls-verify=false docker-archive:image/image.tar "docker://$image" >copy.log 2>&1 &&
	other=$(skopeo inspect --raw --tls-verify=false "docker://$image" | sha256sum) && ! bash -c "$(sed -n "1s/@sha256:.*/@sha256:${other%% *}/p" lines)" >verify.log 2>&1
verdict 'another image under the same tag does not verify' verify.log
finish
