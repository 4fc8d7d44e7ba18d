"""What the rules for PyTorch share: which code a compiler reads, its reports, and small builders of edits."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from ...meaning.classes import ClassInfo
from ...meaning.module import Module
from ...meaning.names import FunctionNode
from ...meaning.units import Unit
from ...rewrite.edit import Edit, Part, add_import, replace
from ..rule import ModuleContext, UnitContext
from ._reports import Report, report_of
from ._typer import Problem

ALL = ("torch.script", "torch.compile", "torch.export")
CLOCKS = frozenset(
    {f"time.{word}" for word in ("time", "perf_counter", "monotonic", "time_ns", "process_time")}
    | {"datetime.datetime.now"}
)
SCRIPT = ("torch.script",)
TRACED = ("torch.compile", "torch.export")
_NOT_READ = ("torch.jit.ignore", "torch.jit.unused", "torch.jit.script_method", "torch.compiler.disable")
_COMPILED = ("torch.jit.script", "torch.compile", "torch.jit.export")


def decorators(function: FunctionNode | ast.ClassDef, ctx: ModuleContext) -> list[str]:
    """Return the qualified names of the decorators."""
    names = (ctx.module.qualified(d.func if isinstance(d, ast.Call) else d) for d in function.decorator_list)
    return [name or "?" for name in names]


def is_compiled(unit: Unit, ctx: ModuleContext) -> bool:
    """Whether a compiler is meant to read ``unit``: a module class with a ``forward``, or a function marked so."""
    if unit.entry is None:
        return False
    if unit.kind == "class":
        return not any(name.startswith("torch.autograd") for base in _bases(unit) if (name := base))
    assert isinstance(unit.node, ast.FunctionDef | ast.AsyncFunctionDef)
    return any(name in _COMPILED for name in decorators(unit.node, ctx))


def _bases(unit: Unit) -> tuple[str | None, ...]:
    return unit.cls.bases if unit.cls is not None else ()


def is_read(function: FunctionNode, ctx: ModuleContext) -> bool:
    """Whether the compiler reads ``function`` (not ``@torch.jit.ignore`` and the like)."""
    return not any(name in _NOT_READ for name in decorators(function, ctx))


def is_scripted(function: FunctionNode, ctx: ModuleContext) -> bool:
    """Whether ``function`` is compiled when its file is imported (``@torch.jit.script``)."""
    return "torch.jit.script" in decorators(function, ctx)


def is_method(function: FunctionNode, ctx: ModuleContext) -> bool:
    parent = ctx.module.scopes.of(function).parent
    return parent is not None and parent.is_class


def reports(unit: Unit, ctx: UnitContext) -> Iterator[tuple[FunctionNode, Report]]:
    """Yield the functions of a compiled unit with what TorchScript makes of them."""
    if not is_compiled(unit, ctx):
        return
    work = list(unit.region)
    for function in work:
        if not is_read(function, ctx):
            continue
        info: ClassInfo | None = unit.cls if is_method(function, ctx) else None
        report = report_of(function, ctx.module, ctx.project, info)
        if report is not None:
            yield function, report
            # functions that attributes hold are no part of the region, which goes by names
            plain = [one for one in report.callees if one.info is None and one.module is ctx.module]
            work += [one.function for one in plain if one.function not in work]


def problems(unit: Unit, ctx: UnitContext, *kinds: str) -> Iterator[tuple[Problem, Report]]:
    """Yield the problems of these kinds in a compiled unit."""
    for _, report in reports(unit, ctx):
        for problem in report.problems:
            if problem.kind in kinds:
                yield problem, report


def _imports(module: Module) -> list[tuple[str, str]]:
    """Return the names that the file's imports bind at its top, each with what it stands for, one as often as bound."""
    known = module.notes.get("torch-imports")
    if not isinstance(known, list):
        known = module.notes["torch-imports"] = [
            (name, binding.target)
            for name, bindings in module.scopes.top.bindings.items()
            for binding in bindings
            if binding.kind == "import" and binding.target
        ]
    return known


def name_for(qualified: str, ctx: ModuleContext, at: ast.AST) -> tuple[str, tuple[Edit, ...]] | None:
    """Return a text that means ``qualified`` where ``at`` stands, with the import that it needs.

    ``None`` where the plain name is taken by something else.
    """
    scope = ctx.module.scope_at(at)
    module, _, last = qualified.rpartition(".")
    seen: list[str] = [last]
    for name, target in _imports(ctx.module):
        if target == qualified:
            seen.insert(0, name)
        elif qualified.startswith(target + "."):
            seen.insert(0, name + qualified[len(target) :])
    for text in sorted(dict.fromkeys(seen), key=lambda text: text.count(".")):  # `F` before `nn.functional`
        expression = ast.parse(text, mode="eval").body
        if scope.qualified(expression) == qualified:
            root = text.split(".")[0]
            found = scope.lookup(root)
            imports = found[1] if found is not None and all(b.kind == "import" for b in found[1]) else []
            if any(_early(b.node, at) for b in imports):  # an import again further down gives the same
                return text, ()
    if scope.lookup(last) is not None or last in dir(__builtins__):
        return None
    return last, (add_import(ctx.source, f"from {module} import {last}"),)


def imported_name(qualified: str, ctx: ModuleContext, at: ast.AST) -> str | None:
    """Return a text that means ``qualified`` where ``at`` stands; ``None`` where it would take an import."""
    found = name_for(qualified, ctx, at)
    return found[0] if found is not None and not found[1] else None


