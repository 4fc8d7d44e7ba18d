#!/usr/bin/env python3
# ruff: noqa: E402, E501
"""Compare predicted kinds with the truth at run time.

    kinds_truth.py torch --corpus DIR [--select SCRIPT] [--files 150] [--out rows.json]
    kinds_truth.py module FILE --cases-file CASES.py     # one file alone: CASES.py defines ``cases(namespace)``
    kinds_truth.py package FOLDER --cases-file CASES.py  # a whole package, seen as ``check`` sees a repository

The corpus folder holds self-contained files with a list ``TESTCASES`` of ``(class, init lambda, forward lambda, ...)``.
Each case is built and called eagerly; ``sys.settrace`` reads,
before every line of a function that runs, the kinds of the names and attributes of ``self`` that the line reads, and at
calls and returns those of parameters and results.  Each place counts once for each kind that was seen there.  A cases
file says with ``FILES`` (patterns relative to the package's folder) which files are compared, with ``STUBS``, ``HIDDEN``
and ``BARE`` what is replaced by an empty stand-in, not to be found, and a package whose ``__init__`` is not run.
"""

from __future__ import annotations

import argparse
import collections
import fnmatch
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import random
import signal
import sys
import tempfile
import time
import types
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from kinds_trace import Predictor, Row, is_right, summarize, trace_calls


def load(path: str) -> types.ModuleType:
    name = f"traced_{Path(path).stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def torch_file(path: str, helper: types.ModuleType, cases: int, limit: int) -> tuple[list[Row], int]:
    """All cases of one corpus file."""
    import torch

    torch.manual_seed(1337)
    random.seed(1337)
    module = load(path)
    chosen = list(getattr(module, "TESTCASES", []))
    random.Random(0).shuffle(chosen)

    def thunk(case: Any) -> Any:
        def go() -> None:
            torch.manual_seed(1337)
            args, kwargs = case[1]()
            with torch.no_grad():
                net = case[0](*args, **kwargs)
                net.eval()
                inputs, named = case[2]()
                net(*inputs, **named)

        return go

    return trace_calls(Predictor([path]), [thunk(case) for case in chosen[:cases]], limit)


def run_torch(options: argparse.Namespace) -> None:
    """Fork a child for each file, so that a crash costs that file alone."""
    spec = importlib.util.spec_from_file_location("corpus_select", options.select)
    assert spec is not None and spec.loader is not None
    helper = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(helper)
    import torch

    torch.set_num_threads(1)
    helper.install_stubs()
    helper.install_aliases(torch)
    helper.install_helpers(torch)
    names = helper.pick(options.corpus, "dev", 0, options.seed)[options.skip : options.skip + options.files]
    rows: list[Row] = []
    ran = files = 0
    for name in names:
        with tempfile.NamedTemporaryFile(suffix=".json") as handle:
            child = os.fork()
            if child == 0:
                signal.alarm(120)
                null = os.open(os.devnull, os.O_WRONLY)
                os.dup2(null, 1)
                try:
                    found, count = torch_file(os.path.join(options.corpus, name), helper, options.cases, 20)
                    Path(handle.name).write_text(json.dumps([found, count]))
                except BaseException as exc:
                    print(name, type(exc).__name__, exc, file=sys.stderr)
                os._exit(0)
            os.waitpid(child, 0)
            text = Path(handle.name).read_text()
        if text:
            found, count = json.loads(text)
            rows += found
            ran += count
            files += bool(count)
    finish(rows, ran, files, options)


