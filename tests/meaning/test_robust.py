"""Whatever parses passes through every stage: generated programs, and files of the standard library."""

from __future__ import annotations

import ast
import sysconfig
import warnings
from pathlib import Path

import hypothesmith
import pytest
from hypothesis import HealthCheck, given, settings

from transpile_hybrid.meaning.aliasing import rebind_is_safe, written
from transpile_hybrid.meaning.classes import Project
from transpile_hybrid.meaning.effects import effects
from transpile_hybrid.meaning.index import Index, row_of
from transpile_hybrid.meaning.infer import function_facts, module_facts, unit_facts
from transpile_hybrid.meaning.listing import listing
from transpile_hybrid.meaning.module import Module
from transpile_hybrid.meaning.units import collect_units
from transpile_hybrid.source.source import Source

LIBRARY = Path(sysconfig.get_paths()["stdlib"])
SLICE = ("abc.py", "ast.py", "contextlib.py", "dataclasses.py", "enum.py", "functools.py", "heapq.py", "keyword.py",
         "typing.py", "this.py", "types.py")  # fmt: skip


def everything(text: str) -> int:
    """Take a program through every stage; return how many expressions were asked for."""
    module = Module(Source("program.py", text), "program")
    project = Project([module])
    for unit in collect_units(module, project):
        unit_facts(unit, project)
    kinds = [module_facts(module, project)]
    for function in module.scopes.functions:
        facts = function_facts(function, module, project)
        kinds.append(facts)
        effects(function, module, project)
        for node in ast.walk(function):
            if isinstance(node, ast.AugAssign | ast.Assign | ast.Expr) and written(node, node) is not None:
                rebind_is_safe(node, facts)
    asked = 0
    for node in ast.walk(module.tree):
        if isinstance(node, ast.expr):
            module.qualified(node)
            for facts_ in kinds[:2]:
                str(facts_.value(node))
            asked += 1
    assert listing(module, project).count("\n") == len(text.splitlines())
    assert set(Index([("program.py", row_of(module))]).classes) == set(project.classes)
    return asked


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), database=None, derandomize=True)
@given(text=hypothesmith.from_node())
def test_generated_programs(text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return
        everything(text)


@pytest.mark.parametrize("name", SLICE)
def test_files_of_the_standard_library(name: str) -> None:
    assert everything((LIBRARY / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "text", ["range(*[1, 2, 3, 4])", "range(1, 2, 3, 4)", "range(0, 10**40)", "range()", "range(3, 0, 0)"]
)
def test_ranges_that_fail_or_never_end(text: str) -> None:
    assert everything(f"def f():\n    for i in {text}:\n        print(i)\n")
