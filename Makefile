# Cardcue from a fresh machine: python3.11 and make are enough, everything else is installed here.
# `make` prints what can be asked for. Wishes for a command go into ARGS: make test ARGS="-k ingest".

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help demo setup test check proof sim bench docs tools lock up down

PYTHON ?= $(shell command -v python3.11 || command -v python3 || echo python3)
RUN := .venv/bin/python
UV := .venv/bin/uv
SEED ?=
ARGS ?=

export REQUIRE_ALL
# We bring our interpreter; uv shall never fetch one. It takes packages from where pip does,
# and trusts whom the machine trusts: a mirror may be signed by the bank itself.
export UV_PYTHON_DOWNLOADS := never
export UV_SYSTEM_CERTS ?= true
ifdef PIP_INDEX_URL
export UV_DEFAULT_INDEX ?= $(PIP_INDEX_URL)
endif

# Names, versions and hashes of what the lock file says, without any address.
EXPORT := $(UV) export --quiet --frozen --no-emit-project --format requirements-txt --no-header --no-annotate
# Our five packages, editable: uv builds them itself and fetches nothing.
INSTALL_US := $(UV) pip install --quiet --python $(RUN) --no-index --no-deps --editable .
# Two lanes that mostly wait (tests/lanes.py), and what computes beside them; -n0 in ARGS: in one process.
LANES := --numprocesses 3 --dist loadfile --no-loadscope-reorder

help: ## print this page
	@grep -E '^[a-z]+:.*## ' Makefile | sed 's/:.*## /|/' | awk -F'|' '{printf "  make %-7s %s\n", $$1, $$2}'

demo: .venv/.runtime ## a bank's events become triggers, on this machine, in a minute
	@.venv/bin/cardcue demo $(ARGS)

setup: .venv/.dev ## install everything into .venv, by hash
	@echo "ready: .venv/bin/cardcue --help, make test, make check"

test: .venv/.dev ## every test; REQUIRE_ALL=1 turns a skip into a failure
	@$(RUN) -m pytest $(LANES) --durations=15 $(ARGS)

check: .venv/.dev ## lint, format, types and the fast tests: before every commit
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check .
	@$(RUN) -m mypy
	@$(RUN) -m pytest -q tests/house tests/schemas tests/lifecycle $(ARGS)

proof: .venv/.dev ## kill -9, SIGSTOP and broker restarts on a real Kafka, at full length
	@$(RUN) -m pytest tests/proof --full $(ARGS)

sim: .venv/.dev ## 20,000 simulated worlds full of misfortune; make sim SEED=42 tells one again
	@$(RUN) -m tests.simulation.run $(if $(SEED),--seed $(SEED)) $(ARGS)

bench: .venv/.dev ## measure on a real Kafka; writes bench/RESULTS.md and bench/results.json
	@$(RUN) -m bench.run $(ARGS)

bench-learning: .venv/.dev ## what models reach on real data; writes bench/LEARNING.md and bench/learning.json
	@$(RUN) -m bench.learning.run $(ARGS)

docs: .venv/.dev ## write docs/asyncapi.json, docs/events.md and docs/schemas/ again, from the structs
	@.venv/bin/cardcue docs $(ARGS)

tools: .venv/.dev build/asyncapi/.installed ## what some tests need besides: Kafka's jars (Maven), the AsyncAPI parser (npm)
	@$(RUN) -m tests.kafka_server

lock: .venv/.dev ## resolve dependencies again, then take every address out of the lock files
	@$(UV) lock --python $(RUN)
	@cd deploy/asyncapi && npm install --silent --package-lock-only --ignore-scripts
	@$(RUN) deploy/lock.py uv.lock deploy/asyncapi/package-lock.json
	@$(EXPORT) --only-group bootstrap --output-file .venv/bootstrap.txt
	@cmp -s .venv/bootstrap.txt deploy/bootstrap.txt || cp .venv/bootstrap.txt deploy/bootstrap.txt

up: ## Kafka, the worker and Prometheus in containers
	docker compose up --build --detach

down: ## stop them and forget their data
	docker compose down --volumes

build/asyncapi/.installed: deploy/asyncapi/package-lock.json
	@mkdir -p $(@D)
	@cp deploy/asyncapi/package.json deploy/asyncapi/package-lock.json deploy/asyncapi/.npmrc $(@D)
	@cd $(@D) && npm ci --silent --ignore-scripts
	@touch $@

# Stamps: a second `make demo` finds them newer than the lock file and installs nothing.

IS_3_11 := -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null

.venv/.bootstrap: deploy/bootstrap.txt
	@$(RUN) $(IS_3_11) || "$(PYTHON)" $(IS_3_11) || { \
	  echo "cardcue needs Python 3.11 and found $$("$(PYTHON)" --version 2>&1 | head -1) at $(PYTHON);" \
	       "install it, or name it: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(RUN) $(IS_3_11) || { echo "setting up .venv (once)"; "$(PYTHON)" -m venv --clear .venv; }
	@$(RUN) -m pip install --quiet --disable-pip-version-check --require-hashes -r deploy/bootstrap.txt
	@touch $@

.venv/.runtime: .venv/.bootstrap uv.lock pyproject.toml
	@$(EXPORT) --output-file .venv/runtime.txt
	@$(UV) pip install --quiet --python $(RUN) --require-hashes -r .venv/runtime.txt
	@$(INSTALL_US)
	@touch $@

.venv/.dev: .venv/.bootstrap uv.lock pyproject.toml
	@$(EXPORT) --group dev --group bootstrap --output-file .venv/dev.txt
	@$(UV) pip sync --quiet --python $(RUN) --require-hashes .venv/dev.txt
	@$(INSTALL_US)
	@touch .venv/.runtime $@
