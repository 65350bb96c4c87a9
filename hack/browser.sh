#!/usr/bin/env bash
# Tests the facade's page in headless Chromium, and its generated TypeScript
# client, against a running demo. With PICTURES=1 it takes those of docs/images.
# ALGOITNY_CHROMIUM names the browser where it is not among the programs.
set -euo pipefail
cd "$(dirname "$0")/.."

missing() { echo "$1 is missing; on Debian: apt-get install $2" >&2; exit 1; }

for program in chromium chromium-browser google-chrome; do
  ALGOITNY_CHROMIUM="${ALGOITNY_CHROMIUM:-$(command -v "$program" || true)}"
done
[[ -n "$ALGOITNY_CHROMIUM" ]] || missing chromium chromium
command -v npm >/dev/null || missing npm npm
export ALGOITNY_CHROMIUM

work=$(mktemp -d)
demo=
finish() {
  if [[ -n "$demo" ]]; then kill "$demo" 2>/dev/null && wait "$demo" || true; fi
  rm -rf "$work"
}
trap finish EXIT

(
  cd test/browser
  npm ci --ignore-scripts >"$work/npm" 2>&1 || { cat "$work/npm" >&2; exit 1; }
  npm run -s client && npm run -s build
)

bin/algoitny demo >"$work/demo" 2>&1 &
demo=$!
echo "waiting for the demo …"
for ((i = 0; i < 600; i++)); do
  if grep -q 'Everything stays up' "$work/demo"; then break; fi
  if ! kill -0 "$demo" 2>/dev/null; then cat "$work/demo" >&2; echo "the demo ended" >&2; exit 1; fi
  sleep 0.5
done
ALGOITNY_SITE=$(sed -n 's|^page *\(http://[^/]*\).*|\1|p' "$work/demo")
KUBECONFIG=$(sed -n 's|^ *export KUBECONFIG=\([^ ]*\).*|\1|p' "$work/demo")
if [[ -z "$ALGOITNY_SITE" || -z "$KUBECONFIG" ]]; then cat "$work/demo" >&2; echo "the demo does not say where it is" >&2; exit 1; fi
export ALGOITNY_SITE KUBECONFIG PATH="$KUBEBUILDER_ASSETS:$PATH"

if [[ -n "${PICTURES:-}" ]]; then
  node test/browser/build/pictures.js docs/images
else
  (cd test/browser && npm run -s test -- --test-reporter=spec build/page.test.js)
fi
