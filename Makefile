# Everything a day's work needs; `make` alone lists it.

PYTHON ?= python3
BIN := .venv/bin
CODE := toolkit sims recon deploy loadtests tests

.DEFAULT_GOAL := help
.PHONY: help setup demo services test check lint format bench load proto transitions api promtool lock clean

help: ## list the verbs
	@grep -hE '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 10

setup: .venv/.ready ## make the virtual environment

.venv/.ready: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "$(PYTHON) is older than 3.11: run make PYTHON=python3.11 setup"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	touch .venv/.ready

demo: setup ## play one business day on real parts, reconcile it, make the report
	$(BIN)/python -m sims.demo

services: setup ## start a real Kafka, PostgreSQL, Redis and registry; DO=down ends them
	$(BIN)/python -m deploy.services $(or $(DO),up)

test: check ## run every test
	$(BIN)/python -m pytest -n 2 --dist loadgroup -q

check: lint ## format, lint, strict types, import contracts, released schemas, tidy test
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m toolkit.messages.proto check
	$(BIN)/python -m pytest -q tests/architecture

lint: setup ## the quick part of check
	$(BIN)/ruff check $(CODE)

format: setup ## put everything into its form
	$(BIN)/ruff format $(CODE)
	$(BIN)/ruff check --fix $(CODE)

bench: setup ## measure against the bare ceiling, and keep the ratios in data/baselines
	$(BIN)/python -m tests.bench

load: setup ## drive a platform of its own for half a minute, and judge
	$(BIN)/python -m loadtests run --embedded --rate 3 --seconds 30 --kafka-rate 1

proto: setup ## generate toolkit/messages/pb from the .proto files
	$(BIN)/python -m toolkit.messages.proto

transitions: setup ## write what escrow and closing answer, from their own decisions
	$(BIN)/python -m toolkit.escrow.transitions > transitions.draft
	mv transitions.draft recon/transitions.csv
	$(BIN)/python -m toolkit.closing.transitions > transitions.draft
	mv transitions.draft docs/design/closing_transitions.csv

api: setup ## write docs/api.md and docs/api/openapi.json from the gateway
	$(BIN)/python -m tests.gateway.page

promtool: setup $(BIN)/promtool ## fetch what checks the alerts, from Debian

$(BIN)/promtool:
	folder=$$(mktemp -d) && cd $$folder && apt-get download prometheus && \
	  dpkg-deb -x prometheus_*.deb . && cp usr/bin/promtool $(CURDIR)/$(BIN)/ && rm -r $$folder

lock: setup ## compile requirements.lock from pyproject.toml
	$(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 \
	  --generate-hashes --custom-compile-command 'make lock' \
	  --quiet -o requirements.lock

clean: ## remove what was produced; the environment stays
	rm -rf out .hypothesis .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
