# syncd: the few commands a person needs. Everything happens inside .venv; nothing is installed
# elsewhere. Needs make and Python 3.11 or newer.

.SHELLFLAGS := -euc
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

VENV  := .venv
BIN   := $(VENV)/bin
STAMP := $(VENV)/.syncd-installed
# The first interpreter that is new enough; PYTHON=... picks another.
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11 python; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 \
	&& { echo $$name; break; }; done)
ARGS  ?=
# More than there are cores: a good part of the suite waits for processes of its own.
JOBS  ?= 4
# Tests and days start hundreds of processes: what they import is compiled once, whatever the shell says.
export PYTHONDONTWRITEBYTECODE :=
# One set of pins for every Python and system that syncd supports, without the name of any registry.
UV    ?= uv
PIN    = $(UV) pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate
HEADER = sed '/^[^\#]/,$$d'

.PHONY: help setup demo run test check lint imports types tests test-pythons nightly sim alarms chaos bench bench-write-path bench-webhooks bench-reconcile bench-retention soak check-spec fuzz-api pin-image prove-install wheel sbom changelog pages pins attack clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 24

setup: $(STAMP) ## make .venv and install syncd with the pinned libraries (once)

$(STAMP): pyproject.toml constraints.txt requirements.txt
	@test -n "$(PYTHON)" || { echo "syncd needs Python 3.11 or newer; none was found. Install one, or: make setup PYTHON=/path/to/python3" >&2; exit 1; }
	@test -x $(BIN)/python || { echo "Making $(VENV) with $$($(PYTHON) --version)"; $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "The venv module is missing; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }; }
	@echo "Installing syncd and its pinned libraries into $(VENV) (a minute, once)"
	@PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip install --quiet --quiet --no-input --require-hashes -r requirements.txt
	@PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip install --quiet --quiet --no-input -c constraints.txt -e '.[dev,browser,speed]'
	@touch $@

demo: setup ## the whole system offline: pretend Xero, pretend Pipeline, the daemon between them (ARGS=--once)
	@$(BIN)/syncd demo $(ARGS)

run: setup ## the daemon in the foreground (ARGS="--config FILE")
	@$(BIN)/syncd run $(ARGS)

test: check tests ## every check and every test

check: lint imports types ## style, floors and types

lint: setup
	@echo "ruff: style, banned calls, form"
	@$(BIN)/ruff check --quiet --output-format concise .
	@$(BIN)/ruff format --quiet --check .

imports: setup
	@echo "import-linter: floors and owners"
	@$(BIN)/lint-imports --no-logo > $(VENV)/imports.txt || { cat $(VENV)/imports.txt; exit 1; }

types: setup
	@echo "mypy --strict"
	@$(BIN)/mypy

tests: setup
	@echo "pytest, $(JOBS) at a time"
	@$(BIN)/python -m pytest -n $(JOBS) --dist worksteal $(ARGS)

test-pythons: ## every test on every Python from 3.11 up that this machine has, pyenv's too
	@.ci/pythons | { failed=; while read -r version python; do \
		echo "Python $$version, $$python"; \
		$(MAKE) tests VENV=.venv-$$version PYTHON="$$python" </dev/null || failed="$$failed $$version"; \
	done; \
	test -z "$$failed" || { echo "failed on Python$$failed" >&2; exit 1; }; }

nightly: setup ## every property test with 1,000 examples, some minutes to hours (ARGS=FOLDER)
	@HYPOTHESIS_PROFILE=nightly $(BIN)/python -m pytest -m hypothesis --timeout 7200 -n $(JOBS) --dist worksteal $(ARGS)

mutation: setup ## plant small errors in a room, show those its tests do not notice (ARGS=domain/rules/queue/holds)
	@.ci/mutation $(or $(ARGS),domain/rules/queue/backoff domain/rules/limits/sweep_pace)

sim: setup ## the whole daemon under a seeded, hostile world, four ways (ARGS="--seeds 0..199")
	@$(BIN)/syncd simulate $(or $(ARGS),--seeds 0..199)
	@$(BIN)/syncd simulate --without webhooks $(or $(ARGS),--seeds 0..199)
	@$(BIN)/syncd simulate --without sweeps $(or $(ARGS),--seeds 0..199)
	@$(BIN)/syncd simulate --without rechecks $(or $(ARGS),--seeds 0..199)

judges: setup ## how many of 50 seeds find each planted bug, as a table (ARGS="1000..1049 no-look")
	@$(BIN)/python -m tests.simulation.judges $(ARGS)

chaos: setup ## kill loops ten times as long: deaths at the worst instants of writes and refreshes
	@SYNCD_CHAOS=$(or $(CHAOS),10) $(BIN)/python -m pytest tests/journeys/test_crashes.py tests/journeys/test_tokens.py $(ARGS)

.PHONY: chaos-replicas
chaos-replicas: setup ## two replicas, 20 tenants, 40,000 invoices: 50 kills, 10 pauses, 5 restarts and 5 cuts (an hour)
	@SYNCD_REPLICAS=long SYNCD_REPLICAS_WITHIN_S=7200 $(BIN)/python -m pytest -n 0 tests/journeys/test_replicas.py $(ARGS)

# A story on a server takes a second where a file takes some hundredths; of what is drawn, few examples.
.PHONY: test-postgresql
test-postgresql: setup ## journeys and the engine's tests with every store on a PostgreSQL server (an hour; ARGS=FOLDER)
	@SYNCD_TEST_STORE=postgresql HYPOTHESIS_PROFILE=$${HYPOTHESIS_PROFILE:-few} $(BIN)/python -m pytest -n $(JOBS) --dist worksteal \
		$(or $(ARGS),tests/engine tests/web/standby tests/web/public tests/journeys)

attack: setup ## strangers, evil answers and a meddled machine against the real daemon (ATTACK=n for n times as much)
	@ATTACK=$(or $(ATTACK),1) $(BIN)/python -m pytest -n 0 tests/attack $(ARGS)

.PHONY: questions
questions: setup ## seven questions of an operator acted out in chromium: seconds, clicks, words to the answer
	@$(BIN)/python -m tests.browser.questions

alarms: setup ## twenty days of two offices at work: no false alarm, no missed conflict
	@ALARM_SEEDS=$(or $(ARGS),1..20) $(BIN)/python -m pytest -q tests/engine/test_alarms.py

.PHONY: switches
switches: setup ## two offices at work with each of Xero's open questions answered the other way (SWITCHES=deeds)
	@SWITCH_DEEDS=$(or $(SWITCHES),200) $(BIN)/python -m pytest -q -n $(JOBS) tests/engine/test_every_switch.py $(ARGS)

bench: setup ## how fast the queue drains, as ratios
	@$(BIN)/python bench/drain.py $(ARGS)

bench-write-path: setup ## the engine's own share of a write, in seconds (ARGS=--statements lists the store's)
	@$(BIN)/python bench/write_path.py $(ARGS)

bench-webhooks: setup ## what a durable receiver costs beside a bare one, as ratios
	@$(BIN)/python bench/webhooks.py $(ARGS)

bench-reconcile: setup ## a full sweep of 100,000 unchanged invoices: calls, CPU, memory, lag
	@$(BIN)/python bench/reconcile.py $(ARGS)

.PHONY: bench-start
bench-start: setup ## CPU until ready beside an import of aiohttp, and memory at rest
	@$(BIN)/python bench/start.py $(ARGS)

bench-retention: setup ## how long a write waits while 100,000 old rows are taken out (ARGS="--rows n")
	@$(BIN)/python bench/retention.py $(ARGS)

.PHONY: bench-console
bench-console: setup ## the console's pages at 100,000 invoices, and the drain beside 20 open tabs (ARGS="--invoices n")
	@$(BIN)/python bench/console.py $(ARGS)

.PHONY: bench-full-store
bench-full-store: setup ## start, lists and drain at 1,000,000 finished invoices beside 1,000, on both engines (half an hour)
	@$(BIN)/python bench/full_store.py $(ARGS)

soak: setup ## half an hour of work under faults: memory, handles, log and file stay flat (ARGS="--minutes n")
	@$(BIN)/python bench/soak.py $(ARGS)

check-spec: setup ## the emulators against the published API descriptions (SPECS=FOLDER)
	@SPECS="$(SPECS)" $(BIN)/python -m pytest -m spec tests/sandbox $(ARGS)

.PHONY: check-clients
check-clients: setup ## pyxero, tap-xero and xero-node against the sandbox, each installed beside .venv
	@.ci/clients

wheel: ## build the wheel into dist/ and try it in a clean environment
	@.ci/wheel "$(PYTHON)"

fuzz-api: setup ## the API of a demo against its own description, by schemathesis (ARGS=examples for each operation)
	@.ci/fuzz-api $(ARGS)

prove-install: ## docs/install.md's own commands in a root of its own, with real downloads (needs root; after make wheel)
	@.ci/prove-install

pin-image: ## write the present digest of the base image into the Dockerfile (needs skopeo or docker, and the registry)
	@.ci/pin-image

sbom: setup ## write what an installation is made of into dist/syncd.cdx.json (CycloneDX)
	@$(BIN)/python .ci/sbom.py dist/syncd.cdx.json

changelog: setup ## make the fragments in changes/ a section of CHANGELOG.md (ARGS=--draft shows it)
	@.ci/changelog $(ARGS)

pages: setup ## write the chapters of the documents that are made from the code
	@$(BIN)/python -m tests.house.support.pages

pins: ## the newest versions pyproject.toml allows, with the digest of every file (needs uv)
	@{ $(HEADER) constraints.txt; echo hatchling | $(PIN) pyproject.toml - --extra dev --extra browser --extra speed --extra postgresql; } > .constraints.new
	@mv .constraints.new constraints.txt
	@{ $(HEADER) requirements.txt; $(PIN) pyproject.toml --extra speed --extra postgresql --generate-hashes -c constraints.txt; } > .requirements.new
	@mv .requirements.new requirements.txt
	@{ $(HEADER) requirements-build.txt; echo hatchling | $(PIN) - --generate-hashes -c constraints.txt; } > .requirements.new
	@mv .requirements.new requirements-build.txt

.PHONY: screens
screens: setup ## the pictures of the console in docs/screens (needs chromium)
	@$(BIN)/python -m tests.browser.support.screens

clean: ## remove caches, keep .venv and those of test-pythons
	@rm -rf .mypy_cache .ruff_cache .import_linter_cache .hypothesis build dist
	@find . -name __pycache__ -type d -not -path './.venv*' -prune -exec rm -rf {} +
