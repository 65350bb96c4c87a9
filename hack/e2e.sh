#!/usr/bin/env bash
# Runs the tests of test/e2e on a cluster. It takes, in this order:
#   the cluster that KUBECONFIG names; E2E_MANAGER_IMAGE and E2E_RUNNER_IMAGE
#     must name images that it can pull, and E2E_HOST an address of this
#     machine that its pods can reach;
#   kind, where it and docker work; the images are built and loaded;
#   the lab of ../shared/lab: a real node made of Go modules, as root on Linux.
# Arguments are passed on to go test, for example: hack/e2e.sh -run Torture
set -euo pipefail
cd "$(dirname "$0")/.."

readonly cache="${XDG_CACHE_HOME:-$HOME/.cache}/algoitny"
readonly kind_cluster=algoitny-e2e

say() { printf 'e2e: %s\n' "$*" >&2; }

# The languages of the runner's image are those of the toolchain table.
packages() { go run ./hack/packages; }

given() {
  say "the cluster is the one that KUBECONFIG names"
  : "${E2E_MANAGER_IMAGE:?names the image of the operator, which the cluster must be able to pull (make docker-build builds it)}"
  : "${E2E_RUNNER_IMAGE:?names the image that runs programs, which the cluster must be able to pull}"
  : "${E2E_HOST:?is an address of this machine that pods can reach: the tests keep the table and the model there}"
}

kind_up() {
  say "the cluster is made by kind"
  kind get clusters 2>/dev/null | grep -qx "$kind_cluster" || kind create cluster --name "$kind_cluster"
  KUBECONFIG="$cache/kind.kubeconfig"
  kind get kubeconfig --name "$kind_cluster" >"$KUBECONFIG"
  E2E_MANAGER_IMAGE=algoitny-operator:e2e E2E_RUNNER_IMAGE=algoitny-runner:e2e
  docker build -q --target manager -t "$E2E_MANAGER_IMAGE" .
  docker build -q --target runner -t "$E2E_RUNNER_IMAGE" .
  kind load docker-image --name "$kind_cluster" "$E2E_MANAGER_IMAGE" "$E2E_RUNNER_IMAGE"
  E2E_HOST=$(docker network inspect kind -f '{{range .IPAM.Config}}{{.Gateway}} {{end}}' | tr ' ' '\n' | grep -m1 '\.')
}

# lab_up builds what is missing (about 8 minutes, once), then starts the node.
lab_up() {
  say "the cluster is the lab"
  local lab="$cache/lab" bin assets
  export LAB_HOME=${LAB_HOME:-/var/lib/k8slab}
  # Building writes module sums, and ../shared is not to be written.
  mkdir -p "$lab" && cp -r --no-preserve=mode ../shared/lab/. "$lab" && chmod +x "$lab"/*.sh "$lab/lab"
  bin=$LAB_HOME/bin
  mkdir -p "$bin"
  assets=$(hack/controlplane.sh)
  local program
  for program in etcd kube-apiserver kubectl; do
    [[ -x "$bin/$program" ]] || ln "$assets/$program" "$bin/$program" 2>/dev/null || cp "$assets/$program" "$bin/$program"
  done
  hack/progress.sh "e2e: lab: packages" "$lab/lab" install >&2
  command -v bwrap >/dev/null || DEBIAN_FRONTEND=noninteractive apt-get install -qy bubblewrap >/dev/null
  hack/progress.sh "e2e: lab: building what is missing" "$lab/lab" build >&2
  # Pods end two seconds sooner, which is most of what a judging takes.
  export EVENTED_PLEG=${EVENTED_PLEG:-true}
  lab_sweep "$lab"
  lab_images "$lab"
  "$lab/lab" up >&2
  KUBECONFIG=$("$lab/lab" kubeconfig)
  E2E_HOST=$(ip -4 -o route get 192.0.2.1 | sed -n 's/.* src \([0-9.]*\).*/\1/p')
}

# lab_sweep removes what a lab left behind that was not stopped but killed, as
# when its machine restarted: sockets nobody listens on, numbers of processes
# that are others' by now. Images cannot be loaded over such a socket.
lab_sweep() {
  local lab=$1 socket=/run/k8slab/containerd.sock
  [[ -S $socket ]] || return 0
  "$LAB_HOME/bin/ctr" --timeout 5s -a "$socket" version >/dev/null 2>&1 && return 0
  say "a lab was killed here: sweeping up what it left"
  "$lab/lab" down >&2
  rm -f "$socket" "$socket.ttrpc"
}

# lab_images makes both images without a registry. Their tags are digests of
# what is in them, so that nothing is packed twice.
lab_images() {
  local lab=$1 root=$LAB_HOME/root out folder tag
  out=$(mktemp -d)
  hack/build.sh "$out" ./cmd/manager ./cmd/facade ./cmd/runner
  tag=$(cat "$out/manager" "$out/facade" | sha256sum | cut -c1-12)
  E2E_MANAGER_IMAGE=localhost/algoitny-operator:$tag
  if [[ ! -f "$LAB_HOME/images/localhost_algoitny-operator_$tag.tar" ]]; then
    rm -f "$LAB_HOME"/images/localhost_algoitny-operator_*
    folder=$root/manager && rm -rf "$folder" && mkdir -p "$folder/usr/local/bin" "$folder/etc/ssl/certs" "$folder/tmp"
    cp "$out/manager" "$out/facade" "$folder/usr/local/bin/"
    cp -L /etc/ssl/certs/ca-certificates.crt "$folder/etc/ssl/certs/" 2>/dev/null || true
    "$lab/lab" image "$E2E_MANAGER_IMAGE" "$folder" /usr/local/bin/manager >&2
  fi
  # shellcheck disable=SC2046 # one word for each package
  hack/progress.sh "e2e: lab: root file system of the runner" "$lab/lab" rootfs "$root/runner" $(packages) >&2
  cp "$out/runner" "$root/runner/usr/local/bin/runner"
  hack/image-prepare.sh "$root/runner"
  tag=$(cat "$out/runner" "$root/runner/.lab-packages" hack/image-prepare.sh | sha256sum | cut -c1-12)
  E2E_RUNNER_IMAGE=localhost/algoitny-runner:$tag
  if [[ ! -f "$LAB_HOME/images/localhost_algoitny-runner_$tag.tar" ]]; then
    rm -f "$LAB_HOME"/images/localhost_algoitny-runner_*
    hack/progress.sh "e2e: lab: packing the runner's image" "$lab/lab" image "$E2E_RUNNER_IMAGE" "$root/runner" /usr/local/bin/runner >&2
  fi
  rm -rf "$out"
}

if [[ -n "${KUBECONFIG:-}" ]]; then
  given
elif command -v kind >/dev/null && docker info >/dev/null 2>&1; then
  kind_up
elif [[ -d ../shared/lab ]]; then
  lab_up
else
  say "there is no cluster: set KUBECONFIG, or install kind and docker"
  exit 1
fi
export KUBECONFIG E2E_MANAGER_IMAGE E2E_RUNNER_IMAGE E2E_HOST
KUBEBUILDER_ASSETS=$(hack/controlplane.sh)
export KUBEBUILDER_ASSETS
say "testing on $KUBECONFIG"
go test -tags e2e -count=1 -timeout 40m "$@" ./test/e2e
say "the cluster stays up: export KUBECONFIG=$KUBECONFIG"
