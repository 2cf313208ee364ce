# make demo   a morning on a simulated chair, in about a minute
# make test   the tests
# make check  style, types and layers
#
# Everything is installed into .venv; nothing needs root. PYTHON chooses the interpreter.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: demo test check coverage docs wiring holder screenshots wheel deb lock clean

demo: $(VENV)/.installed
	@$(BIN)/unsit demo

test: $(VENV)/.installed-dev
	$(BIN)/python -m pytest $(ARGS)

check: $(VENV)/.installed-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

coverage: $(VENV)/.installed-dev
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest $(ARGS)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --skip-covered --show-missing

# Chairs under torture; ARGS="--help" tells what can be asked for.
torture: $(VENV)/.installed-dev
	PYTHONPATH=tests $(BIN)/python -m torture $(ARGS)

# What anybody may send or write, so many times each.
COMMANDS   ?= 1000000
RECORDINGS ?= 100000
SETTINGS   ?= 100000
STATES     ?= 100000
fuzz: $(VENV)/.installed-fuzz
	PYTHONPATH=tests $(BIN)/python -m fuzz commands --count $(COMMANDS) $(ARGS)
	PYTHONPATH=tests $(BIN)/python -m fuzz recordings --count $(RECORDINGS) $(ARGS)
	PYTHONPATH=tests $(BIN)/python -m fuzz settings --count $(SETTINGS) $(ARGS)
	PYTHONPATH=tests $(BIN)/python -m fuzz state --count $(STATES) $(ARGS)

# Makes the reference blocks of the documentation anew from the code.
docs: $(VENV)/.installed-dev
	PYTHONPATH=hardware $(BIN)/python tests/reference.py

# Draws the wiring in hardware/pictures/ anew from the pins of the settings.
wiring: $(VENV)/.installed-dev
	PYTHONPATH=hardware $(BIN)/python -m wiring

# Makes the parts to print in hardware/holder/ anew; needs OpenSCAD (sudo apt install openscad).
holder: $(VENV)/.installed-dev
	PYTHONPATH=hardware $(BIN)/python -m holder

# Takes the pictures of homeassistant/README.md; needs a Home Assistant and a browser.
screenshots: $(VENV)/.installed-dev
	$(BIN)/python tests/screenshots.py

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

$(VENV)/.installed-fuzz: requirements-fuzz.lock $(VENV)/.installed-dev
	@$(PIP) install --only-binary :all: --require-hashes --requirement requirements-fuzz.lock
	@touch $@
