# Two commands for a fresh machine: `make demo` and `make test`. Each does its own set-up, and a second run starts at once.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Bytecode is kept between runs, whatever the environment says: to compile all of it anew takes longer than most tests.
# Files go to the workers in the order of tests/conftest.py.
PYTEST := PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -q --dist loadfile --no-loadscope-reorder
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check

.PHONY: help demo site test nodes all-tests check unit docs vectors bench pythons lock packages image clean

help:
	@echo "make demo    the main job on local real nodes: claim to signed, verified attestation (SHORT=1: one unit is short; ALL=1: 22 coins on eleven families of chains)"
	@echo "make site    the demo's report after thirteen generated months, as a static site"
	@echo "make test    every test, those on real nodes included"
	@echo "make unit    the fast tests: no network, no nodes"
	@echo "make check   types, style, import contracts"
	@echo "make docs    write the pages and schemas that follow from the code"
	@echo "make vectors write the golden attestations and the refusals anew, of versions of the format that are not released"
	@echo "make pythons the fast tests on each Python from 3.11 to 3.14 that is here or fetched (minutes each; CI verifies attestations on each)"
	@echo "make lock    write requirements/ anew: what is installed, version by version, with hashes"
	@echo "make packages wheel, sdist and SBOM in dist/, tried with what takes them; Kubernetes' schemas too"
	@echo "make image   build the image without Docker, and run it (root, buildah, debootstrap; minutes)"
	@echo "make bench   measure against what a user would use instead"

demo: $(VENV)/.ready
	@$(BIN)/python -m localnet.fetch
	@$(BIN)/python -m demo $(if $(SHORT),--short) $(if $(ALL),--all)

site: demo
	@$(BIN)/python -m demo.site

test:
	@$(MAKE) --no-print-directory -j 2 all-tests check

nodes: | $(VENV)/.made
	@$(BIN)/python -m localnet.fetch anvil bitcoind hardhat || echo "Tests that need these nodes will be skipped."

# A third of the time that all tests take is waiting for nodes, browsers and programs: one worker more fills it.
all-tests: nodes $(VENV)/.tested
	@echo "Running all tests"
	@MAKEFLAGS= RESERVE_SCANNER_EXAMPLES=full $(PYTEST) -n $$(($$(getconf _NPROCESSORS_ONLN) + 1))

unit: $(VENV)/.tested
	@$(PYTEST) -n logical tests/unit

check: $(VENV)/.tested
	@echo "Checking style, types and import contracts"
	@$(BIN)/ruff format --check -q .
	@$(BIN)/ruff check -q .
	@$(BIN)/mypy
	@told=$$($(BIN)/lint-imports --no-cache) || { echo "$$told"; exit 1; }

docs: $(VENV)/.ready
	@$(BIN)/python -m docs.generate

vectors: $(VENV)/.tested
	@$(BIN)/python -m tests.support.golden_attestations

pythons: $(VENV)/.tested
	@for python in $$($(BIN)/python -m tests.support.interpreters); do \
		at=.venvs/$$($$python -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
		echo "== $$python"; \
		$(BIN)/uv venv -q --allow-existing --python $$python $$at && \
		$(BIN)/uv pip install -q --python $$at/bin/python --editable '.[dev]' && \
		PYTHONDONTWRITEBYTECODE= $$at/bin/python -m pytest -q -n logical --dist loadfile tests/unit || exit 1; done

# No registry's address stands in what is locked. LOCK=--upgrade takes newer versions.
COMPILE := $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate $(LOCK)
lock: $(VENV)/.tested
	@$(COMPILE) pyproject.toml --extra metrics --output-file requirements/scanner.txt
	@$(BIN)/python -m docs.requirements build | $(COMPILE) - --output-file requirements/build.txt
	@$(BIN)/python -m docs.requirements release | $(COMPILE) - --output-file requirements/release.txt

packages: $(VENV)/.tested
	@$(PIP) --require-hashes --requirement requirements/release.txt
	@rm -rf dist build
	@$(BIN)/python -m build --no-isolation --outdir dist . >/dev/null
	@$(BIN)/twine check --strict dist/*
	@$(BIN)/cyclonedx-py requirements requirements/scanner.txt --pyproject pyproject.toml --output-reproducible --output-file dist/reserve-scanner.cdx.json
	@for run in "$(BIN)/uvx -q --from" "$(BIN)/pipx run --spec"; do echo "== $$run"; $$run dist/*.whl scanner --version || exit 1; done
	@$(PYTEST) -n 0 tests/unit/deploy tests/processes/test_packages.py

image:
	@sh deploy/docker/try.sh

bench: $(VENV)/.tested
	@$(PIP) '.[bench]'
	@$(BIN)/python -m localnet.fetch
	@for each in bench/[a-z]*.py; do name=$${each#bench/}; case $$name in big_files.py|big_nodes.py) continue;; esac; \
		echo "== $$each"; $(BIN)/python -m bench.$${name%.py} || exit 1; done

# Set up once, and again when the dependencies change. A set-up that was cut short is taken up where it broke off.
$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 ..."; exit 2; }
	@echo "Setting up the virtual environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is needed: apt-get install python3-venv"; exit 2; }
	@touch $@

$(VENV)/.ready: pyproject.toml | $(VENV)/.made
	@echo "Installing reserve-scanner"
	@$(PIP) --editable .
	@touch $@

$(VENV)/.tested: pyproject.toml | $(VENV)/.made
	@echo "Installing reserve-scanner and what its tests need"
	@$(PIP) --editable '.[dev]'
	@touch $(VENV)/.ready $@

clean:
	rm -rf $(VENV) .venvs .nodes out build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
