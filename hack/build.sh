#!/usr/bin/env bash
# Builds programs for images, so that they need no library there:
#   hack/build.sh FOLDER PACKAGE...
# The parsers of the mutation engine are C, which takes a C compiler here.
set -euo pipefail
cd "$(dirname "$0")/.."
CGO_ENABLED=1 go build -trimpath -tags netgo,osusergo \
  -ldflags='-s -w -linkmode external -extldflags "-static"' -o "$1/" "${@:2}"
