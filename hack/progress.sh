#!/usr/bin/env bash
# Runs a command that takes its time and says so on standard error:
#   hack/progress.sh LABEL COMMAND…
set -euo pipefail

readonly label=$1 started=$SECONDS
shift

echo "$label …" >&2
"$@" &
work=$!
trap 'kill "$work" 2>/dev/null' INT TERM
while kill -0 "$work" 2>/dev/null; do
  sleep 1
  elapsed=$((SECONDS - started))
  ((elapsed % 30)) || echo "$label, $elapsed s so far …" >&2
done
wait "$work"
