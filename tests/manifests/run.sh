#!/bin/sh
# run.sh DIR [REFRESHER]: renders and checks k8s/. DIR takes the npm packages; REFRESHER is the built program, if any.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
for tool in node npm; do
  command -v $tool >/dev/null || { echo "skip - manifests: $tool is not installed"; echo "0 passed, 0 failed, 1 skipped"; exit 77; }
done
# kubectl tells of its kustomize from 1.24 on; the one of Debian 12 (1.20) does not know components.
if ! command -v kustomize >/dev/null && ! kubectl version --client 2>/dev/null | grep -qi kustomize; then
  echo "skip - manifests: neither kustomize nor a kubectl of 1.24 or later is installed"
  echo "0 passed, 0 failed, 1 skipped"
  exit 77
fi
mkdir -p "$1"
dir=$(cd "$1" && pwd)
if ! cmp -s "$here/package-lock.json" "$dir/installed"; then
  cp "$here/package.json" "$here/package-lock.json" "$dir"
  if ! (cd "$dir" && npm ci --no-audit --no-fund --loglevel=error >"$dir/npm.log" 2>&1); then
    echo "skip - manifests: the npm packages cannot be installed, see $dir/npm.log"
    echo "0 passed, 0 failed, 1 skipped"
    exit 77
  fi
  cp "$here/package-lock.json" "$dir/installed"
fi
exec node "$here/check.mjs" "$dir/node_modules" "$top" ${2:+"$(realpath -m "$2")"}