def _early(binding: ast.AST, at: ast.AST) -> bool:
    """Whether an import stands above ``at`` (annotations are evaluated when the ``def`` is)."""
    return getattr(binding, "lineno", 0) < getattr(at, "lineno", 1 << 30)


def asked_types(node: ast.AST, ctx: ModuleContext) -> tuple[ast.expr, list[ast.expr]] | None:
    """Return the value that ``isinstance(value, types)`` asks about, and the types one by one; ``None`` for others."""
    if not isinstance(node, ast.Call) or len(node.args) != 2 or ctx.qualified(node.func) != "builtins.isinstance":
        return None
    value, types = node.args
    return value, types.elts if isinstance(types, ast.Tuple) else [types]


def asks_training(node: ast.AST) -> bool:
    """Whether a condition (that of an ``if``, where one is given) asks for ``training``."""
    return "training" in ast.unparse(node.test if isinstance(node, ast.If | ast.IfExp) else node)


def in_training(node: ast.AST, ctx: ModuleContext) -> bool:
    """Whether only training runs ``node``: it stands under a question for ``training``, or the rest ends above it."""
    for one in (node, *ctx.module.ancestors(node)):
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef):
            return False
        if one is not node and isinstance(one, ast.If | ast.IfExp | ast.BoolOp) and asks_training(one):
            return True
        if isinstance(one, ast.stmt):
            block = block_of(one, ctx.module)
            if any(_ends_the_rest(earlier) for earlier in block[: block.index(one)] if block):
                return True
    return False


def _ends_the_rest(statement: ast.stmt) -> bool:
    """Whether it is ``if not self.training: ... return``."""
    if not isinstance(statement, ast.If) or not isinstance(statement.test, ast.UnaryOp) or statement.orelse:
        return False
    asks = isinstance(statement.test.op, ast.Not) and asks_training(statement.test.operand)
    return asks and isinstance(statement.body[-1], ast.Return | ast.Raise)


def block_of(statement: ast.stmt, module: Module) -> list[ast.stmt]:
    """Return the statements that ``statement`` is one of."""
    parent = module.parent(statement)
    blocks = (getattr(parent, name, None) for name in ("body", "orelse", "finalbody"))
    return next((rows for rows in blocks if isinstance(rows, list) and statement in rows), [])


def is_condition(node: ast.AST, ctx: ModuleContext) -> bool:
    """Whether only the truth of ``node`` counts where it stands."""
    parent = ctx.module.parent(node)
    if isinstance(parent, ast.If | ast.IfExp | ast.While | ast.Assert):
        return node is parent.test
    if isinstance(parent, ast.UnaryOp):
        return isinstance(parent.op, ast.Not)
    if isinstance(parent, ast.BoolOp):
        return is_condition(parent, ctx)
    return isinstance(parent, ast.comprehension) and node in parent.ifs


def stands_alone(node: ast.expr, ctx: ModuleContext) -> bool:
    """Whether any expression can take the place of ``node`` without brackets around it."""
    parent = ctx.module.parent(node)
    if isinstance(parent, ast.Call):
        return node is not parent.func
    if isinstance(parent, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Return | ast.keyword):
        return True
    return isinstance(parent, ast.Tuple | ast.List) and not isinstance(node, ast.Starred)


def in_place_of(node: ast.expr, parts: tuple[Part, ...], ctx: ModuleContext) -> Edit:
    """Return the edit that puts ``parts``, an operation, in the place of ``node``."""
    return replace(ctx.source, node, *(parts if stands_alone(node, ctx) else ("(", *parts, ")")))


def choose(whole: ast.BoolOp, test: str, yes: ast.expr, no: ast.expr, ctx: ModuleContext) -> Edit:
    """Return the edit that writes ``yes if test else no`` for what ``or`` and ``and`` give."""
    span, text = ctx.source.span(whole), ctx.source.text
    enclosed = text[: span.start].rstrip()[-1:] == "(" and text[span.end :].lstrip()[:1] == ")"
    plain = enclosed or isinstance(ctx.module.parent(whole), ast.Assign | ast.Return)
    parts: tuple[Part, ...] = (yes, f" if {test} else ", no)
    return replace(ctx.source, whole, *(parts if plain else ("(", *parts, ")")))


def call_of(
    callee: str, first: Part, arguments: Iterable[ast.expr], keywords: Iterable[ast.keyword]
) -> tuple[Part, ...]:
    """Return a call of ``callee`` with the arguments of another call; none of ``keywords`` is ``**``."""
    parts: list[Part] = [f"{callee}(", first]
    for one in arguments:
        parts += [", ", one]
    for keyword in keywords:
        parts += [f", {keyword.arg}=", keyword.value]
    return (*parts, ")")


VARIABLE = ("torch.autograd.Variable", "torch.autograd.variable.Variable")
"""The names of what was a tensor's class before tensors were variables."""


def is_literal(node: ast.expr) -> bool:
    """Whether ``node`` is a constant, or a negative one."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        node = node.operand
    return isinstance(node, ast.Constant)


def in_loop(at: ast.AST, module: Module) -> bool:
    """Whether a loop of the function that ``at`` stands in is around it."""
    for one in module.ancestors(at):
        if isinstance(one, ast.For | ast.While):
            return True
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef):
            return False
    return False
