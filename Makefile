# `make` or `make help` shows what there is. Every target makes the environment it needs first.

PYTHON ?= python3
VENV   ?= .venv
RUN     = $(VENV)/bin/python

export GPTSTORE_VENV = $(VENV)

.DEFAULT_GOAL := help
.PHONY: help demo test lint format requirements clean

help:
	@echo 'make demo            a store on this machine: http://127.0.0.1:8000  (PORT=, HOST=, MODEL=)'
	@echo 'make test            every test that can run here; says what it skips and why  (ARGS= for pytest)'
	@echo 'make lint            style, types, import rules, Django checks, generated pages'
	@echo 'make format          rewrites the code in the one style'
	@echo 'make requirements    pins requirements/*.txt from *.in  (UPGRADE=1 takes newer releases)'
	@echo 'make clean           removes caches and build folders; keeps var/ and $(VENV)/'
	@echo
	@echo 'PYTHON=python3.12 chooses the Python that makes $(VENV)/.'

demo:
	@$(PYTHON) bootstrap demo
	@$(RUN) -m gptstore.demo $(if $(HOST),--host '$(HOST)') $(if $(PORT),--port '$(PORT)') $(if $(MODEL),--model '$(MODEL)')

test:
	@$(PYTHON) bootstrap dev
	@$(RUN) tests $(ARGS)

lint:
	@$(PYTHON) bootstrap dev
	@$(RUN) tests/lint.py

format:
	@$(PYTHON) bootstrap dev
	@$(RUN) -m ruff format .
	@$(RUN) -m ruff check --fix .

requirements:
	@$(PYTHON) bootstrap dev
	@UPGRADE=$(UPGRADE) $(RUN) requirements/compile.py

clean:
	rm -rf build dist *.egg-info plugins/*/build plugins/*/*.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	find . -path ./$(VENV) -prune -o -name __pycache__ -type d -exec rm -rf {} +
