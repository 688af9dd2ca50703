# Weigong's commands. `make demo` and `make test` are all that one needs.
# PORT, PYTHON, DATABASE_URL and the other variables are in README.md.

SHELL := bash
PORT ?= 8000
SMALL ?=
PYTHON ?= $(shell scripts/find_python.sh)
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --require-hashes --disable-pip-version-check

PO := $(wildcard locale/*/LC_MESSAGES/*.po)
MO := $(PO:.po=.mo)
RUNTIME := .venv/.runtime
DEV := .venv/.dev
NODE := node_modules/.installed

.PHONY: help install demo demo-reset test check bench format services messages flows pictures lock clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

install: $(RUNTIME) $(NODE) $(MO) ## what the demo and the server need

demo: install ## install, migrate, seed (SMALL=1: quickly), serve on 127.0.0.1:$PORT, print the accounts
	@PORT=$(PORT) SMALL=$(SMALL) $(BIN)/python scripts/demo.py

demo-reset: install ## throw the demo's data away and start over
	@PORT=$(PORT) SMALL=$(SMALL) $(BIN)/python scripts/demo.py --reset

test: $(DEV) $(NODE) $(MO) ## every check, then the tests on SQLite and on PostgreSQL
	@scripts/test.sh

check: $(DEV) $(NODE) $(MO) ## the checks without the tests
	@scripts/check.sh

format: $(DEV) ## put the code and the templates into shape
	$(BIN)/ruff check --fix --quiet . || true
	$(BIN)/ruff format --quiet .
	git ls-files -z '*.html' | xargs -0 $(BIN)/djade --target-version 5.2 || true

bench: $(DEV) $(MO) ## measure speed (benchmarks/README.md); nothing else should run
	$(BIN)/python benchmarks/record.py
	$(BIN)/python benchmarks/pages.py
	$(BIN)/python benchmarks/storage.py

services: ## install and start PostgreSQL, Redis and Chromium (Debian)
	@scripts/services.sh

messages: $(DEV) ## collect the texts to translate into locale/ (needs gettext)
	@scripts/messages.sh

flows: install ## draw the flows into docs/flows/
	$(BIN)/python manage.py export_flows

pictures: $(DEV) $(MO) ## take the pictures of docs/guide/ from the demo served on $PORT
	PORT=$(PORT) $(BIN)/python scripts/pictures.py

lock: $(DEV) ## renew the hashed locks
	@scripts/lock.sh

clean: ## remove what was installed and compiled; var/ with the data stays
	rm -rf .venv node_modules .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	rm -f $(MO)

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed."; exit 1; }
	@echo "== Making .venv with $(PYTHON)"
	@$(PYTHON) -m venv .venv || { \
		echo "$(PYTHON) has no venv; on Debian: apt-get install python3-venv"; \
		rm -rf .venv; exit 1; }

$(RUNTIME): requirements.lock | $(BIN)/python
	@echo "== Installing Python packages"
	$(PIP) -r requirements.lock
	@touch $@

$(DEV): requirements-dev.lock | $(BIN)/python
	@echo "== Installing Python packages for development"
	$(PIP) -r requirements-dev.lock
	@touch $@ $(RUNTIME)

$(NODE): package-lock.json
	@command -v npm >/dev/null || { \
		echo "npm is needed for the front-end files; on Debian: apt-get install npm"; \
		exit 1; }
	@echo "== Installing front-end files"
	npm ci --no-fund --no-audit
	@touch $@

%.mo: %.po scripts/compile_messages.py | $(RUNTIME)
	@$(BIN)/python scripts/compile_messages.py $<
