.PHONY: grade test test-all long-hostile long-others bench
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

bench: .venv/ready .venv-bench/ready
	.venv/bin/python -m benchmarks

# papermill is what the benchmarks measure against: in an environment of its own, which sees the grader's packages.
.venv-bench/ready: .venv/ready pyproject.toml
	.venv/bin/python -m venv .venv-bench
	.venv/bin/python -c "import site; print(site.getsitepackages()[0])" > "$$(.venv-bench/bin/python -c 'import site; print(site.getsitepackages()[0])')/grader.pth"
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check $$(.venv/bin/python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['optional-dependencies']['bench'])")
	touch $@

.venv/ready: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@
