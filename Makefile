# The commands of Passback; `make` lists them. The logic is in Python (plugins/passback/local).
SHELL := /bin/bash
# The first Python that is new enough; `make PYTHON=/path/to/python3.11 …` chooses another.
PYTHON ?= $(shell for python in python3 python3.11 python3.12 python3.13; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
VENV := .venv
# A third process works while others wait for a scheduler or a time limit.
WORKERS ?= 3
RUN := PYTHONPATH=plugins:include exec $(VENV)/bin/python
LOCK_HASH = $(shell $(PYTHON) -c 'import hashlib, sys; sys.stdout.write(hashlib.md5(sys.stdin.buffer.read()).hexdigest())' <requirements.lock)

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint audit bench chaos fuzz up down night backfill rebuild-ledger release-unverified plugin lock
.SILENT:

help:  ## list the commands
	grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 20

setup:  ## install everything into .venv; every other command does it by itself, at once where nothing changed
	stamp=$(VENV)/.installed-$(LOCK_HASH); [ -e $$stamp ] || { \
	$(or $(PYTHON),python3) plugins/passback/local/install.py && rm -f $(VENV)/.installed-* && touch $$stamp; }

demo: setup  ## a night and a second one on a sandbox district, with a real scheduler; prints what happened
	$(RUN) -m passback.local.demo

up: setup  ## start Airflow here and keep it running (with the sandbox where no connections are given)
	$(RUN) -m passback.local.up

down: setup  ## stop all that runs for this PASSBACK_HOME, nights included
	$(RUN) -m passback.local.down

night: setup  ## one night in one process: AS_OF=2026-10-15 CONF='{"sources": ["otus"]}'
	$(RUN) -m passback.local.night --as-of "$$AS_OF" --conf "$$CONF"

backfill: setup  ## the nights of the as-of days FROM=2026-10-12 TO=2026-10-16, both included
	$(RUN) -m passback.local.backfill --from "$$FROM" --to "$$TO" --conf "$$CONF"

rebuild-ledger: setup  ## after a lost or restored database: the ledger from PowerSchool (DRY_RUN=1 only says; SECTIONS=85001,85002)
	$(RUN) -m passback.local.rebuild_ledger --sections "$$SECTIONS" --dry-run "$$DRY_RUN"

release-unverified: setup  ## what waits after it: list it, or release it by ACCEPT=source or ACCEPT=powerschool (SECTIONS=85001,85002)
	$(RUN) -m passback.local.rebuild_ledger --release --accept "$$ACCEPT" --sections "$$SECTIONS"

test: setup  ## all tests, in three processes (WORKERS=0: in one)
	exec $(VENV)/bin/python -m pytest -n $(WORKERS) --no-loadscope-reorder $(ARGS)

lint: setup  ## style, types, the compose file
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yaml

bench: setup  ## speed and memory, beside a bare script that does the same
	$(RUN) -m bench $(ARGS)

chaos: setup  ## kill anything, anywhere, and look for losses: ARGS="airflow --seed 7", ARGS="stages --seed 7", ARGS=sabotage
	$(RUN) -m chaos $(ARGS)

audit: setup  ## dependencies: pinned, hashed, licences, known vulnerabilities (status 3: no advisory service to ask)
	$(RUN) -m passback.local.audit

plugin: setup  ## build the PowerSchool plugin's zip into build/
	$(RUN) -m passback.powerschool.plugin_zip

fuzz: setup  ## hostile input by the hundred thousand: ARGS="--records 100000 --inputs 100000 --target otus --seed 7"
	$(RUN) -m fuzz $(ARGS)

lock:  ## compile requirements.lock from requirements.txt
	$(PYTHON) plugins/passback/local/install.py --lock
