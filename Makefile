# Two commands: `make run` starts the app, `make test` runs every check. Both need only Python 3.11+ and make.
# Tools are called as `.venv/bin/python -m …`: the scripts in .venv/bin break where the path has a space.

SHELL := /bin/sh
PYTHON ?= python3
PY := .venv/bin/python

# One installation at a time, also beside a pip that outlived its make. Where there is no flock, nobody waits.
LOCK := $(shell command -v flock >/dev/null 2>&1 && echo flock Makefile)

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run train-demo test test-all lint format clean venv new-venv fit-python app-packages training-packages test-packages chromium postgresql

help:
	@echo "make run      start the app (installs it and fetches the demo model first where needed)"
	@echo "make train-demo GOLD=FOLDER [APART='FILE …'] [FIGURES='TASK=FILE …'] [DEVICE=cuda:0]"
	@echo "              train the demo adapter on the gold files of a folder; goes on where it was stopped"
	@echo "make test     run all checks and tests"
	@echo "make test-all and those tests that take minutes: killed processes, every corner of the review desk"
	@echo "make lint     run the checks only"
	@echo "make format   format the code"
	@echo "make clean    remove .venv and what the tools left behind; the folder data stays"

run:
	@$(LOCK) $(MAKE) --no-print-directory app-packages
	@[ -n "$${TECHGPT_MODEL:-}$${TECHGPT_BASE_URL:-}" ] || $(PY) -m techgpt_ui weights fetch-demo
	@$(PY) app.py

# Examples are made once; each stage checkpoints and resumes, and begins with the adapter of the one before.
# FIGURES are taken on the adapter that was exported.
TRAIN := $(PY) -m training
WORK ?= data/training
DEVICE ?= cpu
stage = --recipe training/$(1).yaml --work "$(WORK)/$(1)"
examples = [ -f "$(WORK)/$(1)/examples.jsonl" ] || $(TRAIN) data $(call stage,$(1)) --gold "$(GOLD)" $(addprefix --apart ,$(APART))
EXPORT = $(TRAIN) export $(foreach name,first second third fourth,$(call stage,$(name)))

train-demo:
	@$(LOCK) $(MAKE) --no-print-directory training-packages
	@[ -n "$(GOLD)" ] || { echo "Name the folder with the gold files: make train-demo GOLD=FOLDER" >&2; exit 1; }
	$(call examples,first)
	$(TRAIN) train $(call stage,first) --device $(DEVICE)
	$(call examples,second)
	$(TRAIN) train $(call stage,second) --device $(DEVICE) --start "$(WORK)/first/best"
	$(call examples,third)
	$(TRAIN) train $(call stage,third) --device $(DEVICE) --start "$(WORK)/second/best"
	$(call examples,fourth)
	$(TRAIN) train $(call stage,fourth) --device $(DEVICE) --start "$(WORK)/third/best"
	$(EXPORT)
	[ -z "$(FIGURES)" ] || { $(TRAIN) figures $(call stage,fourth) $(FIGURES) && $(EXPORT); }

# Two workers with a thread each: torch's own threads would wait for each other on two cores.
test: chromium postgresql lint
	OMP_NUM_THREADS=1 $(PY) -m pytest -n 2 --dist loadfile -m "not thorough"

test-all: chromium postgresql lint
	OMP_NUM_THREADS=1 $(PY) -m pytest -n 2 --dist loadfile

lint:
	@$(LOCK) $(MAKE) --no-print-directory test-packages
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(PY) -c 'from importlinter.cli import lint_imports_command; lint_imports_command()'

format:
	@$(LOCK) $(MAKE) --no-print-directory test-packages
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

clean:
	rm -rf .venv .pytest_cache .ruff_cache .mypy_cache .import_linter_cache .hypothesis build dist *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# An installation puts the mark .venv/.unfinished down first and takes it away at its end,
# so that one which was killed is found by the next call and made anew.
venv:
	@if [ -e .venv/.unfinished ]; then \
		echo "An earlier installation was cut short; making .venv anew."; \
		rm -rf .venv; \
	fi
	@$(PY) -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
		|| $(MAKE) --no-print-directory new-venv

new-venv: fit-python
	@echo "Making .venv"
	@rm -rf .venv
	@mkdir .venv
	@: > .venv/.unfinished
	@"$(PYTHON)" -m venv .venv
	@rm .venv/.unfinished

fit-python:
	@command -v "$(PYTHON)" >/dev/null || { \
		echo "Python 3.11 or newer is needed, and there is no '$(PYTHON)' here." >&2; \
		echo "Install it, or name yours: make PYTHON=/path/to/python3.11 run" >&2; \
		exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Python 3.11 or newer is needed; '$(PYTHON)' is $$("$(PYTHON)" --version 2>&1)." >&2; \
		echo "Name a newer one: make PYTHON=/path/to/python3.11 run" >&2; \
		exit 1; }
	@"$(PYTHON)" -c 'import venv, ensurepip' 2>/dev/null || { \
		echo "'$(PYTHON)' comes without venv or ensurepip, which make .venv." >&2; \
		echo "On Debian and Ubuntu: apt-get install python3-venv" >&2; \
		exit 1; }

# $(call install,FILE): installs the requirements in FILE, unless .venv keeps a copy of that very file.
# An exit code above 128 means that pip was killed: then the mark stays.
define install
@cmp -s $(1) .venv/$(1) || { \
	echo "Installing $(1) into .venv"; \
	: > .venv/.unfinished && $(PY) -m pip install --disable-pip-version-check -r $(1); code=$$?; \
	[ $$code -gt 128 ] || rm -f .venv/.unfinished; \
	[ $$code -eq 0 ] && cp $(1) .venv/$(1); }
endef

app-packages: venv
	$(call install,requirements.txt)

training-packages: app-packages
	@mkdir -p .venv/training
	$(call install,training/requirements.txt)

test-packages: app-packages
	$(call install,requirements-test.txt)

# The browser tests drive the system's own Chromium; Debian's package is installed where root may do so.
FIND_CHROMIUM := command -v chromium || command -v chromium-browser || command -v google-chrome

chromium:
	@{ $(FIND_CHROMIUM); } >/dev/null || if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update && DEBIAN_FRONTEND=noninteractive \
			apt-get install -y --no-install-recommends chromium fonts-noto-cjk; \
	fi
	@{ $(FIND_CHROMIUM); } >/dev/null || { \
		echo "The browser tests need Chromium on the PATH, as chromium, chromium-browser or google-chrome." >&2; \
		echo "On Debian: apt-get install --no-install-recommends chromium fonts-noto-cjk" >&2; \
		exit 1; }

# The tests of the store run on PostgreSQL as well, on a server of their own; without one they are skipped and say so.
FIND_INITDB := command -v initdb || ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null

postgresql:
	@{ $(FIND_INITDB); } >/dev/null || if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends postgresql; \
	fi
	@{ $(FIND_INITDB); } >/dev/null || echo "No PostgreSQL here: its tests will be skipped." >&2
