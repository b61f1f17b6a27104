# The words of development; `.ci/run` uses the same. `make setup` once, then any of the others.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: help setup test test-all bless lint types layers docs bench validators schemas build clean
.PHONY: engines conformance conformance-argo conformance-stepfunctions

help:
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

setup: ## make .venv with flowc (editable) and everything its tests need
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet -e '.[dev]'

test: ## the tests, without the slow ones
	$(BIN)/python -m pytest -q -n auto -m "not slow"

test-all: ## every test, with hypothesis's long profile
	FLOWC_HYPOTHESIS=long $(BIN)/python -m pytest -q -n auto

bless: ## write the golden files anew
	$(BIN)/python -m pytest -q -n auto tests/golden tests/ui tests/ir --bless

lint: ## ruff, every rule, and the runtime's Python
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/vermin --quiet --no-tips --exclude str.decode -t=3.9- flowc/contract.py flowc/dsl.py flowc/records.py flowc/runtime

types: ## mypy, strict; the runtime once more for the oldest Python that mypy knows
	$(BIN)/mypy
	$(BIN)/mypy --python-version 3.10 flowc/contract.py flowc/dsl.py flowc/records.py flowc/runtime

layers: ## import-linter
	$(BIN)/lint-imports --no-logo

docs: ## run every example of docs/diagnostics
	$(BIN)/python -m pytest -q tests/docs

bench: ## every performance claim, as ratios
	$(BIN)/python -m benchmarks

validators: ## public validators of the targets' formats (npm, go), cached outside the repository
	bash tests/validators/install.sh

schemas: ## write schemas/ of manifests anew, out of the engines' own types
	$(BIN)/python -m tests.validators.schemas

engines: ## build Kubernetes, Argo, an S3 server and the Step Functions engine, cached outside the repository
	bash tests/conformance/engines/build.sh argo
	bash tests/conformance/engines/build.sh stepfunctions

conformance: ## compiled bundles on both engines, and runs resumed across them (root; brings all up and down)
	PYTHON=$(BIN)/python bash tests/conformance/run.sh all -n 2

conformance-argo: ## the same on Kubernetes with Argo alone; ARGO=3.7.16 for that release
	FLOWC_ARGO=$(ARGO) PYTHON=$(BIN)/python bash tests/conformance/run.sh argo -n 2

conformance-stepfunctions: ## the same on Step Functions and Batch alone; ENGINE=localstack for another interpreter
	FLOWC_STATES=$(ENGINE) PYTHON=$(BIN)/python bash tests/conformance/run.sh stepfunctions -n 2

build: ## wheel and sdist
	$(BIN)/python -m build --no-isolation

clean: ## what the tools left
	rm -rf dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
