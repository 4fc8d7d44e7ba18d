"""A reading of functions by TorchScript's rules: the type of every expression, and what the compiler would refuse.

It follows ``torch/jit/frontend.py`` and the IR emitter as far as types decide: a parameter without annotation is a
Tensor, a condition on a constant drops its dead branch, a variable has one type, a call must match a signature.  What
it doesn't know is ``UNKNOWN`` and never a problem; ``Typer.gaps`` counts it, so that *no problems and no gaps* is
proof."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...meaning.classes import ClassInfo, Project
from ...meaning.module import Module
from ...meaning.names import FunctionNode
from ...meaning.nodes import enumerated, walk
from ._chains import covers_all
from ._classes import class_model, self_name
from ._conditions import Conditions
from ._refused import CONTEXTS, is_refused
from ._types import (
    BOOL,
    DEVICE,
    DTYPE,
    FLOAT,
    INT,
    NO,
    NONE,
    SCALAR,
    STR,
    TENSOR,
    UNKNOWN,
    Parameter,
    Signature,
    T,
    accepts,
    constant,
    emptied,
    function_signatures,
    list_of,
    method_signatures,
    module_signature,
    optional,
    tables,
    tuple_of,
    unify,
    vary,
)  # fmt: skip
from ._unpacking import Piece, pieces

if TYPE_CHECKING:
    from ._reports import Report

Env = dict[str, T]
_DEVICE_CALLS = ("torch.device",)


@dataclass(frozen=True)
class Problem:
    """What TorchScript would refuse: ``kind`` names the rule, ``detail`` carries what it needs."""

    kind: str
    node: ast.AST
    detail: tuple[object, ...] = ()


@dataclass
class Typer(Conditions):
    """Types of one function.  ``script`` is false for code that plain Python runs (``__init__``, module level)."""

    module: Module
    project: Project
    info: ClassInfo | None = None
    script: bool = True
    types: dict[int, T] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    gaps: list[tuple[str, ast.AST]] = field(default_factory=list)
    returned: list[tuple[ast.Return, T]] = field(default_factory=list)
    me: str = ""
    depth: int = 0
    maybe: dict[str, ast.AST] = field(default_factory=dict)
    frames: list[Env] = field(default_factory=list)
    callees: list[Report] = field(default_factory=list)
    modules: list[T] = field(default_factory=list)
    world: dict[str, bool] = field(default_factory=dict)
    splits: list[str] = field(default_factory=list)
    guards: list[tuple[str, int]] = field(default_factory=list)
    end: Env = field(default_factory=dict)

    # ---------------------------------------------------------------- statements
    def run(self, function: FunctionNode, env: Env) -> T:
        """Type ``function`` with its parameters in ``env``; return what it returns."""
        self.me = self_name(function) if self.info is not None else ""
        end = self.block(function.body, dict(env))
        self.end = end or {}
        if covers_all(function, self.module):
            end = None  # THT305 says so
        if end is not None and self.returned and any(t.kind != "none" for _, t in self.returned):
            self.returned.append((ast.Return(value=None), NONE))
        if function.returns is not None:
            declared = self.annotation(function.returns)
            sure = not any(isinstance(one, ast.While | ast.Try) for one in walk(function))
            if end is not None and sure and declared.known and declared.kind != "none":
                self.problem("falls-through", function, declared)
            return declared
        result: T | None = None
        for node, one in self.returned:
            merged = one if result is None else unify(result, one)
            if merged is None:
                self.problem("return", node, result, one)
                return UNKNOWN
            result = merged
        return result if result is not None else NONE

    def problem(self, kind: str, node: ast.AST, *detail: object) -> None:
        if self.script and not any(p.kind == kind and p.node is node for p in self.problems):
            self.problems.append(Problem(kind, node, detail))

    def gap(self, why: str, node: ast.AST) -> T:
        if self.script:
            self.gaps.append((why, node))
        return UNKNOWN

    def block(self, body: list[ast.stmt], env: Env | None) -> Env | None:
        """Type statements; ``None`` means that the end of the block is not reached."""
        for statement in body:
            if env is None:
                return None
            env = self.statement(statement, env)
        return env

    def statement(self, node: ast.stmt, env: Env) -> Env | None:
        if isinstance(node, ast.Assign) and (found := pieces(node)) is not None:
            self.unpack(node, found, env)
        elif isinstance(node, ast.Assign):
            value = self.expr(node.value, env)
            for target in node.targets:
                self.assign(target, value, env, node.value)
        elif isinstance(node, ast.AnnAssign):
            if node.value is not None:
                self.expr(node.value, env)
            self.assign(node.target, self.annotation(node.annotation), env, None)
        elif isinstance(node, ast.AugAssign):
            left = self.expr(node.target, env)
            result = self.binary(node.op, left, self.expr(node.value, env), node)
            if isinstance(node.target, ast.Name):
                env[node.target.id] = left if left.kind == "tensor" else result
        elif isinstance(node, ast.Return):
            self.returned.append((node, self.expr(node.value, env) if node.value is not None else NONE))
            return None
        elif isinstance(node, ast.Raise):
            exception = node.exc
            self.message(exception.args if isinstance(exception, ast.Call) else [], env)
            return None
        elif isinstance(node, ast.If):
            return self.branch(node, env)
        elif isinstance(node, ast.For | ast.While):
            return self.loop(node, env)
        elif isinstance(node, ast.Expr):
            self.expr(node.value, env)
        elif isinstance(node, ast.Assert):
            self.condition(node.test, env)
            self.message([node.msg] if node.msg is not None else [], self.refine(node.test, dict(env), False))
            env = self.refine(node.test, env, True)
        elif isinstance(node, ast.With):
            for item in node.items:
                name = self.qualified(item.context_expr.func) if isinstance(item.context_expr, ast.Call) else None
                if name != "torch.no_grad":
                    self.gap("with", item)
                if name is not None and (name in CONTEXTS or is_refused(name)):
                    self.problem("refused-call", item.context_expr, name)
                if name == "warnings.catch_warnings":
                    self.problem("warnings-caught", node)
            return self.block(node.body, env)
        elif isinstance(node, ast.Break | ast.Continue):
            return None
        elif isinstance(node, ast.Pass) or (
            not self.script and isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom)
        ):
            pass
        else:
            self.gap(type(node).__name__, node)
            for child in walk(node):
                if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store):
                    env[child.id] = UNKNOWN
        return env

    def assign(self, target: ast.expr, value: T, env: Env, source: ast.expr | None) -> None:
        if isinstance(target, ast.Name):
            outer = next((frame[target.id] for frame in reversed(self.frames) if target.id in frame), UNKNOWN)
            if outer.known and value.known and accepts(Parameter("", outer), value) is False:
                self.problem("reassign", target, outer, value)
            elif outer.kind == "none" and not value.known and self.calls_module(source):
                self.problem("reassign", target, outer, T("a module's result"))
            env[target.id] = value if self.script else emptied(value)  # it may be filled under this name
            self.maybe.pop(target.id, None)
        elif isinstance(target, ast.Tuple | ast.List):
            if value.kind == "list" and any(isinstance(one, ast.Starred) for one in target.elts):
                self.problem("starred-items", target)
            if value.kind == "tensor" and source is not None:
                self.problem("tensor-unpacked", target, source)
            if value.kind == "union":
                self.problem("union-used", target, value)
            self.assign_items(target.elts, value, env)
        elif isinstance(target, ast.Attribute):
            if isinstance(target.value, ast.Name) and target.value.id == self.me:
                if not self.script:
                    env[f"self.{target.attr}"] = value
                    return
                held = self.attribute(target.attr, target)
                if held.kind == "?" and self.info is not None:
                    model = class_model(self.info, self.project)
                    if not model.hides(target.attr) and target.attr not in {*model.built, *model.registered}:
                        self.problem("new-attribute", target, value)
                        env[f"self.{target.attr}"] = value
                if held.known and value.known and accepts(Parameter("", held), value) is False:
                    self.problem("attribute-type", target, held, value)
            else:
                self.expr(target.value, env)
        elif isinstance(target, ast.Subscript):
            from ._expressions import check_index

            self.expr(target.value, env)
            self.expr(target.slice, env)
            check_index(self, target)

    def message(self, parts: list[ast.expr], env: Env) -> None:
        """Type what an exception says: it is compiled, but what isn't known of it makes nothing else uncertain."""
        known = len(self.gaps)
        for part in parts:
            self.expr(part, env)
        del self.gaps[known:]

    def calls_module(self, source: ast.expr | None) -> bool:
        """Whether a value comes from calling a module: whatever it is, it isn't None."""
        return isinstance(source, ast.Call) and self.types.get(id(source.func), UNKNOWN).kind == "module"

    def unpack(self, node: ast.Assign, found: list[Piece], env: Env) -> None:
        """Type an assignment with a star on one of its sides."""
        values = [self.expr(piece.value, env) for piece in found]
        for piece, value in zip(found, values, strict=True):
            if not piece.spread:
                self.assign(piece.targets[0], value, env, piece.value)
                continue
            if value.kind == "list":
                self.problem("starred-items", node)
            self.assign_items(piece.targets, value, env)

    def assign_items(self, targets: list[ast.expr], value: T, env: Env) -> None:
        """Type ``targets``, one of them perhaps with a star, which get the items of ``value``."""
        stars = [index for index, one in enumerate(targets) if isinstance(one, ast.Starred)]
        more = len(value.args) - len(targets) if stars and value.kind == "tuple" else 0
        if more < -1:  # fewer items than targets: Python raises, and nothing is known
            value, more = UNKNOWN, 0
        parts = self.parts(value, len(targets) + more)
        for index, target in enumerate(targets):
            behind = bool(stars) and index > stars[0]
            if not isinstance(target, ast.Starred):
                self.assign(target, parts[index + more if behind else index], env, None)
            elif value.kind == "list":
                self.assign(target.value, value, env, None)
            elif value.kind == "tuple" and self.script:
                self.assign(target.value, tuple_of(parts[index : index + more + 1]), env, None)
            else:
                self.gap("starred target", target)
                self.assign(target.value, UNKNOWN, env, None)

    def parts(self, value: T, count: int) -> list[T]:
        if value.kind == "tuple" and len(value.args) == count:
            return list(value.args)
        if value.kind == "list" and value.args:
            return [value.args[0]] * count
        if value.kind == "tensor":
            return [TENSOR] * count
        return [UNKNOWN] * count

    def branch(self, node: ast.If, env: Env) -> Env | None:
        self.condition(node.test, env)
        decided = self.decided(node.test, env)
        if decided is not None:
            self.guards.append((ast.unparse(node.test), len(self.frames)))
            end = self.block(node.body if decided else node.orelse, self.refine(node.test, env, decided))
            self.guards.pop()
            return end
        self.frames.append(dict(env))
        before = dict(self.maybe)
        yes = self.block(node.body, self.refine(node.test, dict(env), True))
        after, self.maybe = self.maybe, before
        no = self.block(node.orelse, self.refine(node.test, dict(env), False))
        if no is None:
            self.maybe = after
        elif yes is not None:
            self.maybe.update(after)
        self.frames.pop()
        return self.merge(yes, no, node)

    def condition(self, test: ast.expr, env: Env) -> None:
        from ._expressions import truth

        truth(self, test, self.expr(test, env))

    def merge(self, yes: Env | None, no: Env | None, node: ast.AST) -> Env | None:
        if yes is None or no is None:
            return yes if no is None else no
        merged: Env = {}
        for name in {*yes, *no}:
            if name not in yes or name not in no:
                self.maybe[name] = node
                continue
            both = self.joined(yes[name], no[name])
            if both is None:
                merged[name] = T("conflict", (yes[name], no[name]))
            else:
                merged[name] = both
        return merged

    def joined(self, a: T, b: T) -> T | None:
        """Return the type of what is ``a`` on one path and ``b`` on another: Python code needs no common one."""
        return unify(a, b) if self.script else a if a == b else vary([a.bare, b.bare])

    def is_display(self, node: ast.expr) -> bool:
        """Whether ``node`` is a list or tuple that is written out, or a name that is given nothing else."""
        if isinstance(node, ast.Name):
            found = self.module.scope_at(node).lookup(node.id)
            given = found[1] if found is not None else []
            return bool(given) and all(isinstance(one.value, ast.List | ast.Tuple) for one in given)
        return isinstance(node, ast.Tuple | ast.List)

    def loop(self, node: ast.For | ast.While, env: Env) -> Env | None:
        if isinstance(node, ast.For):
            row = self.expr(node.iter, env)
            over = enumerated(node.iter, self.qualified) or node.iter
            if self.is_display(over) and any(one.kind == "module" for one in self.types.get(id(over), UNKNOWN).args):
                self.problem("modules-in-row", over)
            element = self.element(row, node.iter)
        unrolled = isinstance(node, ast.For) and row.kind in ("tuple", "moduleiter", "module")
        for _ in range(2):
            inner = dict(env)
            if isinstance(node, ast.For):
                self.assign(node.target, element, inner, None)
            else:
                self.condition(node.test, inner)
            if not unrolled:  # else each round is code of its own, and a name may change its type
                self.frames.append(dict(env))
            after = self.block(node.body, inner)
            if not unrolled:
                self.frames.pop()
            for name in list(env):
                if after is not None and name in after:
                    both = self.joined(env[name], after[name])
                    env[name] = T("conflict", (env[name], after[name])) if both is None else both
            if after is not None:
                for name in after:
                    if name not in env:
                        self.maybe.setdefault(name, node)
        if unrolled and row.kind != "module" and after is not None:
            for name, value in after.items():
                env.setdefault(name, value)
        if node.orelse:
            self.gap("loop else", node)
        return env

    def element(self, value: T, node: ast.expr) -> T:
        if value.kind in ("list", "iter", "moduleiter") and value.args:
            return value.args[0]
        if value.kind == "tensor":
            return TENSOR
        if value.kind == "tuple":
            result = vary(value.args)
            return result if result.known else UNKNOWN
        if value.kind == "module":
            items = vary(value.args) if value.args else UNKNOWN
            return items if items.known or items.kind == "vary" else T("module", name="?")
        return self.gap("iteration", node)

    # ----------------------------------------------------------------- expressions
    def qualified(self, node: ast.expr) -> str | None:
        return self.module.qualified(node)

    def expr(self, node: ast.expr, env: Env) -> T:
        from ._expressions import expression

        result = expression(self, node, env)
        self.types[id(node)] = result
        return result

    def binary(self, op: ast.operator, left: T, right: T, node: ast.AST) -> T:
        from ._expressions import binary

        return binary(self, op, left, right, node)

    def attribute(self, name: str, node: ast.AST) -> T:
        """Return the type of ``self.name`` after construction."""
        if self.info is None or not self.script:  # a constructor at work: what it wrote is in its environment
            return UNKNOWN
        return attribute_type(self.info, name, self.project)  # constructors have a bound of their own

    def annotation(self, node: ast.expr) -> T:
        from ._annotations import annotation_type

        return annotation_type(node, self.module)


