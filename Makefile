# Each target sets up whatever is missing first; `make serve` and `make test` work as first commands.
.PHONY: serve test check bench fuzz differential build tables lock wheel clean
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

differential:  ## 3,500 generated queries, answered by the endpoint and by rdflib; about 15 minutes
	@.ci/setup
	.venv/bin/kg build
	.venv/bin/python tests/differential.py $(ARGS)

fuzz:  ## everything that /openapi.json allows, and more, asked of a server of its own
	@.ci/setup
	.venv/bin/kg build
	.venv/bin/python tests/fuzz.py $(ARGS)

build:  ## make a release of the files
	@.ci/setup
	.venv/bin/kg build $(ARGS)

tables:  ## make the imported graphs of graph/tables/ again, in the order in which they build on each other
	@.ci/setup
	.venv/bin/kg import --mapping graph/tables/gbt4754-2017/mapping.json -o ontology/voc/gbt4754-2017.ttl
	.venv/bin/kg import --mapping graph/tables/listed-industry/mapping.json -o ontology/voc/listed-industry.ttl
	.venv/bin/kg import --mapping graph/tables/a-share/mapping.json \
	  --report graph/tables/a-share/report.csv -o graph/ref/a-share.ttl
	.venv/bin/kg import --mapping graph/tables/industry-chain-atlas/taxonomy.json -o graph/ref/industry-chain-atlas.ttl
	.venv/bin/kg import --mapping graph/tables/industry-chain-atlas/records.json \
	  --report graph/tables/industry-chain-atlas/report.csv -o graph/src/industry-chain-atlas.trig
	.venv/bin/kg import --mapping graph/tables/shenzhen-20-8-chains/taxonomy.json -o graph/ref/shenzhen-20-8-chains.ttl
	.venv/bin/kg import --mapping graph/tables/shenzhen-20-8-chains/memberships.json \
	  --report graph/tables/shenzhen-20-8-chains/report.csv -o graph/src/shenzhen-20-8-chains.trig
	.venv/bin/kg import --mapping graph/tables/eligibility/mapping.json -o graph/ref/eligibility.ttl
	.venv/bin/kg import --mapping graph/tables/award-claims/mapping.json -o graph/src/award-claims.trig
	.venv/bin/kg import --mapping graph/tables/press-claims/mapping.json -o graph/src/press-claims.trig

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
