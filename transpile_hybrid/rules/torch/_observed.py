"""Types that were seen at run time, written as annotations for TorchScript."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

from ...meaning.classes import Project
from ...meaning.module import Module
from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ...rewrite.edit import Edit, apply_edits, insert_line_after, insert_line_before
from ...source.source import Source
from ..rule import ModuleContext, UnitContext
from ._parameters import parameters_with_defaults
from ._types import NONE, TENSOR, UNKNOWN, T, list_of, optional, tuple_of, unify
from ._writing import annotate, writable

Seen = Mapping[str, Mapping[str, list[Any]]]
_WORDS = {word: T(word) for word in ("int", "float", "bool", "str", "none", "tensor", "dtype", "device")}
_ROUNDS = 40


@dataclass(frozen=True)
class Wanted:
    """An annotation that is to be written: of a parameter of a function, or of a class' attribute (``function`` is
    empty then)."""

    owner: str
    function: str
    name: str
    kind: T


def seen_type(seen: Any) -> T:
    """Return a type as the worker writes it (:mod:`transpile_hybrid.verify.worker.types_seen`)."""
    if isinstance(seen, str):
        return _WORDS.get(seen, UNKNOWN)
    head, *parts = seen
    kinds = [seen_type(one) for one in parts]
    if head == "tuple":
        return tuple_of(kinds)
    known = all(one.known for one in kinds)
    if head == "list":
        return list_of(kinds[0]) if known else T("list")
    return T("dict", tuple(kinds)) if known else T("dict")


def joined(seen: list[Any]) -> T:
    """Return the one type of a value that had several; ``UNKNOWN`` where there is none."""
    kinds = [seen_type(one) for one in seen]
    others = [one for one in kinds if one != NONE]
    for word in ("list", "dict"):  # an empty one is of the type that the others are
        if any(one.kind == word and one.args for one in others):
            others = [one for one in others if one != T(word)]
    if not others or not all(_whole(one) for one in others):
        return UNKNOWN
    found = reduce(lambda a, b: (unify(a, b) or UNKNOWN) if a.known else a, others)
    if not found.known or found.kind == "union":
        return UNKNOWN
    return optional(found) if len(others) < len(kinds) and NONE in kinds else found


def _whole(kind: T) -> bool:
    return kind.known and (kind.kind not in ("list", "dict") or bool(kind.args)) and all(map(_whole, kind.args))


def mentions(source: Source, functions: Collection[str]) -> set[str]:
    """Return the names that stand in functions, which are given as ``line:name``."""
    found: set[str] = set()
    for _, function in _functions(source.tree):
        if _key(function) in functions:
            for node in walk(function):
                if isinstance(node, ast.Name | ast.Attribute):
                    found.add(node.id if isinstance(node, ast.Name) else node.attr)
    return found


def _key(function: FunctionNode) -> str:
    line = min([function.lineno, *(one.lineno for one in function.decorator_list)])
    return f"{line}:{function.name}"


def wanted_of(source: Source, functions: Seen, attributes: Seen) -> list[Wanted]:
    """Return the annotations that ``source`` lacks and that TorchScript would need for the types that were seen.

    A parameter that was always a tensor needs none, nor does an attribute that always had one type.
    """
    found: list[Wanted] = []
    for owner, function in _functions(source.tree):
        seen = functions.get(_key(function), {}) if function.name != "__init__" else {}
        for number, (argument, default) in enumerate(_parameters(function)):
            if argument.annotation is not None or (owner and not number and argument.arg in ("self", "cls")):
                continue
            kind = joined(seen.get(argument.arg, []))
            if kind.known and isinstance(default, ast.Constant) and default.value is None:
                kind = optional(kind)
            if kind.known and kind != TENSOR:
                found.append(Wanted(owner, function.name, argument.arg, kind))
    for owner, node in _classes(source.tree):
        said = {s.target.id for s in node.body if isinstance(s, ast.AnnAssign) and isinstance(s.target, ast.Name)}
        for name, kinds in attributes.get(owner, {}).items():
            kind = joined(kinds)
            if name not in said and kind.known and (len(kinds) > 1):
                found.append(Wanted(owner, "", name, kind))
    return found


def annotated(source: Source, wanted: list[Wanted]) -> Source:
    """Return ``source`` with the annotations written, and the imports that they need; those that can't be are left."""
    left = list(wanted)
    for _ in range(_ROUNDS):
        if not left:
            break
        edits, left = _one_round(source, left)
        if not edits:
            break
        source = source.with_text(apply_edits(source, edits))
    return source


