# Each target makes what it needs, from a clean clone, with Python >= 3.11, pip, venv and make.

PYTHON ?= python3
VENV ?= .venv
TORCH_VERSION := 2.13.0

# What is installed: this folder, as it is edited; or a wheel of it.
PROJECT ?= --editable .

# A worker for each core, at most four. Each begins with its part of the tests in their order, which
# keeps modules and their fixtures together, and takes from the others when it has done its own.
# One BLAS thread each: more of them would wait for each other, and take the cores to wait.
PARALLEL ?= --numprocesses logical --maxprocesses 4 --dist worksteal

BENCH ?= start trials demo
BIN := $(VENV)/bin
OUT ?= dist

# Tests start many processes. Python keeps what it compiled in VENV, also where the environment says
# that it shall write nothing beside the sources.
BYTECODE := env -u PYTHONDONTWRITEBYTECODE PYTHONPYCACHEPREFIX=$(abspath $(VENV))/bytecode

PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install

# What is installed is marked by files in VENV. Their names carry a checksum of this folder's path
# and of pyproject.toml, so that a change is seen whatever times a clone gave its files.
MARK := $(VENV)/.made-$(shell { pwd; cat pyproject.toml; } | cksum | cut -d ' ' -f 1)
TORCH := $(MARK)-torch-$(TORCH_VERSION)

.NOTPARALLEL:
.PHONY: help demo test test-integrations chaos bench lessons lint docs package page clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/make \1\t\2/' | expand -t 26

demo: | $(MARK)-project ## tune a network on handwritten digits, offline, in under a minute
	@$(BIN)/tunesmith demo

test: | $(MARK)-test ## the fast suites, in 4 minutes on two cores
	@$(BYTECODE) OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -q $(PARALLEL)

test-integrations: | $(MARK)-test $(MARK)-docs $(MARK)-package $(TORCH) $(MARK)-bench $(MARK)-parity $(MARK)-ray $(MARK)-web $(MARK)-chromium ## the suites that need PyTorch, a browser and other heavy parts
	@$(BYTECODE) $(BIN)/python -m pytest -q tests/integrations || [ $$? -eq 5 -a "$$CI" != true ] # 5: all left out

chaos: | $(MARK)-test ## every fault we survive, at full size; writes docs/what-we-survive.md
	@$(BIN)/python -m pytest -q --long -m survives --timeout 3600
	@$(BIN)/python -m tests.survival

bench: | $(MARK)-test $(TORCH) $(MARK)-bench ## speed, beside other tuners; make bench BENCH="start trials"
	@for name in $(BENCH); do $(BIN)/python -m benchmarks $$name || exit 1; done

lessons: | $(MARK)-test ## every lesson at full size, twelve minutes; writes docs/lessons.md and its figures
	@$(BIN)/tunesmith lessons all --out docs/lessons --page docs/lessons.md --force

lint: | $(MARK)-lint ## style, types and the direction of imports
	@$(BIN)/python -m ruff check --quiet
	@$(BIN)/python -m ruff format --check
	@$(BIN)/python -m mypy
	@$(BIN)/lint-imports --no-logo

docs: | $(MARK)-docs ## the pages as a site, in build/docs
	@$(BIN)/python -m sphinx --quiet --fail-on-warning docs build/docs
	@echo "build/docs/index.html"

package: | $(MARK)-package ## the sdist, and the wheel that is made of it, in dist
	@$(BIN)/python -m build --outdir $(OUT) . >/dev/null

page: ## build the script of the page anew, after a change to its sources; needs npm
	@cd src/tunesmith/report/web && npm ci --silent --no-audit --no-fund && npm run --silent build

clean: ## remove .venv, caches and built packages; studies and models stay
	@rm -rf .venv build dist .coverage .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find src tests benchmarks -name __pycache__ -prune -exec rm -rf {} +

$(MARK)-pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Tunesmith needs Python 3.11 or later, and '$(PYTHON)' is not: name one, such as make PYTHON=python3.12" >&2; \
		exit 1; }
	@echo "Making a virtual environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@rm -f $(VENV)/.made-*
	@$(PIP) "pip>=25.1"
	@touch $@

$(MARK)-project: | $(MARK)-pip
	@echo "Installing Tunesmith"
	@$(PIP) $(PROJECT)
	@touch $@

$(MARK)-package: | $(MARK)-pip
	@echo "Installing the group 'package' of pyproject.toml"
	@$(PIP) --group package
	@touch $@

$(MARK)-test $(MARK)-lint $(MARK)-docs: $(MARK)-%: | $(MARK)-project
	@echo "Installing the group '$*' of pyproject.toml"
	@$(PIP) --group $*
	@touch $@

# A part that cannot be had is said and left out, but not where CI is true.
define optional
	@if $(PIP) $(2) >$@.log 2>&1; then touch $@; else \
		echo "$(1) cannot be had here: $$(tail -n 1 $@.log)" >&2; [ "$$CI" != true ]; fi
endef

$(TORCH): | $(MARK)-pip
	@echo "Installing PyTorch $(TORCH_VERSION); where it is not on disk this can be a large download"
	$(call optional,PyTorch,torch==$(TORCH_VERSION))

# After PyTorch: Keras may ask for it, and would then take another build. Ray is 80 MB to load, and
# 200 MB on disk.
$(MARK)-bench $(MARK)-parity $(MARK)-ray: $(MARK)-%: | $(MARK)-project $(TORCH)
	@echo "Installing the group '$*' of pyproject.toml"
	$(call optional,The group '$*',--group $*)

$(MARK)-web: | $(MARK)-project
	@echo "Installing the group 'web' of pyproject.toml"
	$(call optional,The group 'web',--group web)

# Installed in a machine of CI alone; elsewhere that is for its owner to do.
$(MARK)-chromium: | $(MARK)-pip
	@if command -v "$${CHROMIUM:-chromium}" >/dev/null; then touch $@; \
	elif [ "$$CI" = true ] && [ "$$(id -u)" = 0 ]; then \
		echo "Installing Chromium"; \
		apt-get -qq update && DEBIAN_FRONTEND=noninteractive \
			apt-get -qq install --yes --no-install-recommends chromium fonts-dejavu-core >$@.log 2>&1 && \
			touch $@; \
	else echo "There is no Chromium here: the suite in a browser is left out" >&2; [ "$$CI" != true ]; fi
