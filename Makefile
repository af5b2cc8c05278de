# copydesk: `make demo` and `make test` are the two to know. `make help` lists the rest.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help demo test fault soak fuzz bench lint audit sbom lock clean

PYTHON ?= # `make PYTHON=/path/to/python demo` chooses one

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST)

demo: .venv/.stamp ## the whole way on the bundled captures, with a Redis of its own
	@.venv/bin/copydesk demo

test: .venv/.test-stamp ## every test that takes minutes, not hours
	@.venv/bin/pytest -m "not fault and not bench and not soak" $(ARGS)

fault: .venv/.test-stamp ## kill, restart, poison, fill up: none lost, none doubled
	@FAULT_CAPTURES=5000 FAULT_TABLE=docs/faults.md .venv/bin/pytest -m "fault and not soak" tests $(ARGS)

soak: .venv/.test-stamp ## hours of load: memory stays flat
	@.venv/bin/pytest -m soak $(ARGS)

fuzz: .venv/.test-stamp ## bytes that find their way into every parser of sources, a minute each
	@if command -v uv >/dev/null; then uv pip install --quiet --python .venv "$(ATHERIS)"; else .venv/bin/python -m pip install --quiet "$(ATHERIS)"; fi
	@.venv/bin/python tests/fuzz/parsers.py $(ARGS)

bench: .venv-bench/.stamp ## throughput, peers and bars: docs/bench.md (ARGS=--quick: a first look)
	@.venv-bench/bin/python tests/bench/bench.py $(ARGS)

lint: .venv/.test-stamp ## style, types and who may import whom
	@.venv/bin/ruff check --quiet .
	@.venv/bin/ruff format --quiet --check .
	@.venv/bin/mypy --no-error-summary
	@.venv/bin/lint-imports --no-logo

audit: .venv/.test-stamp ## known vulnerabilities of every locked dependency (asks osv.dev; says so when it cannot)
	@if .venv/bin/python -c "import urllib.request as r; r.urlopen('$(OSV)', b'{}', timeout=5)" 2>&1 | \
	    grep -q 'URLError\|timed out\|TimeoutError'; then \
	  echo "audit: $(OSV) cannot be reached from here; nothing was audited" >&2; $(if $(AUDIT_MUST),exit 1,exit 0); \
	fi; \
	.venv/bin/pip-audit --vulnerability-service osv --osv-url $(OSV) --disable-pip --require-hashes --progress-spinner off \
	  -r requirements.lock $(ARGS)

OSV ?= https://api.osv.dev/v1/query

sbom: .venv/.test-stamp ## what is inside, as CycloneDX: dist/copydesk.cdx.json
	@mkdir -p dist
	@.venv/bin/cyclonedx-py requirements requirements-run.lock --pyproject pyproject.toml --output-reproducible --validate \
	  --of JSON -o dist/copydesk.cdx.json 2>/dev/null
	@echo dist/copydesk.cdx.json

ATHERIS = $$(sed -n 's/^fuzz = \["\(.*\)"\].*/\1/p' pyproject.toml)
COMPILE = uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11

lock: ## write the lock files anew from pyproject.toml (needs uv): to run, to test, to bench
	@$(COMPILE) \
	  $$(sed -n '/^\[project.optional-dependencies\]/,/^\[project.scripts\]/s/^\([a-z0-9-]*\) = \[.*/--extra \1/p' pyproject.toml | grep -vE 'train|fuzz|bench') \
	  pyproject.toml -o requirements.lock
	@$(COMPILE) --extra warc --extra monitor --constraints requirements.lock pyproject.toml -o requirements-run.lock
	@$(COMPILE) --extra bench --extra warc --extra monitor --constraints requirements.lock pyproject.toml -o requirements-bench.lock

clean: ## remove what make and the tools made; copydesk-data stays
	rm -rf .venv .venv-bench .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Safe to repeat: a half-made or foreign .venv is made again, a good one is kept. Taken is the newest Python from 3.13
# down to 3.11, the versions every locked package has wheels for. The project itself goes in a second step, because a
# requirement with hashes may not be editable. What the commands import is compiled here: half the start of a first
# `copydesk try`, and of every one where PYTHONDONTWRITEBYTECODE is set.
VENV = .venv
.venv-bench/.stamp: VENV = .venv-bench
.venv-bench/.stamp: LOCK = requirements-bench.lock
.venv/.stamp: LOCK = requirements-run.lock
.venv/.test-stamp: LOCK = requirements.lock
.venv/.stamp: pyproject.toml requirements-run.lock
	$(SET_UP)
.venv/.test-stamp: pyproject.toml requirements.lock
	$(SET_UP)
.venv-bench/.stamp: pyproject.toml requirements-bench.lock
	$(SET_UP)

define SET_UP
	@fits='import sys; sys.exit(sys.version_info < (3, 11))'; \
	for python in $(or $(PYTHON),python3.13 python3.12 python3.11 python3) none; do \
	  "$$python" -c "$$fits" 2>/dev/null && break; \
	done; \
	if test "$$python" = none; then \
	  echo "copydesk needs Python 3.11, 3.12 or 3.13 and finds none$(if $(PYTHON), in $(PYTHON), on PATH)" >&2; exit 1; \
	fi; \
	$(VENV)/bin/python -c "$$fits" 2>/dev/null || rm -rf $(VENV); \
	set -e; \
	if command -v uv >/dev/null; then \
	  export UV_PYTHON_DOWNLOADS=never; \
	  test -d $(VENV) || uv venv --quiet --python "$$python" $(VENV); \
	  uv pip install --quiet --python $(VENV) --require-hashes -r $(LOCK); \
	  uv pip install --quiet --python $(VENV) --no-deps -e .; \
	else \
	  echo "setting up $(VENV): a minute or two (seconds, with uv on PATH)"; \
	  if ! $(VENV)/bin/python -c 'import pip' 2>/dev/null; then \
	    "$$python" -c 'import ensurepip, venv' 2>/dev/null || { \
	      echo "$$python lacks ensurepip: install the package python3-venv, or put uv on PATH" >&2; exit 1; }; \
	    "$$python" -m venv --clear $(VENV); \
	  fi; \
	  $(VENV)/bin/python -m pip install --quiet --no-compile --disable-pip-version-check --require-hashes -r $(LOCK); \
	  $(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -e .; \
	fi; \
	PYTHONDONTWRITEBYTECODE= $(VENV)/bin/python -c 'import worker.pipeline, worker.tasks, worker.cli as cli; cli.command_line()'
	@touch $@
endef
