# make demo   a morning on a simulated chair, in about a minute
# make test   the tests, on all processors, in a few minutes
# make quick  the tests that start no program and no broker, in less than a minute
# make check  style, types, layers, plain sentences
# make qa     the service on a real kernel, systemd and Home Assistant, under torture and fuzzing; see qa/README.md
#
# Everything is installed into .venv; nothing needs root but make qa. PYTHON chooses the interpreter,
# ARGS are arguments of pytest: make test ARGS="tests/core -k gap".

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet

# Test processes side by side: three for each processor, since many tests wait for a program.
# WORKERS=0 runs all tests in one process, for --pdb.
WORKERS  ?= $(shell echo $$(( $$(getconf _NPROCESSORS_ONLN) * 3 )))
PYTEST   := $(BIN)/python -m pytest
PARALLEL := -n $(WORKERS) --dist worksteal

# Without compiled modules the test processes, and each program that they start, compile everything.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test quick check prose coverage qa torture fuzz measures kernel systemd homeassistant restarts statistics nights hours shelves hostile brokers rigs docs \
        wiring holder recordings screenshots pages wheel deb lock clean

demo: $(VENV)/.installed
	@$(BIN)/unsit demo

test: $(VENV)/.installed-dev
	$(PYTEST) $(PARALLEL) $(ARGS)

quick: $(VENV)/.installed-dev
	$(PYTEST) $(PARALLEL) -m "not (program or broker or slow)" $(ARGS)

check: $(VENV)/.installed-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python qa/prose.py

# Lists sentences that are hard to read; ARGS are files or folders.
prose: $(VENV)/.installed-dev
	$(BIN)/python qa/prose.py $(ARGS)

coverage: $(VENV)/.installed-dev
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest $(ARGS)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --skip-covered --show-missing

# Builds what the tests marked kernel, systemd and homeassistant run on; see rigs/README.md. Needs root.
rigs:
	rigs/kernel/build-guest
	rigs/systemd/build-roots
	rigs/homeassistant/install --no-browser

# The short forms of everything in qa/; a part whose rig is missing is skipped.
qa: $(VENV)/.installed-dev
	$(PYTEST) qa $(ARGS)

kernel systemd homeassistant nights hostile: $(VENV)/.installed-dev
	$(PYTEST) qa/$@ $(ARGS)

# Restarts Home Assistant, broker, chair and automations 20 times; SEED draws others. Some ten minutes.
SEED ?= 1
restarts: $(VENV)/.installed-dev
	UNSIT_RESTARTS=20 UNSIT_SEED=$(SEED) $(PYTEST) qa/homeassistant/test_blueprints.py -k restart --log-cli-level=INFO $(ARGS)

# Generated weeks around both nights in which clocks are set, in a living Home Assistant. Some ten minutes.
statistics: $(VENV)/.installed-dev
	UNSIT_STATISTICS_DAYS=9 UNSIT_SEED=$(SEED) $(PYTEST) qa/homeassistant/test_statistics.py $(ARGS)

# The long forms: make torture ARGS="--lanes 8 --bouts 2000 --kills 500", make fuzz ARGS="--count 1000000".
# ARGS="--help" lists the options.
torture: $(VENV)/.installed-dev
	PYTHONPATH=tests:qa:rigs $(BIN)/python -m torture $(ARGS)

# Kills the service 300 times while it moves events to the history; as root, on a disk that fills up.
shelves: $(VENV)/.installed-dev
	PYTHONPATH=tests:qa:rigs $(BIN)/python -m shelves $(ARGS)

# Weighs 10,000 generated hours of sitters on load cells, some 15 minutes on two processors.
hours: $(VENV)/.installed-dev
	PYTHONPATH=rigs:qa $(BIN)/python -m hours $(ARGS)

TARGETS ?= commands recordings settings state contacts
fuzz: $(VENV)/.installed-fuzz
	for target in $(TARGETS); do PYTHONPATH=tests:qa:rigs $(BIN)/python -m fuzz $$target $(ARGS) || exit 1; done

