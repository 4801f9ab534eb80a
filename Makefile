# The commands of this checkout.  Each installs what it needs first; warm, that takes no time.
#
#   make demo      the whole product on this computer, until Ctrl-C      make check   lint, types, import rules
#   make test      every test                                            make bench   the figures that README states
#   make serve     a broker for real use, settings from RELEVO_…         make agent   the customer's one-file program
#   make screens   a contact sheet of every screen                       make lock    new pins    make clean

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
RUN := $(BIN)/python

.DEFAULT_GOAL := help
.PHONY: help demo serve check test screens bench agent lock clean built format

help:
	@sed -n '2,/^$$/s/^# \{0,1\}//p' Makefile

demo: .venv/.run built
	@$(RUN) -m scripts.demo $(DEMO)

serve: .venv/.run built
	@$(BIN)/relevo broker $(SERVE)

check: .venv/.dev
	@$(RUN) -m scripts.check

test: .venv/.dev built
	@$(RUN) -m scripts.tests $(TESTS)

screens: .venv/.dev built
	@$(RUN) -m tests.screens

bench: .venv/.bench built
	@$(RUN) -m tests.bench $(BENCH)

agent: .venv/.dev built
	@$(RUN) -m scripts.build_agent $(AGENT)

lock: .venv/.dev
	@scripts/lock.sh $(LOCK)

format: .venv/.dev
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .

clean:
	rm -rf .venv .relevo-demo build dist screens operator_console/web/dist operator_console/web/node_modules
	find . -name __pycache__ -prune -exec rm -rf {} +

# The console's page and the translations, made anew only when their sources changed.
built: | .venv/.run
	@$(RUN) -m scripts.web build
	@$(RUN) -m scripts.catalogues

# What requirements/dev.txt installs includes what requirements/run.txt does.
.venv/.run: requirements/run.txt scripts/system-packages.txt
	@$(if $(PYTHON),,echo 'relevo: needs Python 3.11 or newer' && exit 1 ;) $(PYTHON) scripts/setup.py run

.venv/.dev: requirements/dev.txt scripts/system-packages.txt
	@$(if $(PYTHON),,echo 'relevo: needs Python 3.11 or newer' && exit 1 ;) $(PYTHON) scripts/setup.py dev
	@touch .venv/.run

.venv/.bench: requirements/dev.txt scripts/system-packages.txt
	@$(if $(PYTHON),,echo 'relevo: needs Python 3.11 or newer' && exit 1 ;) $(PYTHON) scripts/setup.py bench
	@touch .venv/.run .venv/.dev
