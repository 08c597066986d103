# One command does what it says on a fresh machine with Python 3.11 or later: each target first makes the environment it needs.
#   make demo    the monthly cycle for an invented service, scored and followed up by scripted raters, two years of another with
#                their evidence and assurance reports, and a calibration session: a page of each of the six notebooks;
#                with SOURCE=path PERIOD=2026-10, for your own extract, which people score
#   make test    style, types and all tests            make check   style, types, architecture, documents, lock: under a minute
#   make bench   speed and memory of drawing and scoring   make docs    the generated documents and pictures
#   make lock    requirements.lock anew, from pyproject.toml

PYTHON ?= python3
UV_VERSION := 0.13.9
BIN := .venv/bin
STAMP := .venv/.in-step-with-the-lock
SOURCE ?=
PERIOD ?= 2026-10
OUT ?= outputs/draws/$(PERIOD)
MONTH_OPTIONS ?= --operator "make demo"
DEMO_CASES ?= 600
DEMO_SEED ?= 20261031
DEMO_SOURCE := outputs/demo-invented
DEMO_MONTH := outputs/practice/$(PERIOD)
DEMO_YEARS := outputs/years
DEMO_REPORT := reports/2026-10/audit/the-whole-service/pack.html
DEMO_CHANGED := $(DEMO_YEARS)/with-change
DEMO_QUARTER := 2026-07:2026-09
DEMO_ASSURANCE := $(DEMO_CHANGED)/reports/2026-09/assurance-quarter/governance/pack.html
DEMO_CALIBRATION := outputs/practice/calibration
# The invented years have a private store and a secret of their own, which everybody may know: nobody in them exists (sampling/batch/twins.py).
DEMO_KEYS := SAMPLING_HOME="$(CURDIR)/$(DEMO_YEARS)/private/with-change" SAMPLING_SECRET=$(shell printf '%064d' 0)
# Half of the time a browser test waits, so three run on two cores; long files come first, so that none is left over at the end.
WORKERS = $(shell $(PYTHON) -c 'import os; print(max(2, 3 * (os.cpu_count() or 1) // 2))')
TEST_OPTIONS ?= -n $(WORKERS) --dist loadfile --no-loadscope-reorder
TESTS ?= tests
QUICK_TESTS := tests/test_architecture.py tests/test_docs.py tests/test_environment.py tests/notebooks/test_notebooks.py

# Without compiled bytecode each kernel compiles pandas anew: 9 seconds a run instead of 4 (docs/methods.md, "Installation").
export UV_COMPILE_BYTECODE := 1
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help install demo test lint check bench lock docs
.DEFAULT_GOAL := help

help:
	@sed -n 's/^#   //p' Makefile

install: $(STAMP)

$(STAMP): requirements.lock pyproject.toml Makefile
	@command -v $(PYTHON) >/dev/null 2>&1 || { echo "Python 3.11 or later is needed, and there is no $(PYTHON) here. Install it (Debian: apt-get install python3 python3-venv) or say where it is: make PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed; $(PYTHON) is $$($(PYTHON) --version 2>&1). Install a newer one, or say where it is: make PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "$(PYTHON) cannot make environments. On Debian: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps -e .
	$(BIN)/python -m ipykernel install --sys-prefix --name python3 --display-name "Python 3 (sampling)" >/dev/null
	@touch $(STAMP)

demo: $(STAMP)
ifeq ($(strip $(SOURCE)),)
	@test -d $(DEMO_SOURCE) || $(BIN)/sampling synth --format mhsds --cases $(DEMO_CASES) --months 14 --seed $(DEMO_SEED) --out $(DEMO_SOURCE)
	$(BIN)/sampling month $(DEMO_SOURCE) --period $(PERIOD) --out $(DEMO_MONTH) --operator "make demo" --practice
	$(BIN)/sampling years $(DEMO_YEARS) --seed $(DEMO_SEED)
	$(DEMO_KEYS) $(BIN)/sampling assurance $(DEMO_CHANGED) --period $(DEMO_QUARTER) --source $(DEMO_CHANGED)/invented --brought $(DEMO_CHANGED)/assurance/brought
	$(BIN)/sampling calibration-report $(DEMO_CALIBRATION) --practice
	@printf '\nOpen in a browser, by the notebook that each page comes from:\n'
	@printf '  %-16s %-46s %s\n' \
	  01_draw 'the draw' $(DEMO_MONTH)/report/draw.html \
	  02_score 'scoring: the record of each case' $(DEMO_MONTH)/report/index.html \
	  03_follow_up 'follow-up: then and now' $(DEMO_MONTH)/report/follow_up.html \
	  04_evidence 'evidence: what is found, and what is true' $(DEMO_YEARS)/index.html \
	  04_evidence 'evidence report of the service with a change' $(DEMO_CHANGED)/$(DEMO_REPORT) \
	  04_evidence 'evidence report of its twin without one' $(DEMO_YEARS)/twin/$(DEMO_REPORT) \
	  05_calibrate 'calibration: two rounds of six raters' "$$(ls $(DEMO_CALIBRATION)/reports/*/pack.html | tail -n 1)" \
	  06_assurance 'assurance of a quarter: governance' $(DEMO_ASSURANCE)
else
	$(BIN)/sampling month "$(SOURCE)" --period $(PERIOD) --out "$(OUT)" $(MONTH_OPTIONS)
endif

# mypy needs one core for three quarters of a minute. The other meanwhile compiles the tests' assertions, which each worker would do anew;
# what goes wrong in that is said by the tests themselves.
test: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/python -m pytest --collect-only -qq $(TESTS) >/dev/null 2>&1 & compiled=$$!; \
	  $(BIN)/mypy; typed=$$?; wait $$compiled; exit $$typed
	$(BIN)/python -m pytest $(TEST_OPTIONS) $(TESTS)

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/mypy

check: lint
	$(BIN)/python -m pytest -q $(QUICK_TESTS)
	@$(BIN)/python tools/rap_check.py

bench: $(STAMP)
	$(BIN)/python -m bench

docs: $(STAMP)
	$(BIN)/python tools/generate_docs.py
	$(BIN)/python tools/make_pictures.py

lock: $(STAMP)
	$(BIN)/uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes \
	  --no-header --no-annotate --no-emit-index-url --no-emit-find-links --quiet --output-file requirements.lock
	$(BIN)/python tools/make_environment.py
