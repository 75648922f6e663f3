# `make demo` and `make test` set up by themselves what they need, in the folder .venv.

PYTHON ?= python3
VENV   := .venv
RUN    := $(VENV)/bin/python
PIP    := $(RUN) -m pip install --quiet --disable-pip-version-check
ARGS   ?=

.DEFAULT_GOAL := help
.PHONY: help demo test lint types bench gallery clean

help:
	@echo "make demo     backpropagation through a 2-2-3-1 network, and the picture of its graph, into the folder out"
	@echo "make test     all tests that this machine can run; ARGS='...' goes to pytest"
	@echo "make lint     the linter"
	@echo "make types    the type checker"
	@echo "make bench    how fast stepgrad is beside other libraries"
	@echo "make gallery  the pictures of demos/gallery anew"
	@echo "make clean    removes what the others made"
	@echo "PYTHON=python3.12 chooses the interpreter (3.11 or later)"

demo: $(VENV)/.installed
	$(RUN) demos/backprop.py --out out

test: $(VENV)/.tests
	$(RUN) -m pytest $(ARGS)

lint: $(VENV)/.tests
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .

types: $(VENV)/.tests
	$(RUN) -m mypy

bench: $(VENV)/.tests
	$(PIP) --editable '.[bench]'
	$(RUN) -m tests.benchmarks $(ARGS)

gallery: $(VENV)/.installed
	$(RUN) -m demos.gallery

clean:
	rm -rf $(VENV) out build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage

# The virtual environment: by Python's own venv, or by virtualenv where Python came without ensurepip.
$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "stepgrad needs Python 3.11 or later; name one that you have: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV) 2>/dev/null || { rm -rf $(VENV) .venv-tools; \
	  $(PYTHON) -m pip install --quiet --target .venv-tools virtualenv 2>/dev/null \
	  && PYTHONPATH=.venv-tools $(PYTHON) -m virtualenv --quiet $(VENV) && rm -rf .venv-tools; } || { \
	  rm -rf .venv-tools; echo "$(PYTHON) can make no virtual environment: it has neither venv with ensurepip nor pip." >&2; \
	  echo "Install it (on Debian and Ubuntu: apt install python3-venv), or name another one: PYTHON=..." >&2; exit 1; }
	@touch $@

$(VENV)/.installed: $(VENV)/.made pyproject.toml
	$(PIP) --editable .
	@touch $@

$(VENV)/.tests: $(VENV)/.installed
	$(PIP) --editable '.[test]'
	@touch $@
