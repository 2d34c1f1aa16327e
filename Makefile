# The one way to run this project by hand and in CI: `make help`.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

STACK ?=
PROVIDERS ?= simulated
ENDPOINT ?=
URL ?=
CHECKS ?= check test
ARGS ?=
# Tests wait for engines, servers and databases: one more than the cores keeps the cores at work. Each may take 4 GB.
WORKERS ?= $(shell $(PY) -c 'import os; print(min((os.cpu_count() or 1) + 1, 4))')

# The provider SDKs are large: without kept bytecode every process would compile them again.
unexport PYTHONDONTWRITEBYTECODE

PY := .venv/bin/python
READY := .venv/.installed
RUN := --providers $(PROVIDERS) $(if $(ENDPOINT),--endpoint $(ENDPOINT)) $(ARGS)

.PHONY: help install preview up destroy cycle demo demo-cutover pr test test-large check format schema docs bench loadtest clean

help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo "  Variables: STACK=dev|prod|all  PROVIDERS=simulated|installed  ENDPOINT=http://...  ARGS='--no-policy'"

install: $(READY) ## Make .venv with the locked dependencies (needs Python 3.11 or newer, nothing else)

$(READY): pyproject.toml uv.lock
	@.ci/bootstrap
	@touch $@

preview: $(READY) ## Show what each stack would deploy, on the real engine, without an account
	@$(PY) -m offline preview --stack $(or $(STACK),all) $(RUN)

up: $(READY) ## Deploy STACK (default dev) to the simulated or emulated cloud
	@$(PY) -m offline up --stack $(or $(STACK),dev) $(RUN)

destroy: $(READY) ## Delete STACK (default dev) from there
	@$(PY) -m offline destroy --stack $(or $(STACK),dev) $(RUN)

cycle: $(READY) ## Deploy STACK (default dev), deploy again expecting no change, destroy
	@$(PY) -m offline cycle --stack $(or $(STACK),dev) $(RUN)

demo: $(READY) ## The whole story on this machine in three minutes: plan, deploy, two mistakes stopped, a cutover
	@$(PY) -m tests.demo $(ARGS)

demo-cutover: $(READY) ## Move a host name from 0 to 100 percent and back on this machine, with a live display
	@$(PY) -m tests.ops.cutover.demo

pr: $(READY) ## What a pull request is asked: check, test, and the review of STACK (default all) against main
	@$(PY) -m ops review local --stack $(or $(STACK),all) $(addprefix --run ,$(CHECKS)) $(ARGS)

test: $(READY) ## Run every test; those of the engine find, download or build it first
	@$(PY) -m offline.cli >/dev/null || [ -z "$${REQUIRE_ENGINE:-}" ]
	@$(PY) -m pytest -n $(WORKERS) --dist loadgroup --no-loadscope-reorder $(ARGS)

test-large: $(READY) ## Run the tests that take minutes: every stack through its life, 10 million rows, 50 kills
	@$(PY) -m pytest -m slow $(ARGS)

check: $(READY) ## Lint, format check, types, import directions, workflows
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/pyright
	@.venv/bin/lint-imports
	@.venv/bin/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	@.venv/bin/zizmor --offline --no-progress --quiet .github/workflows

format: $(READY) ## Fix what the linter can fix, and format
	@.venv/bin/ruff check --fix --exit-zero .
	@.venv/bin/ruff format .

schema: $(READY) ## Write the JSON Schema of the settings, which editors use for the stack files
	@$(PY) -m settings.schema

docs: $(READY) ## Write the generated parts of docs/ again: pictures, resource counts, control matrix
	@$(PY) -m policies.matrix
	@UPDATE_DOCS=1 $(PY) -m pytest tests/docs -q -p no:cacheprovider

bench: $(READY) ## Measure the speed of previews and of the tools
	@$(PY) -m bench

loadtest: $(READY) ## Put a workshop of 50 users on URL, 24 minutes; fails when a threshold is missed
	@[ -n "$(URL)" ] || { echo "loadtest: URL is missing: make loadtest URL=https://workshop-dev.example.com" >&2; exit 2; }
	@$(PY) -m locust -f loadtest/locustfile.py --headless --host $(URL) $(ARGS)

clean: ## Delete what can be made again: .venv, caches, local state (the kept engine stays)
	rm -rf .venv .cache build .pytest_cache .ruff_cache .hypothesis .import_linter_cache bench/results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
