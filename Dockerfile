# The manager runs programs through the agent (runner) beside it, so its image
# has the toolchains: Python, g++ and Go. Base images are arguments for mirrors.
ARG BUILDER_IMAGE=golang:1.26
ARG BASE_IMAGE=golang:1.26

FROM ${BUILDER_IMAGE} AS builder
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /out/ ./cmd/manager ./cmd/facade ./cmd/runner

FROM ${BASE_IMAGE}
RUN apt-get update \
 && apt-get install -y --no-install-recommends python3 g++ bubblewrap \
 && rm -rf /var/lib/apt/lists/*
COPY --from=builder /out/manager /out/facade /out/runner /usr/local/bin/
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/manager"]