def parameter_env(typer: Typer, function: FunctionNode, skip_self: bool) -> Env:
    """Return the parameters as TorchScript takes them: annotated, or a Tensor."""
    env: Env = {}
    arguments = [*function.args.posonlyargs, *function.args.args]
    for arg in [*arguments[1 if skip_self else 0 :], *function.args.kwonlyargs]:
        env[arg.arg] = typer.annotation(arg.annotation) if arg.annotation is not None else TENSOR
    for star in (function.args.vararg, function.args.kwarg):
        if star is not None:
            env[star.arg] = UNKNOWN
    return env


_attribute_cache: dict[int, dict[tuple[int, str], T]] = {}


def attribute_type(info: ClassInfo, name: str, project: Project, depth: int = 0) -> T:
    """Return the type of an instance attribute after construction; ``vary`` where instances differ."""
    from ._construct import constructed_type

    if depth > 6:
        return UNKNOWN
    return constructed_type(info, name, project, depth)


__all__ = [
    "BOOL", "DEVICE", "DTYPE", "FLOAT", "INT", "NO", "NONE", "SCALAR", "STR", "TENSOR", "UNKNOWN", "Callable", "Env",
    "Parameter", "Problem", "Signature", "T", "Typer", "accepts", "attribute_type", "class_model", "constant",
    "function_signatures", "list_of", "method_signatures", "module_signature", "optional", "parameter_env", "tables",
    "tuple_of", "unify", "vary",
]  # fmt: skip
