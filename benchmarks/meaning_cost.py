#!/usr/bin/env python3
# ruff: noqa: E402, E501
"""Cost and robustness of the meaning room over files or folders.

meaning_cost.py cost PATH... [--rounds 3]     # ms per 1,000 lines of each stage, interleaved, beside ast.parse
                                              # and TorchFix, where this interpreter has it; --sample 10: a tenth
meaning_cost.py index PATH...                 # the index of classes, cold and warm
meaning_cost.py all PATH...                   # every file must pass through every stage without an exception
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import gc
import os
import resource
import statistics
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
warnings.simplefilter("ignore")

from transpile_hybrid.meaning.aliasing import rebind_is_safe, written
from transpile_hybrid.meaning.classes import Project
from transpile_hybrid.meaning.effects import effects
from transpile_hybrid.meaning.infer import function_facts, module_facts, unit_facts
from transpile_hybrid.meaning.module import Module
from transpile_hybrid.meaning.units import collect_units
from transpile_hybrid.source.source import Source, SourceError


def files_of(paths: list[str]) -> list[Path]:
    """All Python files under ``paths``."""
    found: list[Path] = []
    for path in map(Path, paths):
        found += sorted(path.rglob("*.py")) if path.is_dir() else [path]
    return found


class _Visit(ast.NodeVisitor):
    """One visitor that does next to nothing: the yardstick."""

    def __init__(self) -> None:
        self.count = 0

    def visit_Call(self, node: ast.Call) -> None:
        self.count += 1
        self.generic_visit(node)


def _peer() -> Callable[[str], object] | None:
    """Return TorchFix's check of a text, ``None`` where it isn't installed."""
    try:
        from torchfix.torchfix import TorchChecker
    except ImportError:
        return None
    return lambda text: list(TorchChecker(None, text.splitlines(keepends=True)).run())


def _texts(paths: list[str], sample: int) -> tuple[list[Source], int]:
    sources: list[Source] = []
    lines = 0
    for path in files_of(paths)[:: max(1, sample)]:
        try:
            source = Source.read(path)
            ast.parse(source.text)
        except (SourceError, SyntaxError, ValueError, RecursionError):
            continue
        sources.append(source)  # the text alone: trees kept alive would make the garbage collector part of the measure
        lines += source.text.count("\n") + 1
    return sources, lines


def cost(paths: list[str], rounds: int, sample: int) -> None:
    """Time the stages file by file, each file's stages one after the other, rounds interleaved; CPU time of this thread."""
    clock = time.thread_time
    sources, lines = _texts(paths, sample)
    print(f"{len(sources)} files, {lines} lines")
    peer = _peer()
    totals: dict[str, list[float]] = {}
    for _ in range(rounds):
        spent = dict.fromkeys(("ast.parse", "visit", "names", "classes", "units", "kinds", "TorchFix"), 0.0)
        worst = (0.0, "")
        gc.collect()
        for source in sources:
            start = clock()
            tree = ast.parse(source.text)
            parsed = clock()
            _Visit().visit(tree)
            visited = clock()
            module = Module(Source(source.path, source.text))
            module.tree  # noqa: B018
            begin = clock()
            module.scopes  # noqa: B018
            named = clock()
            project = Project([module])
            classed = clock()
            units = collect_units(module, project) if module.frameworks else []
            united = clock()
            for unit in units:
                unit_facts(unit, project)
            ended = clock()
            if peer is not None:
                with contextlib.suppress(Exception):
                    peer(source.text)
                spent["TorchFix"] += clock() - ended
            spent["ast.parse"] += parsed - start
            spent["visit"] += visited - parsed
            spent["names"] += named - begin
            spent["classes"] += classed - named
            spent["units"] += united - classed
            spent["kinds"] += ended - united
            worst = max(worst, (ended - united, source.path))
        for name, seconds in spent.items():
            totals.setdefault(name, []).append(seconds * 1e6 / lines)
    print("slowest file:", worst)
    medians = {name: statistics.median(values) for name, values in totals.items() if any(values)}
    base = medians["ast.parse"] + medians["visit"]
    for name, value in medians.items():
        print(f"  {name:10} {value:7.2f} ms per 1,000 lines, {value / base:6.2f} x (ast.parse + visit)")
    ours = sum(medians[name] for name in ("names", "classes", "units", "kinds"))
    print(f"  ours / (ast.parse + visit) = {ours / base:.2f}; with parsing {(ours + medians['ast.parse']) / base:.2f}")
    print(f"  peak memory of this process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def index(paths: list[str]) -> None:
    """Build the index of classes with an empty cache, with a full one, and after one file was touched."""
    from transpile_hybrid.run.class_index import index_of

    files = [str(path) for path in files_of(paths)]
    with tempfile.TemporaryDirectory() as folder:
        steps = [("cold, one process", "", 1), ("cold", folder, None), ("warm", folder, None)]
        for label, cache, jobs in steps:
            start, before = time.perf_counter(), os.times()
            found = index_of(files, cache, jobs)
            number = sum(1 for _ in found.deriving())
            spent = sum(os.times()[:4]) - sum(before[:4])
            print(f"{label:18} {len(files)} files, {len(found.classes)} classes, {number} derive from a framework's:"
                  f" {time.perf_counter() - start:.2f} s, {spent:.2f} s of CPU")  # fmt: skip
        held = sum(path.stat().st_size for path in Path(folder).glob("*.bin"))
        print(
            f"on disk {held / 1e6:.1f} MB; peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB"
        )


def one(path: Path) -> None:
    """All stages over one file."""
    module = Module(Source.read(path), path.stem)
    project = Project([module])
    for unit in collect_units(module, project):
        unit_facts(unit, project)
    module_facts(module, project)
    for function in module.scopes.functions:
        facts = function_facts(function, module, project)
        effects(function, module, project)
        for node in ast.walk(function):
            if isinstance(node, ast.AugAssign | ast.Assign | ast.Expr) and written(node, node) is not None:
                rebind_is_safe(node, facts)
    for name in ast.walk(module.tree):
        if isinstance(name, ast.Name | ast.Attribute):
            module.qualified(name)


def run_all(paths: list[str]) -> int:
    """Return the number of files that raised."""
    failed = count = skipped = 0
    slow: list[tuple[float, str]] = []
    for path in files_of(paths):
        start = time.perf_counter()
        try:
            one(path)
        except SourceError:
            skipped += 1
        except Exception:
            failed += 1
            if failed <= 15:
                print(path)
                traceback.print_exc(limit=-4)
        count += 1
        slow.append((time.perf_counter() - start, str(path)))
    print(f"{count} files, {skipped} that this Python cannot parse, {failed} raised; slowest:")
    for seconds, name in sorted(slow, reverse=True)[:6]:
        print(f"  {seconds:6.2f} s {name}")
    return failed


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("cost", "all", "index"))
    parser.add_argument("paths", nargs="+")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sample", type=int, default=1, help="every so manieth file")
    options = parser.parse_args()
    sys.setrecursionlimit(1000)
    if options.what == "all":
        return min(1, run_all(options.paths))
    if options.what == "index":
        index(options.paths)
    else:
        cost(options.paths, options.rounds, options.sample)
    return 0


if __name__ == "__main__":
    sys.exit(main())
