.PHONY: grade test test-all
PYTHON ?= python3

grade: .venv/ready
	.venv/bin/grader grade submissions --rubric rubric.yaml --out grades

test: .venv/ready
	.venv/bin/python -m pytest -m "not long"

test-all: test
	.venv/bin/python -m pytest -m long

.venv/ready: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@
