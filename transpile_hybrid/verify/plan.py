"""What there is to verify in two files, read without running them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ..source.source import Source, SourceError
from ..targets import TARGETS
from .options import VerifyError

_ROOTS = {"torch": "torch", "tensorflow": "tensorflow", "keras": "tensorflow", "mxnet": "mxnet"}
_NO_UNITS = frozenset({"example_inputs", "example_init", "main", "make"})


@dataclass(frozen=True)
class Text:
    """One side: its text, the path that it stands for, and texts that stand for other files, by absolute path."""

    path: str
    text: str
    neighbours: dict[str, str] = field(default_factory=dict)


def read_text(path: Path | str) -> Text:
    """Read a Python file as Python would.  Raises :class:`VerifyError` if it can't be read."""
    try:
        return Text(str(path), Source.read(path).text)
    except SourceError as exc:
        raise VerifyError(str(exc)) from exc


def parse(text: Text) -> ast.Module:
    """Parse a side.  Raises :class:`VerifyError` naming file, line and cause."""
    try:
        return Source(text.path, text.text).tree
    except SourceError as exc:
        raise VerifyError(str(exc)) from exc


def framework_of(tree: ast.Module, path: str, depth: int = 2) -> str:
    """Return the framework that a file imports, itself or through its neighbours; empty where it imports none."""
    local: list[str] = []
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            names = (
                [module] if module.partition(".")[0] in _ROOTS else [f"{module}.{alias.name}" for alias in node.names]
            )
            names += [module] if module else []
        for name in names:
            head, tail = name.partition(".")[0], name.rpartition(".")[2]
            if head in _ROOTS:
                return _ROOTS[head]
            if tail in _ROOTS:  # `from package import torch as p`
                return _ROOTS[tail]
            local.append(name)
    folder = Path(path).resolve().parent
    for name in local if depth else ():
        file = folder.joinpath(*name.strip(".").split(".")).with_suffix(".py")
        if name.strip(".") and file.is_file():
            try:
                found = framework_of(ast.parse(file.read_text(encoding="utf-8")), str(file), depth - 1)
            except (OSError, SyntaxError, ValueError):
                continue
            if found:
                return found
    return ""


def _definitions(body: list[ast.stmt]) -> Iterator[ast.ClassDef | ast.FunctionDef]:
    for node in body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            yield node
        elif isinstance(node, (ast.If, ast.Try, ast.With)):
            for part in ("body", "orelse", "finalbody"):
                if not (isinstance(node, ast.If) and _is_main(node.test) and part == "body"):
                    yield from _definitions(getattr(node, part, []))


def _is_main(test: ast.expr) -> bool:
    return isinstance(test, ast.Compare) and isinstance(test.left, ast.Name) and test.left.id == "__name__"


def candidates(tree: ast.Module) -> dict[str, str]:
    """Return the names that may be units, in order, each ``class``, ``factory`` (no parameters) or ``function``.

    A private function, or one that returns nothing, is one where ``example_inputs`` names it (``unit == "step"``).
    """
    found: dict[str, str] = {}
    named = _named_by_inputs(tree)
    for node in _definitions(tree.body):
        if node.name in _NO_UNITS:
            continue
        if node.name not in named and node.name.startswith(("_", "test_")):
            continue
        if isinstance(node, ast.ClassDef):
            if node.bases:
                found[node.name] = "class"
        else:
            arguments = node.args
            count = len(arguments.posonlyargs) + len(arguments.args) + len(arguments.kwonlyargs)
            bare = count == 0 and arguments.vararg is None and arguments.kwarg is None
            returns = any(isinstance(n, ast.Return) and n.value is not None for n in ast.walk(node))
            if returns or (node.name in named and not bare):
                found[node.name] = "factory" if bare else "function"
    return found


def _named_by_inputs(tree: ast.Module) -> set[str]:
    """Return the words in ``example_inputs``, where that is asked for a unit: the units it knows are among them."""
    return {
        part.value
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.name == "example_inputs"
        if any(arg.arg == "unit" for arg in [*node.args.args, *node.args.kwonlyargs])
        for part in ast.walk(node)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    }


def declares_inputs(tree: ast.Module) -> bool:
    """Whether the file defines ``example_inputs``."""
    return any(isinstance(node, ast.FunctionDef) and node.name == "example_inputs" for node in tree.body)


def targets_for(framework: str, targets: list[str]) -> list[str]:
    """Return those of ``targets`` that belong to ``framework``.  Raises :class:`VerifyError` for an unknown name."""
    for name in targets:
        if name not in TARGETS:
            raise VerifyError(f"unknown target {name!r} (known: {', '.join(TARGETS)})")
    return [name for name in targets if TARGETS[name].framework == framework]
