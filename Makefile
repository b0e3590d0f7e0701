# Each target sets up whatever is missing first; `make serve` and `make test` work as first commands.
.PHONY: serve test check bench build lock wheel clean
.DEFAULT_GOAL := serve

serve:  ## build the release where the files changed, serve on http://127.0.0.1:8000
	@.ci/setup
	.venv/bin/kg serve $(ARGS)

test:  ## every test, with a real browser
	@.ci/setup browser
	.venv/bin/python -m pytest $(ARGS)

check:  ## lint, format of the files, types
	@.ci/setup
	.venv/bin/ruff check src tests
	.venv/bin/ruff format --check src tests
	.venv/bin/mypy
	.venv/bin/kg format --check

bench:  ## the long benchmarks; appends to tests/benchmarks/results.md
	@.ci/setup
	.venv/bin/python tests/benchmarks/run.py $(ARGS)

build:  ## make a release of the files
	@.ci/setup
	.venv/bin/kg build $(ARGS)

lock:  ## pin every package with its hashes again
	@.ci/setup
	.venv/bin/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-header \
	  --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-annotate \
	  --extra dev -o requirements.lock pyproject.toml

wheel:  ## the package with its data files
	@.ci/setup
	.venv/bin/python -m hatchling build -t wheel

clean:  ## what can be made again
	rm -rf .venv .kg dist
