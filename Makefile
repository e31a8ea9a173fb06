# Short recipes; what they call also works without make. Everything made lies in .tools, .venv
# and var, and may be deleted.

WORKERS ?= 2
MEMBERS := shared services/plan-api services/kpi-engine services/notifier deploy/local
# Long tests are handed out first, those of one group to one worker.
SPREAD = -n $(WORKERS) --dist loadgroup --no-loadscope-reorder
FAST := not postgres and not kafka and not browser and not faults and not bench and not explore and not slow
VENV := .venv/bin
UV := .tools/bin/uv --no-progress --quiet
# One interpreter and one cache, wherever this runs; never a download of another Python.
export UV_PYTHON_DOWNLOADS := never
unexport VIRTUAL_ENV PYTHONPATH PYTHONHOME

.DEFAULT_GOAL := help
.PHONY: help run check test faults bench lint contracts lock clean
.DELETE_ON_ERROR:

help:  ## say what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: .venv/.installed  ## serve it all at http://127.0.0.1:8000 (Ctrl-C ends it)
	@$(VENV)/wcoplan up

test: .venv/.installed  ## every test but the measurements (WORKERS=2)
	@$(VENV)/pytest $(SPREAD) -m "not bench and not explore"

check: lint  ## what is due before a commit: lint and the fast tests
	@$(VENV)/pytest -q $(SPREAD) -m "$(FAST)"

faults: .venv/.installed  ## the tests that kill, freeze and restart things, in full size
	@WCOPLAN_FAULT_HITS=$${WCOPLAN_FAULT_HITS:-3} $(VENV)/pytest $(SPREAD) -m "faults or explore" --timeout=1800

bench: .venv/.installed  ## measure on Apache Kafka; nothing else should run meanwhile
	@$(VENV)/pytest -m bench -s -p no:randomly --timeout=3600

lint: .venv/.installed  ## style, types and the dependency rules
	@$(VENV)/ruff check .
	@$(VENV)/ruff format --check .
	@$(VENV)/mypy
	@for member in plan-api kpi-engine; do (cd services/$$member && MYPYPATH=../.. \
	  ../../$(VENV)/mypy --config-file ../../pyproject.toml --cache-dir ../../.mypy_cache/$$member \
	  tests) || exit 1; done
	@$(VENV)/lint-imports

contracts: .venv/.installed  ## write schemas, docs/events.md, AsyncAPI, OpenAPI, the gateway's routes
	@$(VENV)/python -m shared_kit.events.catalogue .
	@$(VENV)/python deploy/gateway/generate.py
	@$(VENV)/python -m wcoplan.openapi docs/openapi.json

lock: .tools/.installed  ## choose versions anew and pin them in requirements.lock
	@$(UV) lock --upgrade --python .tools/bin/python
	@$(UV) export --frozen --format requirements.txt --no-emit-workspace --all-packages \
	  --all-groups --no-header --no-annotate --output-file requirements.lock >/dev/null
	@for service in plan-api kpi-engine notifier; do \
	  $(UV) export --frozen --format requirements.txt --no-emit-workspace --package $$service \
	  --no-default-groups --no-header --no-annotate --output-file deploy/requirements/$$service.lock >/dev/null; \
	done
	@! grep -n '://' requirements.lock deploy/requirements/*.lock

clean:  ## delete the environments; the data in var stay
	rm -rf .tools .venv

# The tool that installs; it needs nothing but Python 3.11 itself.
.tools/.installed:
	@python=; for name in python3.11 python3 python; do \
	  if $$name -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; \
	  then python=$$name; break; fi; done; \
	if [ -z "$$python" ]; then \
	  echo "Python 3.11 is needed, as python3.11, python3 or python on the PATH; there is none." >&2; \
	  exit 1; fi; \
	if ! $$python -c 'import ensurepip, venv' 2>/dev/null; then \
	  echo "$$python lacks its venv module (Debian: apt-get install python3-venv)." >&2; exit 1; fi; \
	$$python -m venv --clear .tools
	@.tools/bin/pip install --quiet --disable-pip-version-check 'uv>=0.9'
	@touch $@

# What requirements.lock pins, by hash, and the five members as they lie here.
.venv/.installed: .tools/.installed requirements.lock pyproject.toml $(MEMBERS:%=%/pyproject.toml)
	@[ -x .venv/bin/python ] && .venv/bin/python -c '' || $(UV) venv --clear --python .tools/bin/python .venv
	@$(UV) pip sync --python .venv/bin/python --require-hashes requirements.lock
	@$(UV) pip install --python .venv/bin/python --no-deps $(MEMBERS:%=--editable ./%)
	@touch $@
