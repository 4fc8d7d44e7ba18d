"""How types are written in annotations, and the imports that this needs."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator

from ...meaning.nodes import walk
from ...rewrite.edit import Edit, add_import, insert, insert_after, insert_line_after
from ..rule import ModuleContext, UnitContext
from ._common import name_for
from ._types import BOOL, FLOAT, INT, STR, T


def writable(kind: T, ctx: ModuleContext, at: ast.AST) -> tuple[str, tuple[Edit, ...]] | None:
    """Return the annotation that says ``kind`` where ``at`` stands, and the imports that it needs."""
    missing: list[str] = []
    found = _written(kind, ctx, at, missing)
    if found is None or not missing:
        return found
    return found[0], (*found[1], import_from_typing(", ".join(dict.fromkeys(missing)), ctx))


_GENERIC = {"optional": "Optional", "list": "List", "tuple": "Tuple", "dict": "Dict", "union": "Union"}


def _written(
    kind: T, ctx: ModuleContext, at: ast.AST, missing: list[str], within: str = ""
) -> tuple[str, tuple[Edit, ...]] | None:
    """Do as ``writable`` for a part of a type; names of ``typing`` that aren't imported go to ``missing``."""
    plain = {INT: "int", FLOAT: "float", BOOL: "bool", STR: "str"}.get(kind.bare)
    if kind.kind == "none" and within in ("", "union"):
        plain = "None"
    if plain is not None:
        return plain, ()
    if kind.kind in _NAMES:
        return of_torch(_NAMES[kind.kind], ctx, at)
    if kind.kind not in _GENERIC or not kind.args:
        return None
    head = typing_word(_GENERIC[kind.kind], ctx, at)
    if head is not None and head[1]:
        missing.append(head[0])
    parts = [_written(one, ctx, at, missing, kind.kind) for one in kind.args]
    if head is None or any(part is None for part in parts):
        return None
    known = [part for part in parts if part is not None]
    edits = tuple(edit for _, more in known for edit in more)
    return f"{head[0]}[{', '.join(text for text, _ in known)}]", edits


_NAMES = {"tensor": "torch.Tensor", "device": "torch.device", "dtype": "torch.dtype"}


def of_torch(name: str, ctx: ModuleContext, at: ast.AST) -> tuple[str, tuple[Edit, ...]] | None:
    """Return how something of ``torch`` is written where ``at`` stands, and the import that it needs."""
    found = name_for(name, ctx, at)
    if found is not None and not found[1]:
        return found
    if ctx.module.scope_at(at).lookup("torch") is not None:
        return None
    return name, (add_import(ctx.source, "import torch"),)


def typing_word(word: str, ctx: ModuleContext, at: ast.AST) -> tuple[str, tuple[Edit, ...]] | None:
    """Return how a name of ``typing`` is written where ``at`` stands, and the import that it needs."""
    found = name_for(f"typing.{word}", ctx, at)
    if found is None or not found[1]:
        return found
    return word, (import_from_typing(word, ctx),)


def typing_words(words: list[str], ctx: ModuleContext, at: ast.AST) -> tuple[list[str], tuple[Edit, ...]] | None:
    """Return how names of ``typing`` are written where ``at`` stands, and the one import that they need."""
    found = [typing_word(word, ctx, at) for word in words]
    known = [one for one in found if one is not None]
    missing = [name for name, edits in known if edits]
    if len(known) < len(words):
        return None
    return [name for name, _ in known], (import_from_typing(", ".join(missing), ctx),) if missing else ()


def optional_word(ctx: ModuleContext, at: ast.AST) -> tuple[str, tuple[Edit, ...]] | None:
    """Return how ``Optional`` is written where ``at`` stands, and the import that it needs."""
    return typing_word("Optional", ctx, at)


def import_from_typing(word: str, ctx: ModuleContext) -> Edit:
    """Import ``word`` from ``typing`` where imports of the standard library stand in this file."""
    source = ctx.source
    tops = list(_top_imports(source.tree))
    for node in tops:
        if (
            (
                isinstance(node, ast.ImportFrom)
                and node.module == "typing"
                and not node.level
                and node.names[0].name != "*"
            )
            and node.lineno == node.end_lineno
            and not source.segment(node).endswith(")")
        ):
            return insert(source.span(node.names[-1]).end, f", {word}")
    return _standard_import(f"from typing import {word}", tops, ctx)


def import_standard(line: str, ctx: ModuleContext) -> Edit:
    """Write an import of the standard library where those stand in this file."""
    return _standard_import(line, list(_top_imports(ctx.source.tree)), ctx)


def import_modules(words: list[str], ctx: ModuleContext) -> Edit:
    """Import modules of the standard library where those stand in this file."""
    lines = [f"import {word}" for word in words]
    return import_standard(ctx.source.newline.join(lines), ctx)


def _standard_import(line: str, tops: list[ast.Import | ast.ImportFrom], ctx: ModuleContext) -> Edit:
    source = ctx.source
    standard = [node for node in tops if _is_standard(node)]
    if standard:
        return insert_line_after(source, standard[-1], line)
    first = next((node for node in tops if not _is_future(node)), None)
    if first is None or source.line_text(first.lineno).lstrip() != source.line_text(first.lineno):
        return add_import(source, line)
    start = source.line_starts[first.lineno - 1]
    return insert(start, line + source.newline * 2)


def _top_imports(tree: ast.Module) -> Iterator[ast.Import | ast.ImportFrom]:
    for index, node in enumerate(tree.body):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif not (index == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            return


def _is_future(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def _is_standard(node: ast.Import | ast.ImportFrom) -> bool:
    if _is_future(node):
        return False
    if isinstance(node, ast.ImportFrom):
        return not node.level and (node.module or "").split(".")[0] in sys.stdlib_module_names
    return all(alias.name.split(".")[0] in sys.stdlib_module_names for alias in node.names)


def annotate(ctx: UnitContext, arg: ast.arg, default: ast.expr | None, annotation: str) -> Edit:
    """Write ``arg: annotation = default``, with the blanks around ``=`` that an annotated default has."""
    end = ctx.source.span(arg).end
    if default is not None:
        start = ctx.source.span(default).start
        if ctx.source.text[end:start].strip() == "=":
            return Edit(end, start, (f": {annotation} = ",))
    return insert_after(ctx.source, arg, f": {annotation}")


def end_of_parameters(function: ast.FunctionDef, ctx: ModuleContext) -> int:
    """Return where the brackets around the parameters of a function end."""
    source = ctx.source
    offset = source.text.index("(", source.span(function).start)
    inside = [source.span(one) for one in walk(function.args) if isinstance(one, ast.Constant)]
    depth = 0
    while True:
        letter = source.text[offset]
        within = next((span for span in inside if span.start <= offset < span.end), None)
        if within is not None:  # brackets in a text are none
            offset = within.end
            continue
        if letter == "#":
            offset = source.text.index("\n", offset)
        depth += (letter in "([{") - (letter in ")]}")
        offset += 1
        if depth == 0:
            return offset


def functional_name(at: ast.AST, ctx: ModuleContext) -> tuple[str, tuple[Edit, ...]] | None:
    """Return how ``torch.nn.functional`` is written where ``at`` stands, and the import that it needs."""
    found = name_for("torch.nn.functional", ctx, at)
    if found is not None and not found[1]:
        return found
    module = name_for("torch.nn", ctx, at)
    if module is not None and not module[1]:
        return f"{module[0]}.functional", ()
    return of_torch("torch.nn.functional", ctx, at)
