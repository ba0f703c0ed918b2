# Every target sets up what it needs on a machine with git, make and Python 3.11-3.13.
PYTHON ?= python3
STORE ?= ./data
SITE ?= $(error name a site: make crawl SITE=ria)
BIN := .venv/bin

.PHONY: help demo test prove lint crawl bench docs lock clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile

demo: .venv/ready ## crawl five sites played by a local newsroom into ./data
	@$(BIN)/python -m tests.newsroom.demo --store $(STORE)

test: .venv/ready lint ## everything that must hold: style, types, behaviour
	@$(BIN)/pytest -n auto --dist loadfile

prove: .venv/ready ## every case of which test takes a sample: kills at any point, bits, unseen newsrooms
	@LETOPIS_PROVE=1 $(BIN)/pytest -n auto -m proof tests

lint: .venv/ready ## style and types
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/mypy

crawl: .venv/ready ## crawl a live site: make crawl SITE=ria
	@$(BIN)/letopis crawl $(SITE) --store $(STORE)

bench: .venv/ready ## the benchmarks, as ratios measured in one run
	@for file in benchmarks/*.py; do echo "== $$file"; $(BIN)/python $$file || exit 1; done

docs: .venv/ready ## write the generated pages of docs/ again
	@$(BIN)/python -m schemas.dictionary > docs/article.md

lock: ## pin what pyproject.toml asks for
	@test -x $(BIN)/uv || $(MAKE) .venv/ready
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --extra dev --generate-hashes \
		--no-emit-index-url --no-annotate --custom-compile-command "make lock" -o requirements.lock pyproject.toml

clean: ## remove the environment and what tools left
	@rm -rf .venv build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

# The wheel is built without isolation: setuptools comes from the lock like everything else. Its compat mode puts this folder on
# the path: by the default one a folder named `archive` where the user stands would be taken for the package.
.venv/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || \
		{ echo "letopis needs Python 3.11, 3.12 or 3.13; name one: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "Python's venv is missing; on Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@echo "Setting up .venv (once) ..."
	@$(PYTHON) -m venv --clear .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation \
		--config-settings editable_mode=compat --editable .
	@touch $@
