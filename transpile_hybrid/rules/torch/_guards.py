"""Checks of a tensor's numbers that raise: written as assertions in the graph while a compiler traces."""

from __future__ import annotations

import ast

from ...rewrite.edit import Edit, Part, shares_line
from ..rule import UnitContext
from ._branches import known, tensor_atoms
from ._common import imported_name
from ._optional import is_elif
from ._reports import Report

_LONGEST = 60


def guard(node: ast.If, report: Report, ctx: UnitContext) -> Edit | None:
    """``if test: raise ...`` as assertions under ``if is_compiling():``, and else as it stands.

    Python's conditions in front (``x is not None and x.max() > 1``) are asked as they were.
    """
    if node.orelse or len(node.body) != 1 or not isinstance(node.body[0], ast.Raise) or is_elif(node, ctx):
        return None
    before, test = known(node.test, report, ctx)
    atoms = tensor_atoms(test, report, ctx)
    names = [
        imported_name(f"torch.{one}", ctx, node) for one in ("compiler.is_compiling", "_assert_async", "logical_not")
    ]
    if not atoms or None in names or shares_line(ctx.source, node):
        return None
    compiling, asserts, negates = names
    indent, newline = ctx.source.indent_of(node), ctx.source.newline
    parts: list[Part] = [f"if {compiling}():{newline}{indent}    "]
    if before:
        parts += ["if ", *joined(before), f":{newline}{indent}        "]
        indent += "    "
    message = _message(node.body[0].exc)
    for index, atom in enumerate(atoms):
        parts += [f"{newline}{indent}    "] if index else []
        opposite = atom.operand if isinstance(atom, ast.UnaryOp) and isinstance(atom.op, ast.Not) else None
        parts += [f"{asserts}(", *([opposite] if opposite else [f"{negates}(", atom, ")"]), f"{message})"]
    start = ctx.source.span(node).start
    return Edit(start, start + 2, (*parts, f"{newline}{ctx.source.indent_of(node)}elif"))


def checked(node: ast.Assert, report: Report, ctx: UnitContext) -> Edit | None:
    """``assert test, message`` with a message that is made on the spot, as an assertion in the graph."""
    if tensor_atoms(node.test, report, ctx) != [node.test] or shares_line(ctx.source, node) or isinstance(
        node.test, ast.UnaryOp
    ):  # fmt: skip
        return None
    names = [imported_name(f"torch.{one}", ctx, node) for one in ("compiler.is_compiling", "_assert_async")]
    if None in names:
        return None
    indent, newline = ctx.source.indent_of(node), ctx.source.newline
    said = _message(ast.Call(ast.Name("e"), [node.msg], [])) if node.msg is not None else ""
    head = (f"if {names[0]}():{newline}{indent}    {names[1]}(", node.test, f"{said}){newline}{indent}else:{newline}")
    span = ctx.source.span(node)
    parts: tuple[Part, ...] = (*head, f"{indent}    assert ", node.test)
    return Edit(span.start, span.end, (*parts, ", ", node.msg) if node.msg is not None else parts)


def joined(tests: list[ast.expr]) -> list[Part]:
    """Return conditions joined by ``and``; each of them stood in such a row already."""
    parts: list[Part] = []
    for index, one in enumerate(tests):
        parts += [" and ", one] if index else [one]
    return parts


def _message(raised: ast.expr | None) -> str:
    """Return the argument that says what was wrong: the text of the exception as far as it is fixed."""
    if not isinstance(raised, ast.Call) or not raised.args:
        return ""
    said = raised.args[0]
    whole = isinstance(said, ast.Constant)
    first = said.values[0] if isinstance(said, ast.JoinedStr) and said.values else said
    if not isinstance(first, ast.Constant) or not isinstance(first.value, str):
        return ""
    text = first.value if whole else first.value[:_LONGEST].rstrip() + " ..."
    quoted = ast.unparse(ast.Constant(text))
    return f", {quoted if quoted.startswith(chr(34)) or chr(34) in text else chr(34) + quoted[1:-1] + chr(34)}"
