.PHONY: grade test test-all long-hostile long-others
PYTHON ?= python3

grade: .venv/ready
	.venv/bin/grader grade submissions --rubric rubric.yaml --out grades

test: .venv/ready
	.venv/bin/python -m pytest -m "not long"

# Hostile notebooks mostly wait, and trainings mostly compute, so the two go side by side.
test-all: test
	$(MAKE) --jobs=2 --output-sync=target long-hostile long-others

# The layers that promise something; in `none` the few of `make test` have to do: `pytest -m long -k none-as`
# runs all that may run there.
long-hostile: .venv/ready
	.venv/bin/python -m pytest -m long -p no:cacheprovider tests/test_hostile.py -k "not none-as"

long-others: .venv/ready
	.venv/bin/python -m pytest -m long -p no:cacheprovider --ignore tests/test_hostile.py

.venv/ready: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@
