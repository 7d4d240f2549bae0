# Everything a newcomer does is one word here. `make help` lists them.
PY := .venv/bin/python
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help setup run story plain test lint types contract bench soak docs lock wheel clean

help:  ## say what each word does
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

setup:  ## prepare .venv with everything that Cableroom needs; .venv/bin/cableroom is the command
	@sh scripts/setup.sh run

run: setup  ## tell the story between two posts, then serve both
	@$(PY) -m cableroom demo

story: setup  ## tell the story and exit: 0 only if every step verified
	@$(PY) -m cableroom demo --exit

plain: setup  ## the same story as a relief organisation would tell it
	@$(PY) -m cableroom demo --plain

test:  ## all tests, once on SQLite and once on PostgreSQL
	@sh scripts/setup.sh test
	@$(PY) scripts/test.py

lint:  ## ruff: errors and layout
	@sh scripts/setup.sh test
	@$(PY) -m ruff check src tests scripts bench
	@$(PY) -m ruff format --check src tests scripts bench

types:  ## mypy: strict in the pure rooms
	@sh scripts/setup.sh test
	@$(PY) -m mypy

contract:  ## who may import whom
	@sh scripts/setup.sh test
	@.venv/bin/lint-imports

bench: setup  ## measure, and print the figures as ratios
	@$(PY) bench/run.py

soak:  ## what takes longer than ten minutes
	@sh scripts/setup.sh test
	@$(PY) scripts/test.py --soak

docs:  ## run the commands that the documents show
	@sh scripts/setup.sh test
	@$(PY) -m pytest -q tests/docs

lock:  ## pin the dependencies anew, with hashes
	@sh scripts/lock.sh

wheel: setup  ## an installable wheel in dist/
	@$(PY) -m pip wheel --no-deps --no-build-isolation -q -w dist .
	@ls dist/*.whl

clean:  ## remove what was made here (.venv, caches, the demonstration's folders)
	rm -rf .venv demo build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
