#!/usr/bin/env bash
# Prints the folder with etcd, kube-apiserver and kubectl, which `make demo`
# and `make test` start. Takes, in this order: KUBEBUILDER_ASSETS, what was
# built before, a download by setup-envtest, a build from Go modules.
set -euo pipefail
cd "$(dirname "$0")"

readonly version=1.37.2
readonly programs=(etcd kube-apiserver kubectl)
readonly cache="${XDG_CACHE_HOME:-$HOME/.cache}/algoitny"

say() { echo "$*" >&2; }

complete() {
  local program
  for program in "${programs[@]}"; do
    [[ -x "$1/$program" ]] || return 1
  done
}

if [[ -n "${KUBEBUILDER_ASSETS:-}" ]]; then
  if ! complete "$KUBEBUILDER_ASSETS"; then
    say "KUBEBUILDER_ASSETS=$KUBEBUILDER_ASSETS lacks one of: ${programs[*]}. Unset it to have them built."
    exit 1
  fi
  echo "$KUBEBUILDER_ASSETS"
  exit
fi

# The sources decide what is built, so a change of them is a new folder.
digest=$(cat controlplane/go.mod controlplane/*/main.go | sha256sum | cut -c1-12)
readonly folder="$cache/controlplane-$version-$digest"
if complete "$folder"; then
  echo "$folder"
  exit
fi

if [[ "${CONTROLPLANE_DOWNLOAD:-yes}" == yes ]]; then
  say "control plane: trying to download Kubernetes ${version%.*} …"
  if downloaded=$(cd tools && timeout 120 go run sigs.k8s.io/controller-runtime/tools/setup-envtest \
      use "${version%.*}.x!" --bin-dir "$cache/envtest" --print path 2>/dev/null) && complete "$downloaded"; then
    echo "$downloaded"
    exit
  fi
  say "control plane: no download here; building it from Go modules (about 6 minutes on 2 cores, once)"
fi

mkdir -p "$folder"
readonly flags="-s -w -X k8s.io/component-base/version.gitVersion=v$version \
 -X k8s.io/component-base/version.gitMajor=${version%%.*} -X k8s.io/component-base/version.gitMinor=$(cut -d. -f2 <<<"$version")"
step=0
for program in "${programs[@]}"; do
  step=$((step + 1))
  CGO_ENABLED=0 ./progress.sh "control plane: [$step/${#programs[@]}] building $program" \
    go -C controlplane build -trimpath -ldflags "$flags" -o "$folder/.$program" "./$program"
  mv "$folder/.$program" "$folder/$program"
done
echo "$folder"
