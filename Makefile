# `make` or `make help` shows what there is. Every target makes the environment it needs first.

PYTHON ?= python3
VENV   ?= .venv
RUN     = $(VENV)/bin/python

export GPTSTORE_VENV = $(VENV)

.DEFAULT_GOAL := help
.PHONY: help environment demo test lint style types imports django-checks docs generated-pages format messages requirements clean

help:
	@echo 'make demo            a store on this machine: http://127.0.0.1:8000  (PORT=, HOST=, MODEL=)'
	@echo 'make test            every test that can run here; says what it skips and why  (ARGS= for pytest)'
	@echo 'make lint            style, types, import rules, Django checks, generated pages'
	@echo 'make format          rewrites the code in the one style'
	@echo 'make bench-engine    the speed of the engine alone, as JSON; bench-api: of a run through the API  (ARGS=)'
	@echo 'make bench-jobs      the way of a job; bench-chaos: what becomes of jobs when everything is killed (35 minutes)'
	@echo 'make bench-authors   how long an author waits: new, dev, check, build, install  (5 minutes)'
	@echo 'make bench-releases  how long a release takes to the workers, and a rollback  (5 minutes)'
	@echo 'make bench-catalogue the pages with 100,000 tools and a million runs, beside the old way  (15 minutes)'
	@echo 'make bench-sandbox   what the sandbox costs, and whether it holds  (8 minutes)'
	@echo 'make messages        brings the translations up to date with the texts in the sources  (needs gettext)'
	@echo 'make docs            writes the generated parts of docs/ from the code'
	@echo 'make requirements    pins requirements/*.txt from *.in  (UPGRADE=1 takes newer releases)'
	@echo 'make clean           removes caches and build folders; keeps var/ and $(VENV)/'
	@echo
	@echo 'PYTHON=python3.12 chooses the Python that makes $(VENV)/.'

demo:
	@$(PYTHON) bootstrap demo
	@$(RUN) -m gptstore.demo $(if $(HOST),--host '$(HOST)') $(if $(PORT),--port '$(PORT)') $(if $(MODEL),--model '$(MODEL)')

environment:
	@$(PYTHON) bootstrap dev

test: environment
	@$(RUN) -m tests $(ARGS)

lint: environment
	@$(MAKE) --no-print-directory --keep-going --jobs=2 types style imports django-checks generated-pages

style:
	@$(RUN) -m ruff check --quiet .
	@$(RUN) -m ruff format --check --quiet . || { echo 'Not in the one style: run `make format`.'; exit 1; }
	@echo 'style: ok'

types:
	@$(RUN) -m mypy --no-error-summary
	@echo 'types: ok'

imports:
	@$(VENV)/bin/lint-imports --no-logo > $(VENV)/imports.log || { cat $(VENV)/imports.log; exit 1; }
	@echo 'imports: ok'

# As on a production machine, and without touching any database.
django-checks: export GPTSTORE_SECRET_KEY = $(shell $(PYTHON) -c 'import secrets; print(secrets.token_urlsafe(60))')
django-checks: export GPTSTORE_DATABASE_URL = sqlite://:memory:
django-checks: export GPTSTORE_ALLOWED_HOSTS = store.example
django-checks: export GPTSTORE_HTTPS = true
django-checks:
	@$(RUN) manage.py check --deploy --fail-level WARNING
	@$(RUN) manage.py makemigrations --check
	@echo 'Django: ok'

docs: environment
	@$(RUN) -m scripts.docs

generated-pages:
	@$(RUN) -m scripts.docs --check
	@echo 'generated pages: ok'

format: environment
	@$(RUN) -m ruff format .
	@$(RUN) -m ruff check --fix .

# ARGS= passes options on, as in  make bench-engine ARGS='--model worker/bundled_model'
bench-%: environment
	@$(RUN) -m bench.$* $(ARGS)

# Finds new texts, and compiles what is translated. Django runs without settings here: it needs none to read sources.
messages: environment
	@cd gptstore && $(abspath $(RUN)) -m django makemessages --locale zh_Hans --add-location file --no-obsolete
	@cd gptstore && $(abspath $(RUN)) -m django compilemessages
	@$(RUN) -m scripts.plugin_messages

requirements: environment
	@UPGRADE=$(UPGRADE) $(RUN) -m scripts.requirements

clean:
	rm -rf build dist *.egg-info plugins/*/build plugins/*/*.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	find . -path ./$(VENV) -prune -o -name __pycache__ -type d -exec rm -rf {} +
