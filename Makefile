# Telex: `make run` and `make test` do all the set-up themselves. Needed beforehand: Python 3.11 and make.
PYTHON ?= $(shell for p in python3.11 python3 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
TRAIN_VENV := .venv-train
TRAIN_STAMP := $(TRAIN_VENV)/.installed
NODES ?= 1
SHARED ?= ../shared

.DEFAULT_GOAL := help
.PHONY: help install run test test-kafka test-prometheus lint types kafka bench quality quality-kafka train cross-validate lock clean

help: ## Show the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

$(STAMP): requirements/dev.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "telex: Python 3.11 is needed, and no python3.11 is on the path"; exit 1; }
	@echo "Setting up $(VENV) (once; about 1 GB on disk, models included)"
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

install: $(STAMP) ## Make the virtual environment from the lock file

run: $(STAMP) ## Show typed events coming out of Kafka; ARTICLES=file.jsonl BOOTSTRAP=host:port RUN_OPTIONS=--once
	@$(BIN)/python -m workers.demo $(if $(ARTICLES),--articles "$(ARTICLES)") $(if $(BOOTSTRAP),--bootstrap "$(BOOTSTRAP)") $(RUN_OPTIONS)

test: $(STAMP) ## Run every test that needs no Java
	$(BIN)/python -m pytest tests --ignore tests/kafka $(PYTEST_OPTIONS)

test-kafka: $(STAMP) ## Run the delivery tests against a real Apache Kafka (Java 17 and Maven)
	$(BIN)/python -m pytest tests/kafka $(PYTEST_OPTIONS)

test-prometheus: ## Check the alert rules and run their unit tests (promtool)
	sh deploy/prometheus/check.sh

lint: $(STAMP) ## Check style (ruff)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP) ## Check types (mypy, strict)
	$(BIN)/mypy

kafka: $(STAMP) ## Start a real Apache Kafka on loopback until Ctrl-C; NODES=3 KAFKA_OPTIONS='--port N'
	@$(BIN)/python deploy/kafka/kafka.py --nodes $(NODES) $(KAFKA_OPTIONS)

bench: $(STAMP) ## Measure speed and latency beside a naive peer in the same run
	@$(BIN)/python -m bench $(if $(wildcard $(SHARED)/data/articles.tar.xz),--articles $(SHARED)/data/articles.tar.xz) $(BENCH_OPTIONS)

quality: $(STAMP) ## Score against labelled news, when it is in ../shared; writes the table in the README
	@$(BIN)/python -m tests.quality $(SHARED)

quality-kafka: $(STAMP) ## The labelled article through a real Apache Kafka (Java 17 and Maven)
	@$(BIN)/python -m tests.quality $(SHARED) --through-kafka

$(TRAIN_STAMP): requirements/train.lock
	@test -n "$(PYTHON)" || { echo "telex: Python 3.11 is needed, and no python3.11 is on the path"; exit 1; }
	@echo "Setting up $(TRAIN_VENV) (once; torch is several GB on disk)"
	$(PYTHON) -m venv --clear $(TRAIN_VENV)
	$(TRAIN_VENV)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/train.lock
	@touch $@

train: $(TRAIN_STAMP) ## Make the network again from the labelled news in ../shared (20 minutes on two cores with bf16)
	$(TRAIN_VENV)/bin/python -m training $(SHARED) $(TRAIN_OPTIONS)

cross-validate: $(TRAIN_STAMP) ## Teach the network five times, each time without a fifth of the articles
	$(TRAIN_VENV)/bin/python -m training $(SHARED) --cross-validate $(TRAIN_OPTIONS)

lock: $(STAMP) ## Write the lock files again after a change of pyproject.toml
	$(BIN)/uv pip compile -q --generate-hashes --no-annotate --no-header -p 3.11 --all-extras pyproject.toml -o requirements/dev.lock
	$(BIN)/uv pip compile -q --generate-hashes --no-annotate --no-header -p 3.11 -c requirements/dev.lock pyproject.toml -o requirements/worker.lock
	$(BIN)/uv pip compile -q --generate-hashes --no-annotate --no-header -p 3.11 -c requirements/dev.lock requirements/train.in -o requirements/train.lock
	echo 'hatchling>=1.27' | $(BIN)/uv pip compile -q --generate-hashes --no-annotate --no-header -p 3.11 -c requirements/dev.lock - -o deploy/build.lock

clean: ## Remove the virtual environment and everything built
	rm -rf $(VENV) $(TRAIN_VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
