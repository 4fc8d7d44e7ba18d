"""What the analysis starts from: the attributes after construction, and the arguments of a forward."""

from __future__ import annotations

import ast

from ...meaning.classes import ClassInfo
from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ._added import added_methods
from ._ancestry import constructor, constructors
from ._attribute import Attribute
from ._calls import GROWING
from ._evidence import tensor_parameters
from ._expr import ExprMixin
from ._names import is_layer
from ._values import CONFIG, OUTSIDE, UNKNOWN, Shape, Val, join_all


class SeedMixin(ExprMixin):
    """Reads constructors, and says what a forward is given."""

    def construct(self) -> None:
        """Read the class bodies and constructors, bases first."""
        assert self.info is not None
        run = constructors(self.info, self.project)
        for info in reversed(self.project.mro(self.info)):
            for statement in info.node.body:
                if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
                    self.bind_attribute(
                        statement.targets[0].id,
                        Val("number", free=True)
                        if isinstance(statement.value, ast.Constant) and statement.value.value is not None
                        else CONFIG,
                        "<class>",
                        statement,
                    )
            init = constructor(info, self.project)
            if init is not None and info in run:
                self.read_method(info, init)
        for info in self.project.mro(self.info):
            for name, method in {**info.methods, **added_methods(info, self.project)}.items():
                if name not in ("__init__", "forward", "hybrid_forward"):
                    self.note_setters(info, name, method)
                elif name != "__init__":
                    self.note_setters(info, "forward", method)

    def note_setters(self, info: ClassInfo, name: str, method: FunctionNode) -> None:
        """Record the attributes that a method other than the constructor assigns."""
        if any(
            isinstance(n, ast.Attribute) and n.attr in ("_clear_cached_op", "hybridize", "cast") for n in walk(method)
        ):
            self.refreshing.add(name)
        first = method.args.args[0].arg if method.args.args else ""
        for node in walk(method):
            if (
                isinstance(node, ast.Attribute)
                and isinstance(node.ctx, ast.Store | ast.Del)
                and isinstance(node.value, ast.Name)
                and node.value.id == first
            ):
                found = self.attrs.setdefault(node.attr, Attribute(UNKNOWN))
                found.setters.add(name)
                found.nodes.append(node)
                if name not in self.construction_methods():
                    found.value = found.value.but(free=False)
            elif name not in self.construction_methods() and (held := _grown(node, first)):
                known = self.attrs.get(held)
                if known is not None and known.value.kind in ("seq", "dict"):
                    known.value = known.value.but(items=None, item=join_all([*known.value.contents(), UNKNOWN]))

    def construction_methods(self) -> set[str]:
        """Names of methods that only the constructor calls."""
        return self.built_by

    def read_method(self, info: ClassInfo, method: FunctionNode) -> None:
        module, self.module = self.module, info.module
        try:
            env: dict[str, Val] = {}
            arguments = method.args
            positional = [*arguments.posonlyargs, *arguments.args]
            defaults = [None] * (len(positional) - len(arguments.defaults)) + list(arguments.defaults)
            for arg, default in zip(positional, defaults, strict=True):
                env[arg.arg] = self.config_parameter(default, f"{info.qualified}({arg.arg})")
            for arg, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
                env[arg.arg] = self.config_parameter(default, f"{info.qualified}({arg.arg})")
            for extra in (arguments.vararg, arguments.kwarg):
                if extra is not None:
                    env[extra.arg] = CONFIG
            if positional:
                env[positional[0].arg] = Val("self")
            self.recording = info.module is self.unit.module
            self.call_function(method, env, record=self.recording, name="__init__")
        finally:
            self.module = module

    def config_parameter(self, default: ast.expr | None, name: str) -> Val:
        """Return what a constructor argument is, judged by its default; its dim is a symbol of its own."""
        symbol = (("c", name),)
        held = self.qualified(default) if isinstance(default, ast.Name | ast.Attribute) else None
        if held is not None and (is_layer(held) or self.is_block(held)):
            self.classes_given.setdefault(name, held)
            return Val("class", cls=held, free=True)
        if isinstance(default, ast.UnaryOp) and isinstance(default.op, ast.USub):
            default = default.operand
        if isinstance(default, ast.Constant) and default.value is not None:
            whole = isinstance(default.value, int) and not isinstance(default.value, bool)
            return Val("int" if whole else "number", free=True, dim=symbol if whole else None)
        return CONFIG.but(none=isinstance(default, ast.Constant), dim=symbol)

    def is_block(self, name: str) -> bool:
        """Whether a class of the repository is a block."""
        info = self.project.class_named(name)
        base = self.project.framework_base(info) if info is not None else None
        return base is not None and base.framework == "mxnet" and base.role == "module"

    def entry_arguments(self, entry: FunctionNode) -> dict[str, Val]:
        """Return the parameters of the forward: tensors where their use shows it."""
        env: dict[str, Val] = {}
        arguments = entry.args
        positional = [*arguments.posonlyargs, *arguments.args]
        defaults = [None] * (len(positional) - len(arguments.defaults)) + list(arguments.defaults)
        shown = tensor_parameters(entry, self)
        for index, (arg, default) in enumerate(zip(positional, defaults, strict=True)):
            if index == 0:
                env[arg.arg] = Val("self")
            elif index == 1 and entry.name == "hybrid_forward":
                env[arg.arg] = Val("F", free=True)
            else:
                env[arg.arg] = self.input_value(arg, default, shown)
        for arg, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
            env[arg.arg] = self.input_value(arg, default, shown)
        if arguments.vararg is not None:
            item = Val("unknown", shape=Shape(f"{arguments.vararg.arg}[]"), bases=frozenset({OUTSIDE}), assumed=True)
            env[arguments.vararg.arg] = Val("seq", item=item, bases=frozenset({OUTSIDE}))
        return env

    def input_value(self, arg: ast.arg, default: ast.expr | None, shown: dict[str, str]) -> Val:
        attribute = self.attrs.get(arg.arg)
        kind = shown.get(arg.arg, "")
        none = isinstance(default, ast.Constant) and default.value is None
        if (
            attribute is not None
            and attribute.value.kind == "param"
            and self.unit.entry is not None
            and (self.unit.entry.name == "hybrid_forward")
        ):
            return attribute.value.but(
                kind="tensor", shape=attribute.value.shape or Shape(arg.arg), bases=frozenset({OUTSIDE})
            )
        if kind == "seq":
            return Val("seq", item=Val("tensor", shape=Shape(f"{arg.arg}[]"), bases=frozenset({OUTSIDE})), none=none)
        if default is not None and not none and (literal := _literal(default)) is not None:
            return literal
        if kind == "tensor":
            return Val("tensor", shape=self.named_shape(arg.arg), bases=frozenset({OUTSIDE}), none=none)
        return Val("unknown", shape=self.named_shape(arg.arg), bases=frozenset({OUTSIDE}), none=none, assumed=True)


def _grown(node: ast.AST, first: str) -> str:
    """Return ``name`` for ``self.name.append(...)`` and ``self.name[...] = ...``, else nothing."""
    holder: ast.AST | None = None
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in GROWING:
        holder = node.func.value
    elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
        holder = node.value
    mine = isinstance(holder, ast.Attribute) and isinstance(holder.value, ast.Name) and holder.value.id == first
    return holder.attr if mine and isinstance(holder, ast.Attribute) else ""


def _literal(node: ast.expr) -> Val | None:
    """Return a default that is a number, a string, or a tuple of them: an argument left out is no array."""
    if isinstance(node, ast.UnaryOp):
        node = node.operand
    if isinstance(node, ast.Constant):
        return Val("number", bases=frozenset())
    if isinstance(node, ast.Tuple) and node.elts:
        parts = [_literal(element) for element in node.elts]
        return Val("seq", item=parts[0], bases=frozenset()) if all(part is not None for part in parts) else None
    return None
