# The commands of this project. `make help` lists them.
SHELL := /usr/bin/env bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

BIN := $(CURDIR)/bin
IMAGE ?= algoitny-operator:latest
RUNNER_IMAGE ?= algoitny-runner:latest
CONTAINER_TOOL ?= docker
PACKAGES ?= ./...

.PHONY: help
help: ## List the commands.
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: ## Show the main job on embedded parts; CHECK=1 ends by itself.
	@assets=$$(hack/controlplane.sh); \
	hack/progress.sh "building the operator" $(MAKE) -s build; \
	KUBEBUILDER_ASSETS="$$assets" $(BIN)/algoitny demo $(if $(CHECK),--check)

.PHONY: test
test: ## Run every test with the race detector.
	@assets=$$(hack/controlplane.sh); \
	KUBEBUILDER_ASSETS="$$assets" hack/progress.sh "building and running the tests" go test -race $(PACKAGES)

.PHONY: e2e
e2e: ## Run the operator as deployed on a real cluster: KUBECONFIG's, kind's or the lab's.
	hack/e2e.sh $(if $(RUN),-run '$(RUN)') -v

.PHONY: chaos
chaos: ## Kill and starve operators for a while; SEED= and MINUTES= as you like.
	@assets=$$(hack/controlplane.sh); engine=$$(hack/dynamodb-local.sh); \
	KUBEBUILDER_ASSETS="$$assets" ALGOITNY_DYNAMODB_LOCAL="$$engine" \
	  go test ./test/chaos -count 1 -v -timeout 120m -run TestNothing -seed=$(or $(SEED),1) -minutes=$(or $(MINUTES),10)

.PHONY: browser
browser: ## Test the page and the generated TypeScript client in Chromium; PICTURES=1 takes those of docs.
	@assets=$$(hack/controlplane.sh); \
	hack/progress.sh "building the operator" $(MAKE) -s build; \
	KUBEBUILDER_ASSETS="$$assets" PICTURES="$(PICTURES)" hack/browser.sh

.PHONY: bench
bench: ## Print the figures.
	@assets=$$(hack/controlplane.sh); \
	KUBEBUILDER_ASSETS="$$assets" go test -run '^$$' -bench . -benchtime 1x ./internal/operator; \
	go test -run '^$$' -bench . ./internal/execution/local ./internal/judge
	@engine=$$(hack/dynamodb-local.sh); \
	ALGOITNY_DYNAMODB_LOCAL="$$engine" go test -run '^$$' -bench . -benchtime 1x ./internal/store
	go test -run '^$$' -bench . -benchtime 1x -timeout 60m ./test/corpus
	$(MAKE) -s chaos SEED=7 MINUTES=10
	@if [[ -n "$${KUBECONFIG:-}" || -d ../shared/lab ]] || command -v kind >/dev/null; then \
	  hack/e2e.sh -run '^$$' -bench . -benchtime 5x; \
	else echo "there is no cluster: the figures of judging in pods are left out"; fi

.PHONY: bench-facade
bench-facade: ## Print the facade's figures and fail when one is missed; needs wrk, and nothing else on the machine.
	@assets=$$(hack/controlplane.sh); engine=$$(hack/dynamodb-local.sh); \
	KUBEBUILDER_ASSETS="$$assets" ALGOITNY_DYNAMODB_LOCAL="$$engine" \
	  go test ./test/benchfacade -count 1 -timeout 60m -run '^$$' -bench Facade -benchtime 1x

.PHONY: build
build: ## Build the programs into bin/.
	go build -o $(BIN)/ ./cmd/...

.PHONY: generate
generate: ## Make the generated files anew: deep copies, CRDs, RBAC, the API's description.
	cd hack/tools && go build -o $(BIN)/controller-gen sigs.k8s.io/controller-tools/cmd/controller-gen
	$(BIN)/controller-gen object:headerFile=hack/boilerplate.go.txt paths=./api/...
	$(BIN)/controller-gen crd paths=./api/... output:crd:dir=config/crd/bases
	go run ./hack/openapi > api/http/openapi.json.new && mv api/http/openapi.json.new api/http/openapi.json
	$(BIN)/controller-gen rbac:roleName=manager paths=./internal/controller/... paths=./internal/execution/jobs output:rbac:dir=config/rbac

.PHONY: lint
lint: ## Check the style, the kube API rules included.
	@hack/progress.sh "building the linter" go -C hack/tools build -o $(BIN)/golangci-lint ./golangci-lint
	$(BIN)/golangci-lint run ./...

.PHONY: verify
verify: generate ## Fail when generated files, modules or formatting are stale.
	go mod tidy -diff
	go -C hack/tools mod tidy -diff
	go -C hack/controlplane mod tidy -diff
	@unformatted=$$(gofmt -l api cmd config internal hack test); \
	if [[ -n "$$unformatted" ]]; then echo "not formatted, run gofmt -w:" $$unformatted; exit 1; fi
	@stale=$$(git status --porcelain -- api config); \
	if [[ -n "$$stale" ]]; then echo "generated files are stale, run make generate and commit:"; echo "$$stale"; exit 1; fi
	@hack/progress.sh "building the comparison of API descriptions" go -C hack/tools build -o $(BIN)/oasdiff github.com/oasdiff/oasdiff
	OASDIFF=$(BIN)/oasdiff hack/contract.sh
	go vet ./...
	go vet -tags e2e ./test/...

.PHONY: docker-build
docker-build: ## Build both images: the manager's, and the one that runs programs.
	$(CONTAINER_TOOL) build --target manager -t $(IMAGE) .
	$(CONTAINER_TOOL) build --target runner -t $(RUNNER_IMAGE) .
