#!/usr/bin/env bash
# Prepares the root file system of the runner's image for programs that can
# write nothing of it:
#   hack/image-prepare.sh ROOT
# Go compiles its standard library once, into a cache that is only read later;
# compiling a program then takes a third of a second. The settings are those of
# the row in the toolchain table.
set -euo pipefail
readonly root=${1%/} cache=/opt/algoitny/go-cache

inside() {
  if [[ -z "$root" ]]; then "$@"; else
    bwrap --bind "$root" / --dev /dev --proc /proc --tmpfs /tmp --chdir /tmp "$@"
  fi
}

mkdir -p "$root$cache" "$root/work" "$root/request" "$root/scratch" "$root/sockets"
if [[ -z "$(ls -A "$root$cache")" ]]; then
  inside env HOME=/tmp GOCACHE="$cache" CGO_ENABLED=0 GOTOOLCHAIN=local GOPROXY=off GOFLAGS= GO111MODULE=off go build std
fi
chmod -R a+rX "$root$cache"
