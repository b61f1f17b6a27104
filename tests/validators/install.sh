#!/usr/bin/env bash
# Installs the validators that are not Python into a cache outside the repository, once for each version:
# the state-language validators where npm is there, Argo's own linters where Go is. What is missing is named, and the
# tests that need it are skipped with the same reason.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${FLOWC_VALIDATORS:-${XDG_CACHE_HOME:-$HOME/.cache}/flowc-validators}
mkdir -p "$cache"

node=$cache/node-$(sha256sum "$here/package.json" | cut -c1-12)
if [ -d "$node/node_modules" ]; then
  echo "state-language validators: $node"
elif command -v npm >/dev/null; then
  mkdir -p "$node.part" && cp "$here/package.json" "$node.part/" &&
    (cd "$node.part" && npm install --silent --no-audit --no-fund) && mv "$node.part" "$node" &&
    echo "state-language validators: $node" || echo "state-language validators: not installed (npm failed)"
else
  echo "state-language validators: not installed (npm is missing)"
fi

# argolint is that of the Argo that conformance runs on, argolint3 that of 3.7.
for linter in argolint argolint3; do
  binary=$cache/$linter-$(cat "$here/$linter/go.mod" "$here/$linter/main.go" | sha256sum | cut -c1-12)
  if [ -x "$binary" ]; then
    echo "$linter: $binary"
  elif command -v go >/dev/null; then
    work=$(mktemp -d) && cp "$here/$linter"/* "$work/" &&
      (cd "$work" && export CGO_ENABLED=0 GOFLAGS="-buildvcs=false -mod=mod" && go mod tidy >go.log 2>&1 &&
        go build -trimpath -ldflags "-s -w" -o "$binary" . 2>>go.log) &&
      echo "$linter: $binary" || { echo "$linter: not built"; tail -5 "$work/go.log"; }
    rm -rf "$work"
  else
    echo "$linter: not built (Go is missing)"
  fi
done
