# `make demo` and `make test` install what they need into the folder .venv.

# The first of these that is 3.11 or later; PYTHON= names another one.
PYTHON ?= python3 python3.14 python3.13 python3.12 python3.11
ARGS   ?=

RUN      := .venv/bin/python
PARALLEL := --numprocesses logical --dist loadgroup
INSTALL  := -m pip install --quiet --no-user --disable-pip-version-check
ASKED    := $(if $(filter file,$(origin PYTHON)),,$(PYTHON))
IS_FIT   := -c 'import sys; sys.exit(sys.version_info < (3, 11))'
IDENTITY := -c 'import os, sys; print(os.getcwd(), sys.base_prefix, *sys.version_info[:2])'
EXTRA    := -c 'import sys, tomllib; project = tomllib.load(sys.stdin.buffer)["project"]; \
               print(*project["optional-dependencies"][sys.argv[1]], sep="\n")' <pyproject.toml

GRAPHS = 10000
PEERS  := tests/engine/test_pytorch_agreement.py tests/engine/test_micrograd.py tests/engine/test_numerics.py \
          tests/engine/routes/test_truth.py tests/engine/tensors tests/engine/program/arrays tests/nn/exchange \
          tests/nn/training/test_pytorch.py tests/nn/training/test_jax.py tests/nn/test_losses.py \
          tests/nn/test_optimisers.py tests/nn/test_layers.py tests/nn/test_random.py
.DEFAULT_GOAL := help
.PHONY: help demo learn test test-long test-peers fuzz mutants quick lint types bench gallery pages lessons clean FORCE

help:
	@echo "make demo     backpropagation through a network of 2, 3 and 1 neurons; writes its picture and its step page to out"
	@echo "make learn    open the lessons on the chain rule in Jupyter"
	@echo "make test     run all tests that this machine can run; ARGS='...' goes to pytest"
	@echo "make test-long  compute 10,000 random graphs of each kind by all routes, as many compiled functions, 300 trainings, and large graphs; GRAPHS=... sets the count"
	@echo "make test-peers compare with PyTorch, JAX, micrograd and mpmath, where they are installed"
	@echo "make fuzz     give what reads texts and files a million wrong inputs; ARGS='tables --inputs 1000' some of them"
	@echo "make mutants  change one place of the engine at a time, 300 times, and see that a test fails; ARGS='graph' in one module"
	@echo "make quick    run the tests that together take half a minute; ARGS='...' goes to pytest"
	@echo "make lint     run the linter, and check the format"
	@echo "make types    run the type checker"
	@echo "make bench    compare the speed with other libraries; ARGS='...' goes to tests.benchmarks"
	@echo "make gallery  make the pictures of demos/gallery and the pages of demos/reference again"
	@echo "make pages    run the examples of README.md and demos/guide again, and write their outputs"
	@echo "make lessons  run the lessons again, and make their notebooks; ARGS='01 04' for some of them"
	@echo "make clean    remove what the others made"
	@echo "PYTHON=python3.12 chooses the interpreter (3.11 or later)"

demo: .venv/.installed
	$(RUN) demos/backprop.py
	@echo "source .venv/bin/activate gives you the command stepgrad."

learn: .venv/.learn
	$(RUN) -m jupyter lab demos/lessons

# Tests that measure seconds come last, one at a time; status 5: ARGS names no such test.
test: .venv/.test
	$(RUN) -m pytest $(PARALLEL) -m "not alone" $(ARGS)
	$(RUN) -m pytest -m alone $(ARGS) || [ $$? = 5 ]

test-long: .venv/.test
	STEPGRAD_GRAPHS=$(GRAPHS) $(RUN) -m pytest $(PARALLEL) tests/engine/routes $(ARGS)
	$(RUN) -m tests.engine.program.strangers --worlds $(GRAPHS)
	$(RUN) -m tests.nn.training.fuzz
	$(RUN) -m tests.load

test-peers: .venv/.test
	$(RUN) -m pytest $(PARALLEL) $(PEERS) $(ARGS)

# Coverage leads a quarter of the inputs where atheris can be installed; it is there for some Pythons on Linux.
fuzz: .venv/.test
	-$(RUN) $(INSTALL) --only-binary :all: atheris 2>/dev/null
	$(RUN) -m tests.fuzz $(ARGS)

mutants: .venv/.test
	$(RUN) -m tests.mutants $(ARGS)

quick: .venv/.test
	$(RUN) -m pytest $(PARALLEL) -m "not alone and not slow" $(ARGS)

lint: .venv/.test
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .

types: .venv/.test
	$(RUN) -m mypy

bench: .venv-bench/.installed
	.venv-bench/bin/python -m tests.benchmarks $(ARGS)

gallery: .venv/.installed
	$(RUN) demos/build/gallery.py
	$(RUN) demos/build/reference.py

pages: .venv/.installed
	$(RUN) -m demos.build.pages

lessons: .venv/.test
	$(RUN) demos/build/notebooks.py $(ARGS)

clean:
	rm -rf .venv .venv-bench out build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage
	find engine nn demos tests -name __pycache__ -prune -exec rm -rf {} +

# The tools of an extra are installed without installing stepgrad again: a demo may be running.
.venv/.test .venv/.learn: .venv/.installed
	@$(RUN) $(EXTRA) $(@F:.%=%) >$@.txt
	$(RUN) $(INSTALL) --requirement $@.txt
	@touch $@

.venv/.installed: .venv/.made pyproject.toml
	$(RUN) $(INSTALL) --editable .
	@touch $@

.venv-bench/.installed: .venv-bench/.made pyproject.toml
	.venv-bench/bin/python $(INSTALL) --editable '.[bench]'
	@touch $@

# An environment is made by Python's venv, or by virtualenv where Python came without ensurepip. It is kept until the
# folder has moved, its interpreter has gone, or PYTHON= asks for another one.
.venv/.made .venv-bench/.made: FORCE
	@now=$$($(or $(ASKED),$(@D)/bin/python) $(IDENTITY) 2>/dev/null) && [ "$$now" = "$$(cat $@ 2>/dev/null)" ] && exit; \
	for python in $(PYTHON); do "$$python" $(IS_FIT) 2>/dev/null && break; python=; done; \
	[ "$$python" ] || { \
	  echo "stepgrad needs Python 3.11 or later, and none was found among: $(PYTHON)" >&2; \
	  echo "Install it (https://www.python.org/downloads), or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3" >&2; \
	  exit 1; }; \
	rm -rf $(@D) $(@D)-tools; \
	why=$$("$$python" -m venv $(@D) 2>&1) || { \
	  rm -rf $(@D); \
	  "$$python" $(INSTALL) --target $(@D)-tools virtualenv >/dev/null 2>&1 && \
	  PYTHONPATH=$(@D)-tools "$$python" -m virtualenv --quiet $(@D) 2>/dev/null; }; \
	made=$$?; rm -rf $(@D)-tools; \
	[ $$made = 0 ] || { \
	  rm -rf $(@D); echo "$$why" >&2; \
	  echo "$$python could make no virtual environment; above is why. Where ensurepip is missing, install it" >&2; \
	  echo "(Debian, Ubuntu: apt install python3-venv), or name another Python: make $(MAKECMDGOALS) PYTHON=..." >&2; \
	  exit 1; }; \
	"$$python" $(IDENTITY) >$@
