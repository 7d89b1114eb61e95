# Kaowu: the commands of the README.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export DATA
CANDIDATES ?= 12
BROWSER ?= 1
SOURCE ?= 1
# What no database changes: the shape of the source, the words of the pages.
SAME_EVERYWHERE := tests/architecture tests/leaks tests/policy/test_chinese_pages.py
WALKS ?=
PARALLEL ?= 2

.PHONY: demo test dev check js_browser journeys screens bench faults messages env faces clean

env: $(VENV)/.ready

$(VENV)/.ready: requirements.txt
	@if command -v uv >/dev/null 2>&1; then \
	  uv venv --quiet --allow-existing $(VENV) && uv pip install --quiet --python $(BIN)/python -r requirements.txt; \
	else \
	  $(PYTHON) -m venv $(VENV) && $(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt; \
	fi
	@touch $@

faces: env
	@if command -v uv >/dev/null 2>&1; then \
	  uv pip install --quiet --no-deps --python $(BIN)/python -r deploy/requirements-faces.txt; \
	else \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -r deploy/requirements-faces.txt; \
	fi

demo: DATA := $(or $(DATA),$(CURDIR)/var/demo)
demo: env
	@$(BIN)/python manage.py keys
	@EMAIL_URL=$${EMAIL_URL:-filemail://$(abspath $(DATA))/mail} exec $(BIN)/python manage.py demo --candidates $(CANDIDATES)

dev: env
	@$(BIN)/python manage.py keys
	@$(BIN)/python manage.py migrate -v 0
	@exec $(BIN)/uvicorn config.asgi:application --reload --lifespan off

test: env
	@$(BIN)/python tests/needs.py
	@if [ "$(SOURCE)" = 1 ]; then \
	  node --test --test-reporter=./tests/js/support/quiet.js tests/js/; \
	fi
	@$(BIN)/python -m pytest -q -n auto --maxprocesses=4 tests \
	  --ignore=tests/journeys --ignore=tests/js_browser \
	  $(if $(filter 0,$(SOURCE)),$(SAME_EVERYWHERE:%=--ignore=%))
	@if [ "$(BROWSER)" = 1 ]; then \
	  $(MAKE) --no-print-directory js_browser && \
	  $(MAKE) --no-print-directory journeys WALKS='not long'; \
	fi

js_browser: env
	@$(BIN)/python -m pytest -q -n $(PARALLEL) --dist loadfile tests/js_browser

check: env
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check ruff
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/python manage.py keys >/dev/null
	@$(BIN)/python manage.py makemigrations --check --dry-run

journeys: env
	@$(BIN)/python -m pytest -q -n $(PARALLEL) --dist loadfile -m "$(WALKS)" tests/journeys

screens: env
	@SHOTS=$(CURDIR)/docs/screens $(BIN)/python -m pytest -q tests/journeys/test_passage.py -k passage_from

bench: env
	@$(BIN)/python tests/bench/run.py $(NAMES)

faults: env
	@$(BIN)/python -m pytest -q tests/faults

messages: env
	@cd config && ../$(BIN)/python ../manage.py compilemessages
