# Everything a newcomer may run. Needs Python 3.11, 3.12 or 3.13, make, git and a C compiler; nothing else is installed by
# hand. Every environment is installed from a lock that is complete, so that nothing published later changes it (ADR 19).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SGLANG_VENV := .venv-sglang
PRESIDIO_VENV := .venv-presidio
PEERS_VENV := .venv-peers
PEERS_TOOLS := .tools/peers
FOCUS_VENV := .venv-focus
UV_VENV := .venv-uv
TINY_MODEL := .cache/tiny-model
SHIPPED_POLICIES := policies policies/examples/closed policies/examples/open-weights charts/gateway/files/policies
PYTEST := $(BIN)/python -m pytest
# --no-deps: pip looks at the lock and at nothing else. tests/architecture/test_locks.py proves that nothing is missing there.
INSTALL := bin/pip install --quiet --disable-pip-version-check --no-deps --require-hashes
WHEELS := --only-binary :all:

ifneq ($(MAKECMDGOALS),clean)
ifneq ($(wildcard $(BIN)/python),)
ifneq ($(origin PYTHON),file)
ifneq ($(shell $(BIN)/python -V),$(shell $(PYTHON) -V))
$(error $(VENV) is of $(shell $(BIN)/python -V), PYTHON=$(PYTHON) is $(shell $(PYTHON) -V): run `make clean` first)
endif
endif
endif
endif

.DEFAULT_GOAL := help
.PHONY: help demo test coverage test-quick test-long test-sglang lint format loadtest loadtest-peers compare-presidio test-real test-real-masking check-focus prices lock policy clean

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
	for place in $(SHIPPED_POLICIES); do $(BIN)/gateway policy check --strict --policies $$place >/dev/null || exit 1; done
	$(BIN)/gateway policy test --policies policies >/dev/null

format: $(VENV)/.dev ## Format and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

loadtest: $(VENV)/.dev ## Gateway against direct upstream on one core; writes loadtest/README.md
	$(BIN)/python -m loadtest.run

loadtest-peers: $(VENV)/.dev $(PEERS_VENV)/.ready $(PEERS_TOOLS)/.ready ## CPU a request beside nginx, SMG and LiteLLM's proxy, in one run
	$(BIN)/python -m loadtest.peers $(ARGS)

compare-presidio: $(VENV)/.dev $(PRESIDIO_VENV)/.ready ## Tier 1 and Presidio on the same prompts; DATA=FILE of labelled texts
	$(PYTEST) -q tests/architecture/test_locks.py -k presidio
	$(BIN)/python tests/support/compare_presidio.py --data $(DATA) --python $(PRESIDIO_VENV)/bin/python

test-real: $(VENV)/.dev ## Agent sessions and files over real packages of npm, PyPI and Debian, fetched by name into build/real; ARGS="--sessions 100"
	cd tests && $(abspath $(BIN))/python -m real $(ARGS)

test-real-masking: $(VENV)/.dev ## What masking costs an agent: 1,000 edits of real lines, 204 tasks, cached prompts (about four minutes)
	cd tests && $(abspath $(BIN))/python -m real.masked $(ARGS)

check-focus: $(VENV)/.dev $(FOCUS_VENV)/.ready ## The FinOps Foundation's validator over a FOCUS report
	CI=true $(PYTEST) -q -s tests/contract/test_focus.py

prices: $(VENV)/.dev ## Make the dated price book anew from litellm's bundled map
	LITELLM_LOCAL_MODEL_COST_MAP=True $(BIN)/python policies/make_prices.py

lock: $(UV_VENV)/.ready ## Make all locks again, with hashes; a pin stays where it can, UPGRADE=--upgrade takes the newest
	.ci/lock $(CURDIR)/$(UV_VENV)/bin/uv $(UPGRADE)

clean: ## Remove environments and caches
	rm -rf $(VENV) $(SGLANG_VENV) $(PRESIDIO_VENV) $(PEERS_VENV) $(FOCUS_VENV) $(UV_VENV) .cache .tools .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.lock | $(VENV)/bin/python
	$(VENV)/$(INSTALL) $(WHEELS) -r requirements.lock
	@touch $@

# A few packages have no wheel. What builds them is locked too, and installed first.
$(VENV)/.dev: requirements-build.lock requirements-dev.lock pyproject.toml | $(VENV)/bin/python
	$(VENV)/$(INSTALL) $(WHEELS) -r requirements-build.lock
	$(VENV)/$(INSTALL) --no-build-isolation -r requirements-dev.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@ $(VENV)/.runtime

# For one Python. torch is the CPU build where pip finds it (PIP_FIND_LINKS), else PyPI's CUDA build and the 3 GB it requires.
$(SGLANG_VENV)/.ready: $(wildcard tests/sglang/*.lock)
	python=$$(.ci/find-python "$(PYTHON)" 3.11) && $$python -m venv --clear $(SGLANG_VENV)
	$(SGLANG_VENV)/$(INSTALL) $(WHEELS) -r tests/sglang/requirements.lock
	$(SGLANG_VENV)/$(INSTALL) $(WHEELS) -r tests/sglang/requirements-cpu.lock || $(SGLANG_VENV)/$(INSTALL) $(WHEELS) -r tests/sglang/requirements-cuda.lock
	@touch $@

$(PEERS_VENV)/.ready: loadtest/requirements-peers.lock
	$(PYTHON) -m venv --clear $(PEERS_VENV)
	$(PEERS_VENV)/$(INSTALL) $(WHEELS) -r loadtest/requirements-peers.lock
	@touch $@

# Debian's nginx, unpacked and not installed.
$(PEERS_TOOLS)/.ready:
	mkdir -p $(PEERS_TOOLS)
	cd $(PEERS_TOOLS) && apt-get download nginx && dpkg -x nginx_*.deb .
	@touch $@

$(PRESIDIO_VENV)/.ready: tests/support/requirements-presidio.lock
	$(PYTHON) -m venv --clear $(PRESIDIO_VENV)
	$(PRESIDIO_VENV)/$(INSTALL) $(WHEELS) -r tests/support/requirements-presidio.lock
	@touch $@

# An environment of its own: the validator wants pandas, NumPy and SQLAlchemy of years ago, which Python 3.13 cannot run.
$(FOCUS_VENV)/.ready: requirements-build.lock tests/support/requirements-focus.lock
	python=$$(.ci/find-python "$(PYTHON)" 3.12 3.11) && $$python -m venv --clear $(FOCUS_VENV)
	$(FOCUS_VENV)/$(INSTALL) $(WHEELS) -r requirements-build.lock
	$(FOCUS_VENV)/$(INSTALL) --no-build-isolation -r tests/support/requirements-focus.lock
	@touch $@

$(UV_VENV)/.ready: .ci/requirements-uv.lock
	$(PYTHON) -m venv --clear $(UV_VENV)
	$(UV_VENV)/$(INSTALL) $(WHEELS) -r .ci/requirements-uv.lock
	@touch $@

$(TINY_MODEL)/config.json: tests/sglang/make_model.py $(SGLANG_VENV)/.ready
	PYTHONPATH=tests/sglang/shim HF_HUB_OFFLINE=1 $(SGLANG_VENV)/bin/python tests/sglang/make_model.py $(TINY_MODEL)
