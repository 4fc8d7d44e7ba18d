"""A default that is of another type than what calls give (``p=3``, and a Parameter): TorchScript can't have both.

What it compiles becomes a function of its own, in which the parameter has no default; the old one calls it.
"""

from __future__ import annotations

import ast

from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ...rewrite.edit import Edit, insert, replace
from ..rule import UnitContext
from ._annotations import annotation_type
from ._callsites import call_table
from ._classes import bind
from ._copies import body_of, parameter_names
from ._parameters import given_to, is_supposed, literal_type, parameters_with_defaults, type_at
from ._types import STR, UNKNOWN, T
from ._writing import writable

_OUT_OF_SIGHT = ("locals", "vars", "eval", "exec", "super")


def given_otherwise(function: FunctionNode, name: str, own: T, ctx: UnitContext) -> T:
    """Return the one type that all calls give that give ``name`` something, if it isn't that of the default."""
    kinds: set[T] = set()
    given = given_to(function, name, ctx)
    for node, module in given:
        if is_supposed(node, module, ctx):
            return UNKNOWN
        kinds |= {one.bare for one in type_at(node, module, ctx).alternatives}
    if len(kinds) == 2:
        kinds -= {STR}  # a padding by name; in other instances it is several numbers
    if len(kinds) != 1:
        return UNKNOWN
    (kind,) = kinds
    return kind if kind.kind in ("tensor", "tuple") and kind != own.bare else UNKNOWN


def apart(function: FunctionNode, kinds: dict[str, T], ctx: UnitContext) -> tuple[Edit, ...]:
    """Return the edits that put what TorchScript compiles apart; ``kinds`` are the types of the untyped parameters."""
    arguments, source = function.args, ctx.source
    if not isinstance(function, ast.FunctionDef) or function not in ctx.module.tree.body or function.decorator_list:
        return ()
    if arguments.vararg or arguments.kwarg or arguments.posonlyargs or arguments.kwonlyargs:
        return ()
    name = f"_{function.name.strip('_')}"
    body = body_of(function)
    names = {getattr(n, "id", getattr(n, "name", getattr(n, "attr", ""))) for n in walk(ctx.module.tree)}
    inside = {n.id for n in walk(function) if isinstance(n, ast.Name)} & {*_OUT_OF_SIGHT, function.name}
    if not body or name in names or inside or any(isinstance(n, ast.Yield | ast.YieldFrom) for n in walk(function)):
        return ()
    if body[0].lineno == function.lineno or source.text[: source.span(body[0]).start].rpartition("\n")[2].strip():
        return ()  # it shares its line with the head, or with the docstring
    if getattr(body[0], "decorator_list", None):
        return ()
    shown, needed, imports = _parameters(function, kinds, ctx)
    if not shown:
        return ()
    edits: list[Edit] = []
    for site in call_table(ctx.project).of(ctx.module.scopes.of(function).path):
        bound = bind(site.node, function, False)
        if site.module is not ctx.module or bound is None or not needed <= set(bound):
            continue
        edits.append(replace(source, site.node.func, name))
    if not edits:
        return ()
    newline, indent = source.newline, source.indent_of(body[0])
    given = ", ".join(parameter_names(function))
    head = f"return {name}({given}){newline}{newline}{newline}def {name}({', '.join(shown)}):{newline}{indent}"
    return (insert(source.span(body[0]).start, head), *edits, *imports)


def _parameters(
    function: ast.FunctionDef, kinds: dict[str, T], ctx: UnitContext
) -> tuple[list[str], set[str], tuple[Edit, ...]]:
    """Return the parameters as they are written, those that every call must give, and the imports they need."""
    defaults = {arg.arg: default for arg, default in parameters_with_defaults(function.args)}
    fitting = {name: _fits(arg, kinds, default, ctx) for arg, default in parameters_with_defaults(function.args)
               for name in [arg.arg]}  # fmt: skip
    last = max((i for i, arg in enumerate(function.args.args) if fitting.get(arg.arg) is False), default=-1)
    shown: list[str] = []
    imports: tuple[Edit, ...] = ()
    for index, arg in enumerate(function.args.args):
        text = ctx.source.segment(arg)
        if arg.annotation is None and arg.arg in kinds:
            written = writable(kinds[arg.arg], ctx, function) if kinds[arg.arg].known else None
            if written is None:
                return [], set(), ()
            text, imports = f"{arg.arg}: {written[0]}", (*imports, *written[1])
        if arg.arg in defaults and index > last:
            text += f" = {ctx.source.segment(defaults[arg.arg])}"
        shown.append(text)
    return shown, {arg.arg for arg in function.args.args[: last + 1]}, imports


def _fits(arg: ast.arg, kinds: dict[str, T], default: ast.expr, ctx: UnitContext) -> bool:
    """Whether a default is of the type that its parameter gets."""
    kind = annotation_type(arg.annotation, ctx.module) if arg.annotation is not None else kinds.get(arg.arg, UNKNOWN)
    own = literal_type(default).bare
    if own.kind == "none":
        return kind.kind in ("none", "optional")
    return kind.bare == own or (kind.kind, own.kind) == ("float", "int")
