# The names and what they do are promised in README.md; see CONTRIBUTING.md for the daily use.
.DEFAULT_GOAL := help
.PHONY: help setup run test test-fast sweep check format lint types floors migrations translations lengths commits deploy-check pins schema

BIN := .venv/bin
# Every start of the product loads 1,700 modules: compiled ones are kept, whatever the machine's environment says.
export PYTHONDONTWRITEBYTECODE :=
# A home of its own, so that checking never touches the one you work with.
CHECK_HOME := $(CURDIR)/build/check-home
TEMPLATES := $(wildcard src/otklik/*/templates)
DJANGO := $(BIN)/python -W ignore::RuntimeWarning -m django
# Test processes: one more than cores, because the slow tests wait for servers; four at most.
JOBS ?= $(shell n=$$(nproc 2>/dev/null || echo 2); [ $$n -lt 4 ] && echo $$((n + 1)) || echo 4)

help: ## what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install everything into .venv
	@tools/setup.sh

run: setup ## start Otklik with the demo desk in ./var
	@exec $(BIN)/otklik up --demo

test: setup ## all tests: make test ARGS="tests/tickets -k close"
	@$(BIN)/pytest -n $(JOBS) --dist worksteal $(ARGS)

test-fast: setup ## guards, tests of what changed, and a sample of the others: before a commit
	@$(BIN)/pytest -n $(JOBS) --dist worksteal --before-commit -m "not services and not browser and not slow" $(ARGS)

sweep: setup ## pull the plug at random while mail comes in: make sweep ARGS="--mails 300 --seed 7"
	@$(BIN)/python tools/sweep.py $(ARGS)

check: setup lint types floors migrations translations lengths commits deploy-check ## everything but the tests

format: setup ## write the code in its one form
	@$(BIN)/ruff format -q
	@$(BIN)/ruff check -q --fix
	@$(BIN)/python tools/stylesheets.py format
	@$(BIN)/djhtml --tabwidth 2 $(TEMPLATES) 2> build/djhtml.log || { cat build/djhtml.log; exit 1; }

lint: setup
	@$(BIN)/ruff format --check -q || { echo "not in its form; run: make format" >&2; exit 1; }
	@$(BIN)/ruff check -q
	@$(BIN)/python tools/stylesheets.py check
	@$(BIN)/djhtml --check --tabwidth 2 $(TEMPLATES) 2> build/djhtml.log \
		|| { grep -v "already perfect" build/djhtml.log; echo "templates not indented; run: make format" >&2; exit 1; }

types: export OTKLIK_HOME = $(CHECK_HOME)
types: setup
	@$(BIN)/mypy --no-error-summary

floors: setup
	@$(BIN)/lint-imports > build/floors.log 2>&1 || { cat build/floors.log; exit 1; }

migrations: export OTKLIK_HOME = $(CHECK_HOME)
migrations: setup
	@$(DJANGO) makemigrations --check --dry-run --verbosity 1 --settings otklik.config.settings > build/migrations.log 2>&1 \
		|| { cat build/migrations.log; exit 1; }
	@$(BIN)/python tools/schema.py check

translations: setup
	@$(BIN)/python tools/messages.py check

lengths: setup
	@$(BIN)/python tools/check_lengths.py

commits: setup
	@$(BIN)/python tools/check_commits.py

deploy-check: export OTKLIK_HOME = $(CHECK_HOME)
deploy-check: export OTKLIK_PUBLIC_URL = https://desk.example.org
deploy-check: setup
	@$(DJANGO) check --deploy --fail-level WARNING --settings otklik.config.settings > build/deploy.log 2>&1 \
		|| { cat build/deploy.log; exit 1; }

floors format lint migrations deploy-check: | build
build:
	@mkdir -p build

schema: setup ## write the snapshot of the tables again after a new migration
	@$(BIN)/python tools/schema.py update

pins: setup ## write the pinned requirements again after a change of the dependencies
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header \
		pyproject.toml -o requirements.txt
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header \
		-c requirements.txt pyproject.toml --group dev -o requirements-dev.txt
