# Each target does its own set-up: Python 3.11-3.13 and make are all a machine needs.
# Without make: `pip install -e .`, then `cin demo`.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LINT := $(VENV)/lint
SIDE_BY_SIDE := -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder
EARLY := tests/python/numeric $(filter-out %_published.py, \
  $(wildcard tests/python/unit/test_ingest_*.py tests/python/unit/test_returns_*.py))
SMALL := CIN_DATA_DIR=build/test/data CIN_BUILD_DIR=build/test
export DBT_SEND_ANONYMOUS_USAGE_STATS := false
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help demo test test-full lint types sql build-small pytest-early pytest lock wheelhouse windows clean

help:
	@echo "make demo       synthetic England, from census rows to the site"
	@echo "make test       lint, types, dbt build with every test, pytest, on a small England"
	@echo "make test-full  the same and the slow studies; with Java 17, Spark's among them"
	@echo "make wheelhouse the locked packages as wheels, for a room without a registry"
	@echo "make windows    one zip for Windows: wheels, project and cin.bat, no administrator needed"
	@echo "make lock       resolve requirements.lock, and those with more to their name, anew"

$(VENV)/python-ready: requirements-install.lock
	@$(PYTHON) -c 'import sys; v = sys.version_info; ok = (3, 11) <= v[:2] <= (3, 13); \
	ok or sys.exit("Python 3.11 to 3.13 is needed, this is %d.%d: make PYTHON=python3.12 ..." % v[:2])'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-install.lock
	@touch $@

$(VENV)/ready: $(VENV)/python-ready requirements.lock pyproject.toml
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev-ready: $(VENV)/ready requirements-dev.lock
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.lock
	@touch $@

# Linters import nothing of the project: they are at work while it is being installed.
$(VENV)/lint-ready: $(VENV)/python-ready requirements-lint.lock
	$(PYTHON) -m venv --without-pip $(LINT)
	$(BIN)/python -m pip --python $(LINT) install --quiet --require-hashes -r requirements-lint.lock
	@touch $@

$(VENV)/spark-ready: $(VENV)/dev-ready requirements-spark.lock
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-spark.lock
	@touch $@

demo: $(VENV)/ready
	$(BIN)/cin demo

# Python compiles what is imported when it is; most of what is installed never is in a test.
test test-full: export PIP_COMPILE := 0

# What reads the code, and tests that need no small England, run beside its making.
test:
	$(MAKE) -j 2 build-small lint types pytest-early pytest

test-full:
	$(MAKE) -j 2 build-small lint types $(VENV)/spark-ready
	$(SMALL) $(BIN)/python -m pytest $(SIDE_BY_SIDE) -m "slow or not slow"

lint: $(VENV)/lint-ready sql
	$(LINT)/bin/ruff check .
	$(LINT)/bin/ruff format --check .
	$(LINT)/bin/yamllint --strict .

types: $(VENV)/dev-ready
	$(BIN)/mypy

sql: $(VENV)/lint-ready
	$(LINT)/bin/sqlfluff lint --processes 2 models tests/data analyses

build-small: $(VENV)/ready
	rm -rf build/test
	$(SMALL) $(BIN)/cin synth --size small
	$(SMALL) $(BIN)/cin ingest
	$(SMALL) $(BIN)/cin build --unit-tests
	$(SMALL) $(BIN)/cin gate
	$(SMALL) $(BIN)/cin fit
	$(SMALL) $(BIN)/cin report

pytest-early: $(VENV)/dev-ready
	$(BIN)/python -m pytest -m "not slow" $(EARLY)

pytest: $(VENV)/dev-ready build-small
	$(SMALL) $(BIN)/python -m pytest $(SIDE_BY_SIDE) -m "not slow" $(addprefix --ignore=,$(EARLY))

lock:
	uv pip compile --group install --universal --python-version 3.11 \
	  --generate-hashes --no-annotate --no-strip-extras --no-header -o requirements-install.lock
	uv pip compile --group lint --universal --python-version 3.11 \
	  --generate-hashes --no-annotate --no-strip-extras --no-header -o requirements-lint.lock
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 \
	  --generate-hashes --no-annotate --no-strip-extras --no-header -o requirements-dev.lock
	uv pip compile pyproject.toml --universal --python-version 3.11 \
	  --generate-hashes --no-annotate --no-strip-extras --no-header \
	  -c requirements-dev.lock -o requirements.lock
	uv pip compile pyproject.toml --extra spark --universal --python-version 3.11 \
	  --generate-hashes --no-annotate --no-strip-extras --no-header \
	  -c requirements-dev.lock -o requirements-spark.lock

# SYSTEM and PYTHON_VERSION narrow it: make wheelhouse SYSTEM=windows PYTHON_VERSION=3.12
WHEELHOUSE ?= build/wheelhouse
wheelhouse: $(VENV)/ready
	$(BIN)/python -m wheelhouse_py $(WHEELHOUSE) \
	  $(if $(SYSTEM),--system $(SYSTEM)) $(if $(PYTHON_VERSION),--python $(PYTHON_VERSION))

# One Python makes a smaller zip: make windows PYTHON_VERSION=3.12
windows: $(VENV)/ready
	$(BIN)/python -m wheelhouse_py $(WHEELHOUSE) --system windows \
	  $(if $(PYTHON_VERSION),--python $(PYTHON_VERSION)) --zip build/cin_windows.zip

clean:
	rm -rf build/test build/next target logs
