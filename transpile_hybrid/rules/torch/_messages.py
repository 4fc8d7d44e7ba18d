"""Texts of exceptions: what TorchScript can't read there is said by ``str.format``, which it reads."""

from __future__ import annotations

import ast

from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Edit, replace
from ..rule import ModuleContext
from ._classes import whose_class
from ._common import in_place_of
from ._writing import of_torch


def in_message(node: ast.AST, ctx: ModuleContext) -> bool:
    """Whether ``node`` stands in what a ``raise`` raises, or in the message of an ``assert``."""
    child, parent = node, ctx.module.parent(node)
    while parent is not None and not isinstance(parent, ast.stmt):
        child, parent = parent, ctx.module.parent(parent)
    return (isinstance(parent, ast.Raise) and child is parent.exc) or (
        isinstance(parent, ast.Assert) and child is parent.msg
    )


def readable(node: ast.expr, unit: Unit, ctx: ModuleContext) -> tuple[Edit, ...]:
    """Return the edits that let TorchScript read the part of a message that ``node`` stands in; none outside of one.

    ``f"{x:.2f}"`` becomes ``"{:.2f}".format(x)``, the same text in Python.  The name of the module's class
    (``self.__class__.__name__``) is asked in Python only: TorchScript gets it as a text.
    """
    if not in_message(node, ctx):
        return ()
    text = f_string_around(node, ctx)
    part = text or ctx.module.parent(node)
    if not isinstance(part, ast.expr) or (text is None and not _is_own_name(part, unit, ctx)):
        return ()
    names = [one for one in walk(part) if _is_own_name(one, unit, ctx)] if text is not None else [part]
    word, imports = "", tuple[Edit, ...]()
    if names:
        scripting = of_torch("torch.jit.is_scripting", ctx, node)
        if scripting is None or unit.cls is None:
            return ()
        word, imports = f'"{unit.cls.name}" if {scripting[0]}() else ', scripting[1]
    if text is None:
        return (in_place_of(part, (word, part), ctx), *imports)
    written = _formatted(text, {id(one) for one in names}, word)
    return (replace(ctx.source, text, written), *imports) if written is not None else ()


def f_string_around(node: ast.expr, ctx: ModuleContext) -> ast.JoinedStr | None:
    """The outermost f-string that ``node`` stands in: positions inside of one can't be trusted before Python 3.12."""
    found, at = None, ctx.module.parent(node)
    while at is not None and not isinstance(at, ast.stmt):
        found = at if isinstance(at, ast.JoinedStr) else found
        at = ctx.module.parent(at)
    return found


def _is_own_name(node: ast.AST, unit: Unit, ctx: ModuleContext) -> bool:
    """Whether this is ``self.__class__.__name__`` or ``type(self).__name__``."""
    if not isinstance(node, ast.Attribute) or node.attr != "__name__":
        return False
    asked = whose_class(node.value, ctx.qualified)
    return isinstance(asked, ast.Name) and asked.id == unit.self_name


def _formatted(text: ast.JoinedStr, names: set[int], word: str) -> str | None:
    """Return ``"... {:.2f} ...".format(...)``; None where the text would have to be written with escapes."""
    arguments: list[str] = []
    template = _template(text, arguments, names, word)
    plain = repr(template)
    if "\\" in plain.replace("\\n", "").replace("\\t", ""):
        return None
    if plain[0] == "'" and '"' not in template:
        plain = f'"{plain[1:-1]}"'
    return f"{plain}.format({', '.join(arguments)})"


def _template(text: ast.JoinedStr, arguments: list[str], names: set[int], word: str) -> str:
    parts: list[str] = []
    for value in text.values:
        if isinstance(value, ast.Constant):
            parts.append(str(value.value).replace("{", "{{").replace("}", "}}"))
        elif isinstance(value, ast.FormattedValue):
            arguments.append((word if id(value.value) in names else "") + ast.unparse(value.value))
            asked = "" if value.conversion == -1 else f"!{chr(value.conversion)}"
            spec = value.format_spec
            within = _template(spec, arguments, names, word) if isinstance(spec, ast.JoinedStr) else ""
            parts.append(f"{{{asked}{':' if within else ''}{within}}}")
    return "".join(parts)
