# Everything here runs on a machine with Go alone; what needs Node or Chromium
# says so when it is left out.
export CGO_ENABLED ?= 0

GO      ?= go
VERSION ?= $(shell sed -n 's/^var version = "\(.*\)"$$/\1/p' main.go)
FUZZTIME ?= 30s
BENCHTIME ?= 1s
GOLANGCI = github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.5.0

.PHONY: run test check race bench load crash capacity fuzz oracle conformance generate release chromium clean

## run: start the server, as a newcomer would
run:
	$(GO) run . server start

## test: set up what the tests need, then run them all
test: chromium check-format
	$(GO) vet ./...
	$(GO) test -shuffle=on -timeout 20m ./...

## check: the linters, and the TypeScript compiler where Node is
check: check-format
	$(GO) vet ./...
	$(GO) run $(GOLANGCI) run ./...
	@if command -v npm >/dev/null; then npm ci --no-audit --no-fund --silent && npm run --silent check; \
	else echo "check: skipped the TypeScript check, which needs Node"; fi

check-format:
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); echo "run gofmt -w on these"; exit 1; }

## race: the tests under the race detector, which needs a C compiler
race: chromium
	CGO_ENABLED=1 $(GO) test -race -shuffle=on -timeout 40m ./...

## bench: every benchmark with its allocations
bench:
	$(GO) test -run '^$$' -bench . -benchmem -benchtime $(BENCHTIME) ./...

## load: 2,000 keep-alive connections against the real binary, beside a trivial handler
load:
	FAZT_LOAD=1 $(GO) test -run TestLoad -v -timeout 10m .

## crash: the long proof that nothing is lost: every power loss of a longer run, 10,000 kills
crash:
	FAZT_LONG=1 $(GO) test -run 'Crash|Fault|Kill|History|Model' -v -timeout 60m ./storage

## capacity: the gates of overload, slow clients, 10,000 connections and live tabs, and what events and admission cost
capacity:
	FAZT_LONG=1 $(GO) test -run TestOverload -v -timeout 10m ./server/capacity
	FAZT_LONG=1 $(GO) test -run Gate -v -timeout 10m ./agent/hub
	FAZT_LONG=1 $(GO) test -run 'TestSlowClients|TestThinkingPeople|TestPredictionGrid' -v -timeout 20m .
	FAZT_LONG=1 $(GO) test -run TestEventsBesideKeys -v ./server
	$(GO) test -run '^$$' -bench Admit -benchmem ./server/capacity

## fuzz: each fuzz target for FUZZTIME
fuzz:
	@for package in $$($(GO) list ./...); do \
	  for target in $$($(GO) test -list '^Fuzz' $$package | grep '^Fuzz'); do \
	    echo "$$package $$target"; $(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) $$package || exit 1; \
	  done; done

## oracle: documents beside FerretDB, over random filters and updates (a module of its own, downloaded when missing)
oracle:
	cd storage/oracle && $(GO) vet . && $(GO) test -count=1 -v -timeout 20m .

## conformance: the MCP conformance suite of both revisions, and clients that others wrote (needs Node)
conformance:
	@if command -v npm >/dev/null; then bash agent/conformance/run.sh; \
	else echo "conformance: skipped, it needs Node"; fi

## generate: write the golden files that follow from the registry
generate:
	$(GO) test $$(grep -l 'flag.Bool("update"' $$(git ls-files '*_test.go') | xargs -n1 dirname | sort -u | sed 's,^,./,') \
	  -run 'Golden|Generated' -update

## release: static binaries with their sums in dist/
release:
	rm -rf dist && mkdir dist
	@for target in linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64; do \
	  os=$${target%/*}; arch=$${target#*/}; name=fazt-$(VERSION)-$$os-$$arch; \
	  if [ $$os = windows ]; then name=$$name.exe; fi; echo $$name; \
	  GOOS=$$os GOARCH=$$arch CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w -X main.version=$(VERSION)' -o dist/$$name . || exit 1; \
	done
	cd dist && sha256sum fazt-* > SHA256SUMS

## chromium: install the browser that the page tests drive, where that is possible
chromium:
	@if command -v chromium >/dev/null || command -v google-chrome >/dev/null || command -v chromium-browser >/dev/null; then :; \
	elif command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; \
	else echo "tests in a page are skipped: install Chromium (apt-get install chromium)"; fi

clean:
	rm -rf dist
