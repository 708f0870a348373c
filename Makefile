# make run   sets everything up and starts Tongke with its demo county.

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run system-packages test check e2e bench fuzz soak mutate setup setup-dev

# The first Python that is new enough, and the plain one to complain if there is none.
PYTHONS := python3 python3.14 python3.13 python3.12 python3.11
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in $(PYTHONS); do \
	$$p -c '$(NEW_ENOUGH)' >/dev/null 2>&1 && { echo $$p; exit; }; done; echo python3)
VENV_PYTHON := .venv/bin/python

help:  ## show what there is
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):[^#]*## ?/  make \1\t/'

setup:  ## virtual environment, pinned packages, front-end files
	@$(PYTHON) deploy/setup.py

setup-dev:  ## the same, and the tools for checks and tests
	@$(PYTHON) deploy/setup.py --dev

run: setup  ## set up what is missing and start (first start: the demo county)
	@exec $(VENV_PYTHON) -m server run

# As root on Debian it installs what is missing, elsewhere it names it.
system-packages:
	@command -v $(PYTHON) >/dev/null || { [ $$(id -u) = 0 ] && apt-get update && \
		DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends python3; } </dev/null
	@$(PYTHON) deploy/system_packages.py

test: system-packages check  ## the checks, and every test: unit, integration, end to end
	@$(VENV_PYTHON) -m pytest -n 2

e2e: system-packages setup-dev  ## only the tests in real browsers and real processes
	@$(VENV_PYTHON) -m pytest -n 2 tests/e2e

check: setup-dev  ## style, types, import order, sizes, locks, the oldest browser
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	$(VENV_PYTHON) tests/support/house_rules.py
	$(VENV_PYTHON) -m tests.frontend.check

bench: setup-dev  ## relay beside Janus and MediaRelay, joins, latency, memory, pages: BENCH="hall memory"
	@command -v janus >/dev/null || { [ $$(id -u) = 0 ] && apt-get update -qq && \
		apt-get install -y -qq --no-install-recommends janus >/dev/null; } || \
		echo 'no janus here (apt-get install janus): forwarding is measured without it' >&2
	@$(VENV_PYTHON) -m tests.bench $(BENCH)

fuzz: setup-dev  ## spoiled inputs against every parser, and a relay node under siege (minutes)
	@$(VENV_PYTHON) -m tests.fuzz --count 3400000 stun rtp rtcp
	@$(VENV_PYTHON) -m tests.fuzz --count 100000 vp8 sdp sdpfrag tickets messages forwarded live

soak: setup-dev  ## 20,000 joins and leaves, and what they leave behind (minutes)
	@$(VENV_PYTHON) -m tests.soak --joins 20000

mutate: setup-dev  ## small wrong changes, and which of them no test notices: MUTATE="--seed 7 --files 3"
	@$(VENV_PYTHON) -m tests.mutate $(MUTATE)
