# make demo   set up what is missing and run the main job on fixtures/
# make test   set up what is missing and pass the tests
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
DEMO := build/demo

.PHONY: setup demo test lint docs clean

setup: $(VENV)/.installed

# One environment holds the tool, the three frameworks and what the tests need; made again only when pyproject.toml changes.
$(VENV)/.installed: pyproject.toml
	@echo "[setup] virtual environment in $(VENV) with torch, tensorflow-cpu and mxnet: a few minutes, once"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --disable-pip-version-check --progress-bar off -e '.[frameworks,lsp,dev]' \
		> $(VENV)/install.log 2>&1 || { tail -20 $(VENV)/install.log; exit 1; }
	@grep '^  Downloading' $(VENV)/install.log | wc -l | xargs printf '[setup] %s packages downloaded (log: $(VENV)/install.log)\n'
	@$(BIN)/transpile-hybrid --version
	@touch $@

demo: setup
	@echo; echo "[1/4] what stands in the way: units x targets"
	@$(BIN)/transpile-hybrid check --readiness fixtures/*/before fixtures/*/flagged || test $$? -eq 1
	@echo; echo "[2/4] what cannot be converted, and why"
	@$(BIN)/transpile-hybrid check --output-format concise fixtures/*/flagged || test $$? -eq 1
	@echo; echo "[3/4] rewriting a copy in $(DEMO)"
	@rm -rf $(DEMO) && mkdir -p $(DEMO)
	@for framework in mxnet torch tensorflow; do cp -r fixtures/$$framework/before $(DEMO)/$$framework; done
	@$(BIN)/transpile-hybrid rewrite $(DEMO)
	@git --no-pager diff --no-index --stat fixtures/mxnet/before $(DEMO)/mxnet || true
	@git --no-pager diff --no-index --stat fixtures/torch/before $(DEMO)/torch || true
	@git --no-pager diff --no-index --stat fixtures/tensorflow/before $(DEMO)/tensorflow || true
	@echo; echo "[4/4] original and rewritten side by side on the real frameworks: equal? faster?"
	@$(BIN)/transpile-hybrid verify fixtures/*/before fixtures/*/flagged --allow-unverified --budget 8 \
		--html build/report.html --json build/report.json
	@echo "report: $(CURDIR)/build/report.html"

# The tests look at the HTML pages in a Chromium.
$(VENV)/.browser: tools/browser.py $(VENV)/.installed
	@echo "[setup] a Chromium for the tests that look at pages"
	@$(BIN)/python tools/browser.py --install
	@touch $@

# scripts that no test runs: checked enough to see calls that no longer fit
LOOSELY = --config-file= --check-untyped-defs --ignore-missing-imports --follow-imports=silent --disable-error-code misc \
	--exclude benchmarks/models

test: setup $(VENV)/.browser
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m mypy
	@$(BIN)/python -m mypy $(LOOSELY) benchmarks tools
	@$(BIN)/python -m pytest -n 2 --dist worksteal

docs: setup
	@$(BIN)/python tools/make_docs.py
	@$(BIN)/python -m sphinx -W --keep-going -q docs build/site
	@echo "documentation: $(CURDIR)/build/site/index.html"

clean:
	rm -rf build .mypy_cache .ruff_cache .pytest_cache
