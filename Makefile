# `make help` lists the targets. Everything is kept inside this folder, except for the models: they are in the user's
# cache folder (or RAG_MODEL_CACHE), where other clones find them and `make clean` does not remove them.

PYTHON ?= python3
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
# Written last, with the folder's path: after an interrupted install it is missing, after a move the path is different.
INSTALLED := $(VENV)/installed
STARTED := $(VENV)/started
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input install --quiet
# Tools that only `make pins` and `make audit` need, kept apart from the program's packages.
TOOLS := $(VENV)/tools
HERE := $(shell test "$$(cat $(INSTALLED) 2>/dev/null)" = "$(CURDIR)" && echo yes)
RUNS := $(shell $(BIN)/python -c pass 2>/dev/null && echo yes)

ifneq ($(HERE)$(RUNS),yesyes)
.PHONY: $(INSTALLED)
endif

.DEFAULT_GOAL := help
.PHONY: help run setup models index test lint eval screenshots pins audit clean

help:
	@echo "make run     set everything up, then start the browser app"
	@echo "make setup   set everything up without starting the app"
	@echo "make test    run all tests, with the models and a headless browser (ARGS=... goes to pytest)"
	@echo "make lint    check style, formatting, types, imports between packages, and the page's scripts"
	@echo "make eval    run the evaluation sets of corpus/ and compare the figures with their bounds"
	@echo "make screenshots   take the screenshots docs/*.png again from the running app"
	@echo "make pins    write the versions in .venv to constraints.txt, and their hashes to requirements.lock"
	@echo "make audit   look for known vulnerabilities in these versions (asks the package index)"
	@echo "make clean   remove .venv, .rag and caches; models and articles are kept"
	@echo
	@echo "To use another Python than python3:  make run PYTHON=python3.12"

run: setup
	@echo "Starting the app; Ctrl-C stops it. Its address:"
	@$(BIN)/rag ui

setup: index

index: models
	@echo "Bringing the index up to date ..."
	@$(BIN)/rag index

models: $(INSTALLED)
	@echo "Checking the models; missing ones are downloaded once (1.2 GB) ..."
	@$(BIN)/python -m rag.inference.choosing

$(INSTALLED): pyproject.toml constraints.txt requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Python 3.11 or newer is needed, which $(PYTHON) is not. Name another one: make PYTHON=python3.12" >&2; \
	  exit 1; }
	@# An environment that was moved, does not run, or whose install was killed is created again; any other is
	@# updated in place. If pip itself reports a failure, it has restored the previous state.
	@if test -e $(STARTED) || test "$(RUNS)" != yes || { test -e $(INSTALLED) && test "$(HERE)" != yes; }; \
	  then rm -rf $(VENV); fi
	@test -d $(VENV) || { echo "Creating the environment in $(VENV) ..."; $(PYTHON) -m venv $(VENV); } || { \
	  rm -rf $(VENV); \
	  echo "The environment could not be created; on Debian and Ubuntu, install the package python3-venv." >&2; \
	  exit 1; }
	@touch $(STARTED); rm -f $(INSTALLED)
	@echo "Installing the packages of requirements.lock (takes some minutes) ..."
	@PYTHONWARNINGS=ignore $(PIP) --no-deps --require-hashes --requirement requirements.lock || { rm -f $(STARTED); exit 1; }
	@# Pinned by version only, because builds for processors and for graphics cards come from several indexes.
	@echo "Installing PyTorch (takes some minutes) ..."
	@$(PIP) --constraint constraints.txt torch==2.13.0 || { rm -f $(STARTED); exit 1; }
	@PYTHONWARNINGS=ignore $(PIP) --no-deps --no-build-isolation --editable . || { rm -f $(STARTED); exit 1; }
	@$(BIN)/python -m pip check --quiet || { rm -f $(STARTED); \
	  echo "requirements.lock does not match pyproject.toml: see the first lines of constraints.txt." >&2; exit 1; }
	@rm -f $(STARTED)
	@echo "$(CURDIR)" > $(INSTALLED)
	@echo "The environment is ready."

test: setup
	@$(BIN)/python -m pytest $(ARGS)

lint: $(INSTALLED)
	@echo "Style:";      $(BIN)/ruff check
	@echo "Formatting:"; $(BIN)/ruff format --check
	@echo "Types:";      $(BIN)/mypy
	@echo "Imports:";    $(BIN)/lint-imports
	@echo "Scripts:";    $(BIN)/oxlint ui/client tests/ui/client

eval: setup
	@echo "Evaluating the search for follow-up questions ..."
	@$(BIN)/rag eval corpus/conversations.jsonl --retrieval-only --min recall@3=0.85
	@echo "Answering the evaluation set (takes some minutes) ..."
	@$(BIN)/rag eval corpus/questions.jsonl \
	  --min answer_contains=0.76 --min citation_precision=0.76 --min share_verbatim=1 \
	  --max false_answer_rate=0.25 --max false_abstention_rate=0.16 \
	  --baseline corpus/baseline.json --report .rag/report

screenshots: setup
	@$(BIN)/python -m bench.screenshots docs

pins:
	@grep -E '^#|;' constraints.txt > constraints.new
	@$(BIN)/python -m pip --disable-pip-version-check freeze --all --exclude-editable > $(VENV)/frozen
	@sed -E 's/^(torch==[^+]+)[+].*/\1/' $(VENV)/frozen >> constraints.new
	@mv constraints.new constraints.txt
	@$(MAKE) --no-print-directory $(TOOLS)/installed
	@# PyTorch and the libraries of its builds for graphics cards are left out: see constraints.txt.
	@$(TOOLS)/bin/uv pip compile pyproject.toml --extra ui --extra torch --extra eval --extra files --extra gguf --extra ctranslate2 --extra mcp --extra milvus --extra report --extra dev \
	  --universal --python-version 3.11 --constraint constraints.txt --generate-hashes --no-annotate --no-header \
	  --quiet --output-file $(VENV)/all.lock
	@{ grep -E '^#' requirements.lock; \
	  awk '/^[a-z]/ { keep = !/^(torch|triton|cuda-[a-z]+|nvidia-[a-z0-9-]+)==/ } keep' $(VENV)/all.lock; } > requirements.new
	@mv requirements.new requirements.lock
	@echo "constraints.txt has $$(grep -c == constraints.txt) versions, requirements.lock" \
	  "$$(grep -c -e --hash requirements.lock) hashes."

$(TOOLS)/installed: .ci/tools.lock
	@echo "Installing uv and pip-audit ..."
	@rm -rf $(TOOLS)
	@$(BIN)/python -m venv $(TOOLS)
	@$(TOOLS)/bin/python -m pip --disable-pip-version-check --no-input install --quiet --no-deps --require-hashes \
	  --requirement .ci/tools.lock
	@touch $(TOOLS)/installed

audit: $(INSTALLED)
	@PYTHON=$(BIN)/python TOOLS=$(TOOLS) .ci/audit

clean:
	@rm -rf $(VENV) .rag build dist *.egg-info
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find index rag ui training tests -name __pycache__ -type d -prune -exec rm -rf {} +
	@echo "Removed $(VENV), .rag and caches; models and articles were kept."
