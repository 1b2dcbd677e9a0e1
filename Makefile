# `make run` starts everything; `make test` passes everything. Both do their own set-up.
SHELL := /bin/sh
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	command -v $$p >/dev/null 2>&1 && $$p -I -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	&& echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# A virtual environment whose Python is gone (upgraded, removed) is made again.
WORKS := $(shell $(BIN)/python -I -c pass 2>/dev/null && echo yes)
# What the caller's shell says of other Pythons is not about this one.
unexport VIRTUAL_ENV PYTHONPATH PYTHONHOME PIP_USER PIP_TARGET PIP_PREFIX
# Tests start a service many times: it is compiled once, not each time.
unexport PYTHONDONTWRITEBYTECODE

.DELETE_ON_ERROR:

again:

.PHONY: again help install install-test run test lint test-rules test-api test-screens test-browser \
	fuzz fuzz-import ledger-check faults failover bench bench-full lock messages pocket screenshots \
	guide matrix readings clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-14s%s\n", $$1, $$2 }' Makefile | sort

$(VENV)/pyvenv.cfg: $(if $(WORKS),,again)
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed and was not found." >&2; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)

$(VENV)/.run: requirements/run.txt pyproject.toml $(VENV)/pyvenv.cfg
	@echo "Installing the packages, once: this can take a minute or two."
	$(PIP) install --require-hashes --no-deps -r requirements/run.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	$(PIP) install --require-hashes --no-deps -r requirements/dev.txt
	@touch $@

install: $(VENV)/.run ## .venv from the hashed lock file

install-test: $(VENV)/.dev ## the same with what the tests need

run: install ## the demo: backend and app in one process
	@exec $(BIN)/quittance serve --demo $(ARGS)

lint: install-test ## ruff, mypy, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

# Every tier in two processes; the walks through all screens, and what files share, stay together.
BESIDE := -n 2 --dist worksteal
BY_FILE := -n 2 --dist loadfile --no-loadscope-reorder
test: install-test ## every tier
	@chromium=$$($(BIN)/python tools/chromium.py) || exit $$?; \
	nginx=$$($(BIN)/python tools/nginx.py) || exit $$?; \
	$(MAKE) --no-print-directory lint & linting=$$!; \
	QUITTANCE_NGINX="$$nginx" $(BIN)/python -m pytest $(BESIDE) tests --ignore=tests/browser; \
	tested=$$?; wait $$linting || { echo "lint found something: see above" >&2; exit 1; }; \
	test $$tested -eq 0 || exit $$tested; \
	QUITTANCE_CHROMIUM="$$chromium" $(BIN)/python -m pytest $(BY_FILE) tests/browser

test-rules: install-test ## the law
	$(BIN)/python -m pytest tests/rules tests/journal

test-api: install-test ## the backend, on SQLite and PostgreSQL
	$(BIN)/python -m pytest tests/api

test-screens: install-test ## the screens, in process
	$(BIN)/python -m pytest tests/screens

test-browser: install-test ## Chromium
	@chromium=$$($(BIN)/python tools/chromium.py) || exit $$?; \
	QUITTANCE_CHROMIUM="$$chromium" $(BIN)/python -m pytest tests/browser

matrix: install-test ## every screen in all twelve looks before axe (size, theme, language)
	@chromium=$$($(BIN)/python tools/chromium.py) || exit $$?; \
	QUITTANCE_LOOK=all QUITTANCE_CHROMIUM="$$chromium" \
	$(BIN)/python -m pytest -s tests/browser/test_matrix.py

readings: install-test ## write again what each screen says to a screen reader
	@chromium=$$($(BIN)/python tools/chromium.py) || exit $$?; \
	QUITTANCE_READINGS=write QUITTANCE_CHROMIUM="$$chromium" \
	$(BIN)/python -m pytest tests/browser/test_readings.py

SEQUENCES ?= 100
ledger-check: install-test ## the books after SEQUENCES random sequences of 200 operations
	LEDGER_SEQUENCES=$(SEQUENCES) $(BIN)/python -m pytest tests/api/test_ledger_walk.py

fuzz-import: install-test ## a thousand damaged files of each kind people import: none may be read wrong
	$(BIN)/python -m tests.journal.mutate 1000
	QUITTANCE_FUZZ=1000 $(BIN)/python -m pytest tests/api/test_vrp_fuzz.py

REQUESTS ?= 1000
TYPED ?= 100000
fuzz: install-test ## hostile input: REQUESTS made for each operation of the API, TYPED texts read
	$(BIN)/python -m tests.fuzz.typed $(TYPED)
	QUITTANCE_FUZZ_API=$(REQUESTS) $(BIN)/python -m pytest -s tests/api/test_fuzz.py

SESSIONS ?= 200
WINDOWS ?= 5
failover: install-test ## SESSIONS people and WINDOWS in Chromium lose their process behind nginx; a line each
	@chromium=$$($(BIN)/python tools/chromium.py) || exit $$?; \
	nginx=$$($(BIN)/python tools/nginx.py) || exit $$?; \
	QUITTANCE_FLEET=full QUITTANCE_NGINX="$$nginx" $(BIN)/python -m pytest tests/fleet; \
	QUITTANCE_CHROMIUM="$$chromium" QUITTANCE_NGINX="$$nginx" \
	$(BIN)/python -m tests.fleet.run --sessions $(SESSIONS) --windows $(WINDOWS)

KILLS ?= 300
faults: install-test ## KILLS kills on each database; ends with a line of counts each
	$(BIN)/python -m tests.faults.run --kills $(KILLS)

bench: install-test ## measures, quick (under ten minutes); docs/performance.md made again
	@chromium=$$($(BIN)/python tools/chromium.py) || true; \
	QUITTANCE_CHROMIUM="$$chromium" $(BIN)/python -m bench.run $(ONLY)

bench-full: install-test ## the same with a million declarations and 3000 people
	@chromium=$$($(BIN)/python tools/chromium.py) || true; \
	QUITTANCE_BENCH_FULL=1 QUITTANCE_CHROMIUM="$$chromium" $(BIN)/python -m bench.run $(ONLY)

lock: install-test ## make the lock files again
	$(PIP) install uv
	$(BIN)/python tools/lock.py

messages: install-test ## catalogs from the source
	$(BIN)/python tools/messages.py

pocket: install-test ## dist/pocket: the app to install, which runs without a network
	$(BIN)/python -m tools.pocket.build $(ARGS)

screenshots: install-test ## every screen, phone and desktop, light and dark
	@chromium=$$($(BIN)/python tools/chromium.py) || exit $$?; \
	QUITTANCE_CHROMIUM="$$chromium" $(BIN)/python -m tools.screenshots

guide: install-test ## the pictures of docs/guide, in French and in English
	@chromium=$$($(BIN)/python tools/chromium.py) || exit $$?; \
	QUITTANCE_CHROMIUM="$$chromium" $(BIN)/python -m tools.guide $(ARGS)

clean: ## forget what was built
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .hypothesis
