# Two images. manager has the operator and the facade and nothing else; runner
# has the agent and every language of the toolchain table, and is what judging
# pods are made of:
#   docker build --target manager -t algoitny-operator .
#   docker build --target runner -t algoitny-runner .
# Base images are arguments for mirrors and for other distributions.
ARG BUILDER_IMAGE=golang:1.26
ARG MANAGER_BASE_IMAGE=gcr.io/distroless/static-debian12:nonroot
ARG RUNNER_BASE_IMAGE=debian:12-slim

FROM ${BUILDER_IMAGE} AS builder
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN hack/build.sh /out ./cmd/manager ./cmd/facade ./cmd/runner \
 && go run ./hack/packages > /out/packages

FROM ${RUNNER_BASE_IMAGE} AS runner
COPY --from=builder /out/packages /tmp/packages
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive xargs -a /tmp/packages apt-get install -y --no-install-recommends \
 && rm -rf /var/lib/apt/lists/* /tmp/packages
COPY --from=builder /out/runner /usr/local/bin/runner
COPY hack/image-prepare.sh /tmp/
RUN /tmp/image-prepare.sh / && rm /tmp/image-prepare.sh
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/runner"]

# The last one is what is built where nothing is said.
FROM ${MANAGER_BASE_IMAGE} AS manager
COPY --from=builder /out/manager /out/facade /usr/local/bin/
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/manager"]
