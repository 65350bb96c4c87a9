#!/usr/bin/env bash
# Prints the folder with DynamoDBLocal.jar, which the tests of internal/store
# run on when ALGOITNY_DYNAMODB_LOCAL names it. AWS's own download is behind a
# host that many networks close; this npm package carries the same files.
set -euo pipefail

readonly package=amplify-dynamodb-simulator version=2.9.30
readonly cache="${XDG_CACHE_HOME:-$HOME/.cache}/algoitny/dynamodb-local"
readonly module="$cache/node_modules/$package"

installed() {
  [[ -f "$module/emulator/DynamoDBLocal.jar" ]] && grep -q "\"version\": \"$version\"" "$module/package.json"
}

if ! installed; then
  mkdir -p "$cache"
  echo "DynamoDB Local: installing $package $version with npm …" >&2
  npm install --prefix "$cache" --no-audit --no-fund --ignore-scripts --save-exact "$package@$version" >&2
fi
if ! installed; then
  echo "$module/emulator has no DynamoDBLocal.jar; remove $cache and try again" >&2
  exit 1
fi
echo "$module/emulator"
