#!/usr/bin/env python3
# ruff: noqa: E402, E501
"""Cost and robustness of the meaning room over files or folders.

meaning_cost.py cost PATH... [--rounds 3]     # ms per 1,000 lines of each stage, interleaved, beside ast.parse
meaning_cost.py all PATH...                   # every file must pass through every stage without an exception
"""

from __future__ import annotations

import argparse
import ast
import gc
import statistics
import sys
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


def cost(paths: list[str], rounds: int) -> None:
    """Time the stages file by file, each file's stages one after the other, rounds interleaved."""
    sources: list[Source] = []
    lines = 0
    for path in files_of(paths):
        try:
            source = Source.read(path)
            ast.parse(source.text)
        except (SourceError, SyntaxError, ValueError, RecursionError):
            continue
        sources.append(source)  # the text alone: trees kept alive would make the garbage collector part of the measure
        lines += source.text.count("\n") + 1
    print(f"{len(sources)} files, {lines} lines")
    totals: dict[str, list[float]] = {}
    for _ in range(rounds):
        spent = dict.fromkeys(("ast.parse", "visit", "names", "classes", "units", "kinds"), 0.0)
        worst = (0.0, "")
        gc.collect()
        for source in sources:
            start = time.perf_counter()
            tree = ast.parse(source.text)
            parsed = time.perf_counter()
            _Visit().visit(tree)
            visited = time.perf_counter()
            module = Module(Source(source.path, source.text))
            module.tree  # noqa: B018
            begin = time.perf_counter()
            module.scopes  # noqa: B018
            named = time.perf_counter()
            project = Project([module])
            classed = time.perf_counter()
            units = collect_units(module, project) if module.frameworks else []
            united = time.perf_counter()
            for unit in units:
                unit_facts(unit, project)
            ended = time.perf_counter()
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
    medians = {name: statistics.median(values) for name, values in totals.items()}
    base = medians["ast.parse"] + medians["visit"]
    for name, value in medians.items():
        print(f"  {name:10} {value:7.2f} ms per 1,000 lines")
    ours = sum(medians[name] for name in ("names", "classes", "units", "kinds"))
    print(f"  ours / (ast.parse + visit) = {ours / base:.2f}; with parsing {(ours + medians['ast.parse']) / base:.2f}")


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
    parser.add_argument("what", choices=("cost", "all"))
    parser.add_argument("paths", nargs="+")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    sys.setrecursionlimit(1000)
    if options.what == "all":
        return min(1, run_all(options.paths))
    actions: Callable[[list[str], int], None] = cost
    actions(options.paths, options.rounds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