def _one_round(source: Source, wanted: list[Wanted]) -> tuple[list[Edit], list[Wanted]]:
    """Return edits of annotations that ask for the same imports, and what is to be written after them."""
    module = Module(source)
    ctx = UnitContext(source, module, Project([module]), "torch", (), False, [])
    edits: list[Edit] = []
    later: list[Wanted] = []
    imports: tuple[Edit, ...] | None = None
    for one in wanted:
        found = _edit(one, ctx)
        if found is None:
            continue
        edit, needed = found
        if imports is None or needed == imports:
            imports = needed
            edits += [edit, *(e for e in needed if e not in edits)]
        else:
            later.append(one)
    return edits, later


def _edit(one: Wanted, ctx: UnitContext) -> tuple[Edit, tuple[Edit, ...]] | None:
    tree = ctx.source.tree
    if not one.function:
        node = next((node for owner, node in _classes(tree) if owner == one.owner), None)
        text = writable(one.kind, ctx, node) if node is not None else None
        if node is None or text is None:
            return None
        return _in_class(ctx, node, f"{one.name}: {text[0]}"), text[1]
    function = next((f for owner, f in _functions(tree) if (owner, f.name) == (one.owner, one.function)), None)
    for argument, default in _parameters(function) if function is not None else ():
        if argument.arg == one.name and argument.annotation is None:
            text = writable(one.kind, ctx, function or argument)
            return None if text is None else (annotate(ctx, argument, default, text[0]), text[1])
    return None


def _parameters(function: FunctionNode) -> list[tuple[ast.arg, ast.expr | None]]:
    """Return all parameters, each with its default (``None``: it has none)."""
    spec = function.args
    defaults = {argument.arg: default for argument, default in parameters_with_defaults(spec)}
    return [(one, defaults.get(one.arg)) for one in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs)]


def _in_class(ctx: ModuleContext, node: ast.ClassDef, line: str) -> Edit:
    first = node.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        return insert_line_after(ctx.source, first, line)
    blank = ctx.source.newline if isinstance(first, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) else ""
    return insert_line_before(ctx.source, first, line + blank)


def _classes(tree: ast.Module) -> Iterator[tuple[str, ast.ClassDef]]:
    """Yield the classes of a module, those in classes too, with their qualified names."""
    work: list[tuple[str, ast.stmt]] = [("", one) for one in tree.body]
    while work:
        prefix, node = work.pop(0)
        if isinstance(node, ast.ClassDef):
            yield prefix + node.name, node
            work += [(f"{prefix}{node.name}.", one) for one in node.body]
        elif isinstance(node, ast.If | ast.Try):
            work += [(prefix, one) for one in [*node.body, *node.orelse]]


def _functions(tree: ast.Module) -> Iterator[tuple[str, FunctionNode]]:
    """Yield the functions of a module and its classes, each with the class that it is in (empty: none)."""
    work: list[ast.stmt] = list(tree.body)
    while work:
        node = work.pop(0)
        if isinstance(node, ast.FunctionDef):
            yield "", node
        elif isinstance(node, ast.If | ast.Try):
            work += [*node.body, *node.orelse]
    for owner, cls in _classes(tree):
        for one in cls.body:
            if isinstance(one, ast.FunctionDef):
                yield owner, one


__all__ = ["Wanted", "annotated", "joined", "mentions", "seen_type", "wanted_of"]
