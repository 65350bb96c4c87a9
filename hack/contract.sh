#!/usr/bin/env bash
# Fails when the API's description takes away or changes what clients of the
# released one rely on. OASDIFF is the program that compares. After a release
# with a new first number: cp api/http/openapi.json api/http/released.json
set -euo pipefail
cd "$(dirname "$0")/.."

breaks() { "$OASDIFF" breaking api/http/released.json "$1" --fail-on ERR --format singleline; }

# A comparison that finds nothing anywhere would be of no use.
broken=$(mktemp)
trap 'rm -f "$broken"' EXIT
sed 's/"next_cursor"/"next"/' api/http/openapi.json >"$broken"
if breaks "$broken" >/dev/null; then
  echo "hack/contract.sh does not notice that next_cursor was taken away" >&2
  exit 1
fi
breaks api/http/openapi.json