# Measures of a report against a second computation with numpy and pandas.
measures: $(VENV)/.installed-measures
	$(PYTEST) qa/measures $(ARGS)

# Installs the brokers that are missing, tries the service on each, and writes service/brokers.md.
brokers: $(VENV)/.installed-dev
	PYTHONPATH=hardware:tests:qa:rigs $(BIN)/python -m brokers $(ARGS)

# Writes the reference blocks of the documentation from the code.
docs: $(VENV)/.installed-dev
	PYTHONPATH=hardware:tests:qa:rigs $(BIN)/python -m support.reference

# Draws the wiring in hardware/pictures/ from the pins of the settings.
wiring: $(VENV)/.installed-dev
	PYTHONPATH=hardware $(BIN)/python -m wiring

# Makes the parts to print in hardware/holder/; needs OpenSCAD (sudo apt install openscad).
holder: $(VENV)/.installed-dev
	PYTHONPATH=hardware $(BIN)/python -m holder

# Writes the generated recordings; ARGS="--seed 2" simulates another person.
FOLDER ?= build/recordings
recordings: $(VENV)/.installed-dev
	PYTHONPATH=rigs $(BIN)/python -m recordings $(FOLDER) $(ARGS)

# Takes the pictures of homeassistant/README.md; needs a Home Assistant and a browser.
screenshots: $(VENV)/.installed-dev
	PYTHONPATH=tests:qa:rigs $(BIN)/python qa/screenshots.py

# Looks at the page of a report in chromium, with axe and the Nu Html Checker, and takes the picture of the README.
pages: $(VENV)/.installed-dev
	PYTHONPATH=tests:qa $(BIN)/python -m pages $(ARGS)

wheel: $(VENV)/.installed
	$(PIP) wheel --no-deps --no-build-isolation --wheel-dir dist .

# A Debian package in dist/, for this machine's architecture or another: make deb ARCH=arm64
deb: wheel
	PYTHON=$(BIN)/python systemd/package/build $$(ls -t dist/unsit-*.whl | head -n 1) dist $(ARCH)

# The locks name versions and hashes for every Python from 3.11 to 3.14 and every platform, and no
# index. This needs uv (pip install uv). spidev has no wheels and comes from the system.
UV_LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --custom-compile-command "make lock"
lock:
	$(UV_LOCK) --extra demo --group build --output-file requirements.lock pyproject.toml
	$(UV_LOCK) --constraint requirements.lock --extra demo --group build --group dev \
	  --output-file requirements-dev.lock pyproject.toml
	$(UV_LOCK) --constraint requirements-dev.lock --extra load-cells --extra discover --no-emit-package spidev \
	  --output-file systemd/requirements.lock pyproject.toml
	$(UV_LOCK) --constraint requirements.lock --group build --output-file systemd/requirements-build.lock
	$(UV_LOCK) --constraint requirements-dev.lock --group measures --output-file requirements-measures.lock

clean:
	rm -rf $(VENV) dist build .coverage* .hypothesis .mypy_cache .pytest_cache .ruff_cache

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "unsit needs Python 3.11 or newer; $(PYTHON) is older. Choose one: make PYTHON=python3.12" >&2; exit 69; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "$(PYTHON) cannot make virtual environments; install it: sudo apt install python3-venv" >&2; exit 69; }
	@echo "Setting up $(VENV); this is done once."
	@$(PYTHON) -m venv --clear $(VENV)

$(VENV)/.installed: requirements.lock pyproject.toml | $(BIN)/python
	@$(PIP) install --only-binary :all: --require-hashes --requirement requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q firmware service
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	@$(PIP) install --only-binary :all: --require-hashes --requirement requirements-dev.lock
	@touch $@

$(VENV)/.installed-measures: requirements-measures.lock $(VENV)/.installed-dev
	@$(PIP) install --only-binary :all: --require-hashes --requirement requirements-measures.lock
	@touch $@

$(VENV)/.installed-fuzz: requirements-fuzz.lock $(VENV)/.installed-dev
	@$(PIP) install --only-binary :all: --require-hashes --requirement requirements-fuzz.lock
	@touch $@