class _Thing:
    """What a stand-in library holds: it can be a base class and be called."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        pass

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return _Thing()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Thing()


class _Stub(types.ModuleType):
    """A stand-in for a library that plots or downloads."""

    __path__: list[str] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Thing


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds stand-ins for the libraries that are named, and for what is below them."""

    def __init__(self, names: set[str]) -> None:
        self.names = names

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        wanted = name in self.names or name.split(".")[0] in self.names
        wanted = wanted or any(one.startswith(f"{name}.") for one in self.names)
        return importlib.machinery.ModuleSpec(name, self, is_package=True) if wanted else None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return _Stub(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        pass


def stub(names: tuple[str, ...]) -> None:
    """Make missing libraries importable, as far as an import goes."""
    missing = {name for name in names if "." in name or importlib.util.find_spec(name) is None}
    sys.meta_path.append(_Finder(missing))


def prepare() -> None:
    """Put back the names that old libraries expect of NumPy."""
    import numpy

    for kind in (bool, int, float, object, complex, str):
        if kind.__name__ not in numpy.__dict__:
            setattr(numpy, kind.__name__, kind)


def run_module(options: argparse.Namespace) -> None:
    """Classes of one file, called as the cases file says."""
    prepare()
    cases = load(options.cases_file)
    stub(getattr(cases, "STUBS", ()))
    module = load(options.file)
    rows, ran = trace_calls(Predictor([options.file]), cases.cases(module), 60)
    finish(rows, ran, 1, options)


def run_package(options: argparse.Namespace) -> None:
    """Files of a package, called as the cases file says and judged as a part of the whole."""
    from transpile_hybrid.run.repository import Repository
    from transpile_hybrid.run.view import View

    prepare()
    folder = os.path.abspath(options.file)
    parent, name = os.path.split(folder)
    sys.path.insert(0, parent)
    cases = load(options.cases_file)
    stub(getattr(cases, "STUBS", ()))
    for hidden in getattr(cases, "HIDDEN", ()):
        sys.modules[hidden] = None  # type: ignore[assignment]
    for bare in getattr(cases, "BARE", ()):
        module = types.ModuleType(bare)
        module.__path__ = [os.path.join(parent, *bare.split("."))]
        module.__spec__ = importlib.machinery.ModuleSpec(bare, None, is_package=True)
        sys.modules[bare] = module
    members = [str(path) for path in sorted(Path(folder).rglob("*.py"))]
    chosen = [path for path in members if any(fnmatch.fnmatch(path, f"{folder}/{one}") for one in cases.FILES)]
    chosen = [path for path in chosen if not any(fnmatch.fnmatch(path, f"{folder}/{one}") for one in cases.NOT_FILES)]
    repository = Repository(members)
    predictor = Predictor(chosen, lambda module: View(repository, module))
    rows, ran = trace_calls(predictor, cases.cases(importlib.import_module(name)), 120)
    finish(rows, ran, len(predictor.modules), options)


def finish(rows: list[Row], ran: int, files: int, options: argparse.Namespace) -> None:
    """Print the numbers and the wrong answers, grouped."""
    print(json.dumps({"files": files, "cases": ran, **summarize(rows)}, indent=1))
    if options.out:
        Path(options.out).write_text(json.dumps(rows))
    wrong = [row for row in rows if row["known"] and not is_right(row)]
    wrong += [row for row in rows if not row["known"] and not row["maybe"] and row["true"] in ("tensor", "variable")]
    for row in wrong[: options.show]:
        print(
            f"  WRONG {row['file']}:{row['line']} {row['function']} {row['what']} {row['text'][:60]}: {row['true']}, not {row['says'][:80]}"
        )
    unknown = collections.Counter((row["what"], row["true"]) for row in rows if row["maybe"] and not row["tensor"])
    print("not answered:", unknown.most_common(12))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("torch", "module", "package"))
    parser.add_argument("file", nargs="?")
    parser.add_argument("--corpus")
    parser.add_argument(
        "--select", help="a script with pick(), install_stubs(), install_aliases() and install_helpers()"
    )
    parser.add_argument("--cases-file")
    parser.add_argument("--files", type=int, default=150)
    parser.add_argument("--skip", type=int, default=0)
    parser.add_argument("--cases", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--show", type=int, default=60)
    parser.add_argument("--out")
    options = parser.parse_args()
    began = time.time()
    {"torch": run_torch, "module": run_module, "package": run_package}[options.what](options)
    print(f"{time.time() - began:.0f} s")


if __name__ == "__main__":
    main()
