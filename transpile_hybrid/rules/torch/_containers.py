"""Types of list and dict displays and of comprehensions."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ._types import STR, TENSOR, UNKNOWN, T, unify, vary

if TYPE_CHECKING:
    from ._typer import Env, Typer


def list_type(typer: Typer, node: ast.List, env: Env) -> T:
    types = [typer.expr(one, env) for one in node.elts]
    if not types:
        return T("list", (TENSOR,), const="empty") if typer.script else T("list", (UNKNOWN,))
    if any(t.kind in ("module", "class", "function") for t in types):
        return T("modulelist", tuple(types))
    if any(t.kind == "starred" and t.args[0].kind == "list" for t in types):
        typer.problem("starred-items", node)
    types = [item for t in types for item in _items(t)]
    element: T | None = types[0].bare
    for one in types[1:]:
        element = unify(element, one.bare) if element is not None else None
    if element is None:
        typer.problem("list-elements", node, *types)
        return T("list", (UNKNOWN,))
    return T("list", (element,))


def _items(kind: T) -> tuple[T, ...]:
    """Return the types that an item of a display adds to it: those of a starred sequence, or its own."""
    if kind.kind != "starred":
        return (kind,)
    inner = kind.args[0]
    return inner.args if inner.kind in ("list", "tuple") and inner.args else (UNKNOWN,)


def dict_type(typer: Typer, node: ast.Dict, env: Env) -> T:
    keys = [typer.expr(one, env) for one in node.keys if one is not None]
    values = [typer.expr(one, env) for one in node.values]
    if not node.keys and typer.script:
        return T("dict", (STR, TENSOR))  # what `{}` is taken for
    if not keys or len(keys) != len(values):
        return typer.gap("dict", node)
    key, value = vary(k.bare for k in keys), vary(v.bare for v in values)
    if not key.known or not value.known:
        typer.gap("dict", node)
    return T("dict", (key, value))


def comprehension_type(typer: Typer, node: ast.ListComp | ast.GeneratorExp | ast.DictComp, env: Env) -> T:
    inner = dict(env)
    generator = node.generators[0]
    if len(node.generators) > 1 or generator.ifs:
        typer.gap("comprehension", node)
    for generator in node.generators:
        typer.assign(generator.target, typer.element(typer.expr(generator.iter, inner), generator.iter), inner, None)
        for test in generator.ifs:
            typer.expr(test, inner)
    if isinstance(node, ast.DictComp):
        key, value = typer.expr(node.key, inner), typer.expr(node.value, inner)
        return T("dict", (key.bare, value.bare)) if key.known and value.known else typer.gap("dict", node)
    element = typer.expr(node.elt, inner)
    if element.kind in ("module", "class", "function"):
        return T("modulelist", (element,))
    return T("list", (element.bare,))
