#!/usr/bin/env bash
# Installs the validators that are not Python into a cache outside the repository, once for each version:
# the state-language validators where npm is there, argolint where Go is. What is missing is named, and the
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

argolint=$cache/argolint-$(cat "$here/argolint/go.mod" "$here/argolint/main.go" | sha256sum | cut -c1-12)
if [ -x "$argolint" ]; then
  echo "argolint: $argolint"
elif command -v go >/dev/null; then
  work=$(mktemp -d) && cp "$here"/argolint/* "$work/" &&
    (cd "$work" && export CGO_ENABLED=0 GOFLAGS="-buildvcs=false -mod=mod" && go mod tidy >go.log 2>&1 &&
      go build -trimpath -ldflags "-s -w" -o "$argolint" . 2>>go.log) &&
    echo "argolint: $argolint" || { echo "argolint: not built"; tail -5 "$work/go.log"; }
  rm -rf "$work"
else
  echo "argolint: not built (Go is missing)"
fi
