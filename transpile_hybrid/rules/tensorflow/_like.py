"""Dtypes and shapes as the text proves them: whether two expressions give tensors that one graph variable can hold.

Nothing is known of what a parameter is but that it is a tensor, so a dtype is a name such as ``float32`` or ``x.dtype``
(the dtype that ``x`` came with), and a shape ``()``, ``(2, 3)``, ``x.shape`` or what an op makes of those.  Two tensors
are alike where both are told and equal.  Statements are followed in their order; where two ways meet, only what is the
same on both is kept.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field

from ...meaning.nodes import walk
from ._flow import assigned
from ._program import AnyFunction, Program
from ._tables import leaf, short

_FLOATS = frozenset({"float32", "float64", "float16", "bfloat16"})
_INTS = frozenset({"int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"})
_DTYPES = _FLOATS | _INTS | {"bool"}
_SAME = frozenset(
    {"acos", "asin", "asinh", "atan", "atanh", "ceil", "cos", "cosh", "cumsum", "elu", "erf", "exp", "expm1", "floor",
     "gelu", "identity", "leaky_relu", "log", "log1p", "log_softmax", "negative", "ones_like", "reciprocal", "relu",
     "relu6", "round", "rsqrt", "selu", "sigmoid", "sign", "silu", "sin", "sinh", "softmax", "softplus", "softsign",
     "sqrt", "square", "stop_gradient", "tan", "tanh", "zeros_like"}
)  # fmt: skip
"""Ops of one tensor whose result has its dtype and shape, called with that alone."""
_FLOATING = frozenset(
    {"acos", "asin", "atan", "cos", "cosh", "elu", "erf", "exp", "expm1", "gelu", "leaky_relu", "log", "log1p",
     "log_softmax", "rsqrt", "selu", "sigmoid", "silu", "sin", "sinh", "softmax", "softplus", "softsign", "sqrt", "tan",
     "tanh"}
)  # fmt: skip
"""Ops that take no integers: what they are given holds none."""
_REDUCE = frozenset({"reduce_max", "reduce_mean", "reduce_min", "reduce_prod", "reduce_sum"})
_TRUTH = frozenset({"reduce_all", "reduce_any"})
_BINARY = frozenset({"add", "maximum", "minimum", "multiply", "pow", "squared_difference", "subtract"})
_COMPARED = frozenset({"equal", "greater", "greater_equal", "less", "less_equal", "logical_and", "logical_or",
                       "not_equal"})  # fmt: skip
_RESHAPED = frozenset({"boolean_mask", "ensure_shape", "expand_dims", "gather", "gather_nd", "reshape", "reverse",
                       "sort", "squeeze", "tile", "transpose"})  # fmt: skip
"""Ops whose result has the dtype of the first tensor, and a shape of its own."""
_CALLS_DEEP = 3


@dataclass(frozen=True)
class Like:
    """What is told of a value: '' where nothing is.  ``number`` is the type of a Python number, which fits in."""

    dtype: str = ""
    shape: str = ""
    number: str = ""

    @property
    def told(self) -> bool:
        """Whether it is a tensor whose dtype and shape are told."""
        return bool(self.dtype and self.shape) and not self.number

    @property
    def is_scalar(self) -> bool:
        """Whether it surely is one number (or truth value)."""
        return self.shape == "()"


NOTHING = Like()
Env = dict[str, Like]


@dataclass
class Follower:
    """Follows statements; ``floating`` are the dtypes that were shown to be of floating point on the way."""

    program: Program
    function: AnyFunction
    floating: set[str] = field(default_factory=set)
    depth: int = 0
    writes: list[tuple[str, Like]] = field(default_factory=list)
    returned: dict[int, Like] = field(default_factory=dict)

    def entry(self) -> Env:
        """Return what the parameters are when the function is entered."""
        arguments = self.function.args
        env: Env = {}
        for arg in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]:
            scope = self.program.module.scopes.of(self.function)
            seed = self.program.kinds.seeds.get((id(scope.node), arg.arg))
            if seed is not None and seed.is_tensor:
                env[arg.arg] = Like(f"{arg.arg}.dtype", f"{arg.arg}.shape")
            elif seed is not None and seed.is_("int", "float") and seed.kind in ("int", "float"):
                env[arg.arg] = Like("", "()", seed.kind)
            else:
                env[arg.arg] = NOTHING
        return env

    def until(self, body: list[ast.stmt], stop: ast.stmt) -> Env | None:
        """Return what the names are where ``stop``, a statement of ``body``, begins."""
        env = self.entry()
        for statement in body:
            if statement is stop:
                return env
            self.run([statement], env)
        return None

    def run(self, body: list[ast.stmt], env: Env) -> None:
        """Change ``env`` as ``body`` does."""
        for node in body:
            if isinstance(node, ast.Assign):
                value = self.of(node.value, env)
                for target in node.targets:
                    self.bind(target, value, env, node.value)
            elif isinstance(node, ast.AnnAssign) and node.value is not None:
                self.bind(node.target, self.of(node.value, env), env, node.value)
            elif isinstance(node, ast.AugAssign):
                if isinstance(node.target, ast.Name):
                    old = env.get(node.target.id, NOTHING)
                    self._write(node.target.id, self._operation(node.op, old, self.of(node.value, env)), env)
            elif isinstance(node, ast.If):
                self.of(node.test, env)
                left, right = dict(env), dict(env)
                kept = set(self.floating)
                self.run(node.body, left)
                self.floating = set(kept)
                self.run(node.orelse, right)
                self.floating = kept
                for name in {*left, *right}:
                    env[name] = left[name] if left.get(name) == right.get(name) else NOTHING
            elif isinstance(node, ast.For | ast.While):
                self._loop(node, env)
            elif isinstance(node, ast.With):
                for item in node.items:
                    if item.optional_vars is not None:
                        self.bind(item.optional_vars, NOTHING, env)
                self.run(node.body, env)
            elif isinstance(node, ast.Expr | ast.Return):
                value = self.of(node.value, env) if node.value is not None else NOTHING
                if isinstance(node, ast.Return):
                    self.returned[id(node)] = value
            else:
                for name in assigned([node]):
                    self._write(name, NOTHING, env)

    def _loop(self, node: ast.For | ast.While, env: Env) -> None:
        inner, held = self.looped(node, env)
        for name in assigned([node]):
            env[name] = inner[name] if name in held else NOTHING

    def looped(self, node: ast.For | ast.While, env: Env) -> tuple[Env, set[str]]:
        """Return what the names are at the head of the loop ``node``, and which of those that it binds stay alike.

        A name stays alike where every assignment in the loop gives what it was before: then it is that wherever the
        loop is left.
        """
        names = assigned([node])
        held = {name for name in names if name in env}
        while True:
            head = {name: value if name in held or name not in names else NOTHING for name, value in env.items()}
            kept, log = set(self.floating), self.writes
            self.writes = []
            inner = dict(head)
            if isinstance(node, ast.For):
                self.bind(node.target, self.element(node.iter, inner), inner)
            self.run(node.body, inner)
            lost = {name for name, value in self.writes if name in held and value != env[name]}
            self.floating, self.writes = kept, log
            if not lost:
                return head, held
            held -= lost

    def bind(self, target: ast.expr, value: Like, env: Env, node: ast.expr | None = None) -> None:
        """Put ``value``, which ``node`` gives, into what ``target`` binds."""
        if isinstance(target, ast.Name):
            self._write(target.id, value, env)
            return
        same = isinstance(target, ast.Tuple) and isinstance(node, ast.Tuple) and len(target.elts) == len(node.elts)
        if same and not any(isinstance(one, ast.Starred) for one in target.elts):  # type: ignore[attr-defined]
            values = [self.of(one, env) for one in node.elts]  # type: ignore[union-attr]
            for one, given in zip(target.elts, values, strict=True):  # type: ignore[attr-defined]
                self.bind(one, given, env)
            return
        for name in walk(target):
            if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store):
                self._write(name.id, NOTHING, env)

    def _write(self, name: str, value: Like, env: Env) -> None:
        env[name] = value
        self.writes.append((name, value))

    def element(self, node: ast.expr, env: Env) -> Like:
        """Return what a loop over ``node`` gives."""
        if isinstance(node, ast.Call) and self.program.module.qualified(node.func) == "tensorflow.range":
            parts = [self.of(arg, env) for arg in node.args]
            whole = not node.keywords and all(part.number == "int" or part == Like("int32", "()") for part in parts)
            return Like("int32", "()") if parts and whole else NOTHING
        value = self.of(node, env)
        return Like(value.dtype, row(value.shape)) if value.dtype and not value.number else NOTHING

    # expressions

    def of(self, node: ast.expr, env: Env) -> Like:
        """Return what is told of ``node``."""
        if isinstance(node, ast.Constant):
            kind = type(node.value).__name__
            return Like("", "()", kind) if kind in ("int", "float") else NOTHING
        if isinstance(node, ast.Name):
            return env.get(node.id, self._outside(node))
        if isinstance(node, ast.UnaryOp):
            value = self.of(node.operand, env)
            return value if isinstance(node.op, ast.USub | ast.UAdd) else NOTHING
        if isinstance(node, ast.BinOp):
            left, right = self.of(node.left, env), self.of(node.right, env)
            return self._operation(node.op, left, right)
        if isinstance(node, ast.Compare):
            sides = [self.of(one, env) for one in (node.left, *node.comparators)]
            tensor = len(sides) == 2 and any(one.dtype for one in sides)
            plain = all(isinstance(op, ast.Lt | ast.LtE | ast.Gt | ast.GtE) for op in node.ops)
            return Like("bool", _broadcast(sides[0], sides[1])) if tensor and plain else NOTHING
        if isinstance(node, ast.IfExp):
            left, right = self.of(node.body, env), self.of(node.orelse, env)
            return left if left == right else NOTHING
        if isinstance(node, ast.Subscript):
            return self._subscript(node, env)
        if isinstance(node, ast.Call):
            value = self._call(node, env)
            if value.dtype and value.shape or not self.program.kinds.value(node).is_tensor:
                return value
            return self._anew(node, value)
        return NOTHING

    def _anew(self, node: ast.Call, value: Like) -> Like:
        """Return ``value`` with names of its own for what isn't told: a call gives one tensor each time it is reached.

        What a name in a loop was before the loop never has the names that the loop gives.
        """
        if value.number or self.depth:  # a function may be called twice, for tensors that differ
            return value
        place = f"@{node.lineno}:{node.col_offset}"
        return Like(value.dtype or f"{place}.dtype", value.shape or f"{place}.shape")

    def _outside(self, node: ast.Name) -> Like:
        value = self.program.kinds.value(node)
        found = self.program.module.scope_at(node).lookup(node.id)
        local = found is not None and found[0].node is self.function
        if local or not value.is_("int", "float") or value.kind not in ("int", "float"):
            return NOTHING
        return Like("", "()", value.kind)

    def _operation(self, op: ast.operator, left: Like, right: Like) -> Like:
        if left.number and right.number:
            floats = "float" in (left.number, right.number) or isinstance(op, ast.Div)
            return Like("", "()", "float" if floats else "int")
        if not isinstance(op, ast.Add | ast.Sub | ast.Mult | ast.Div | ast.Pow):
            return NOTHING
        for one, other in ((left, right), (right, left)):
            if other.number == "float" and one.dtype:
                self.floating.add(one.dtype)  # an integer tensor takes no float
        dtype = left.dtype or right.dtype
        if isinstance(op, ast.Div) and dtype not in _FLOATS and dtype not in self.floating:
            dtype = ""
        shape = _broadcast(left, right)
        return Like(dtype, shape)

    def _subscript(self, node: ast.Subscript, env: Env) -> Like:
        if (
            isinstance(node.value, ast.Attribute)
            and node.value.attr == "shape"
            and isinstance(node.slice, ast.Constant)
        ):
            return Like("", "()", "int")
        base = self.of(node.value, env)
        if not base.dtype or base.number:
            return NOTHING
        index = node.slice
        by_tensor = self.of(index, env) if not isinstance(index, ast.Slice | ast.Tuple) else NOTHING
        if by_tensor.number == "int" or (by_tensor.is_scalar and by_tensor.dtype in ("int32", "int64")):
            return Like(base.dtype, row(base.shape))
        literal = not any(isinstance(n, ast.Name | ast.Call | ast.Attribute) for n in walk(index))
        return Like(base.dtype, f"{base.shape}[{ast.unparse(index)}]" if literal and base.shape else "")

    def _call(self, node: ast.Call, env: Env) -> Like:
        given = [self.of(arg, env) for arg in node.args]
        for keyword in node.keywords:
            self.of(keyword.value, env)
        qualified = self.program.module.qualified(node.func) or ""
        if any(isinstance(arg, ast.Starred) for arg in node.args) or any(k.arg is None for k in node.keywords):
            return NOTHING
        if qualified == "builtins.len":
            return Like("", "()", "int")
        if not qualified.startswith("tensorflow."):
            return self._callee(node, given)
        first = given[0] if given else NOTHING
        name, keywords = leaf(qualified), {k.arg: k.value for k in node.keywords if k.arg != "name"}
        if name in _FLOATING and first.dtype:
            self.floating.add(first.dtype)
        if name in _SAME:
            return first if len(given) == 1 and not keywords and first.dtype else NOTHING
        if name in _BINARY and len(given) == 2 and not keywords and first.dtype:
            return Like(first.dtype, _broadcast(first, given[1])) if given[1].dtype or given[1].number else NOTHING
        if name in _COMPARED and len(given) == 2 and not keywords:
            return Like("bool", _broadcast(first, given[1]))
        if name in _REDUCE | _TRUTH:
            dtype = "bool" if name in _TRUTH else first.dtype
            if len(given) == 1 and not keywords:
                return Like(dtype, "()")
            return Like(dtype, _along(first.shape, node.args[1:], keywords))
        if name == "where" and len(given) == 3 and not keywords and given[1].dtype:
            return given[1] if given[1] == given[2] and first.shape in (given[1].shape, "()") else NOTHING
        if name == "clip_by_value" and len(given) == 3 and all(one.number for one in given[1:]):
            return first
        if name in ("matmul", "linalg.matvec") and len(given) == 2 and not keywords:
            shapes = f"{name}({first.shape}, {given[1].shape})" if first.shape and given[1].shape else ""
            return Like(first.dtype or given[1].dtype, shapes)
        if name == "cast" and first == NOTHING and len(node.args) == 2 and not keywords:
            return Like(self._dtype(node.args[1], env), "")
        if name in ("cast", "convert_to_tensor") and first != NOTHING:
            wanted = keywords.get("dtype", node.args[1] if len(node.args) > 1 else None)
            if wanted is None:
                return first if first.dtype else Like({"float": "float32", "int": "int32"}.get(first.number, ""), "()")
            return Like(self._dtype(wanted, env), first.shape)
        if name in _RESHAPED and first.dtype and not first.number:
            return Like(first.dtype, "")
        if name in ("size", "rank") and not keywords and len(given) == 1:
            return Like("int32", "()")
        if name == "shape" and not keywords and len(given) == 1:
            return Like("int32", f"rank({first.shape})" if first.shape else "")
        return self._made(node, short(qualified), keywords, env)

    def _made(self, node: ast.Call, name: str, keywords: dict[str | None, ast.expr], env: Env) -> Like:
        """Return what a tensor made of Python values is."""
        if name not in ("constant", "zeros", "ones") or not node.args:
            return NOTHING
        wanted = keywords.get("dtype", node.args[1] if len(node.args) > 1 else None)
        if set(keywords) - {"dtype"} or len(node.args) > 2:
            return NOTHING
        first = node.args[0]
        if name == "constant":
            value = self.of(first, env)
            if isinstance(first, ast.Constant) and isinstance(first.value, bool):
                return Like("bool", "()") if wanted is None else NOTHING
            plain = {"float": "float32", "int": "int32"}.get(value.number, "")
            return Like(self._dtype(wanted, env) if wanted is not None else plain, "()") if plain else NOTHING
        dtype = self._dtype(wanted, env) if wanted is not None else "float32"
        if isinstance(first, ast.Attribute) and first.attr == "shape":
            return Like(dtype, self.of(first.value, env).shape)
        if isinstance(first, ast.Call) and self.program.module.qualified(first.func) == "tensorflow.shape":
            return Like(dtype, self.of(first.args[0], env).shape if len(first.args) == 1 and not first.keywords else "")
        if isinstance(first, ast.Tuple | ast.List) and all(
            isinstance(one, ast.Constant) and isinstance(one.value, int) for one in first.elts
        ):
            sizes = ", ".join(ast.unparse(one) for one in first.elts)
            return Like(dtype, f"({sizes})" if sizes else "()")
        return NOTHING

    def _dtype(self, node: ast.expr, env: Env) -> str:
        if isinstance(node, ast.Attribute) and node.attr == "dtype":
            return self.of(node.value, env).dtype
        text = node.value if isinstance(node, ast.Constant) else (self.program.module.qualified(node) or "")
        text = str(text).removeprefix("tensorflow.")
        return text if text in _DTYPES else ""

    def _callee(self, node: ast.Call, given: list[Like]) -> Like:
        """Follow a function of this file that is called with plain arguments."""
        callees = self.program.kinds.callees(node)
        if self.depth >= _CALLS_DEEP or len(callees) != 1 or node.keywords:
            return NOTHING
        function = callees[0]
        names = [arg.arg for arg in [*function.args.posonlyargs, *function.args.args]]
        if id(function) in self.program.kinds.owner or function.args.vararg or len(names) != len(given):
            return NOTHING
        inner = Follower(self.program, function, self.floating, self.depth + 1)
        env = dict(zip(names, given, strict=True))
        if isinstance(function, ast.Lambda):
            return inner.of(function.body, env)
        simple = isinstance(function, ast.FunctionDef) and not function.decorator_list
        last = function.body[-1]
        if not simple or not isinstance(last, ast.Return) or last.value is None:
            return NOTHING
        if any(isinstance(n, ast.Return) and n is not last for n in walk(function)):
            return NOTHING
        inner.run(function.body[:-1], env)
        return inner.of(last.value, env)


def _along(shape: str, axes: list[ast.expr], keywords: dict[str | None, ast.expr]) -> str:
    """Return the shape that a reduction along ``axes`` leaves of ``shape``, where they are literals."""
    if not shape or any(
        isinstance(n, ast.Name | ast.Call | ast.Attribute) for v in [*axes, *keywords.values()] for n in walk(v)
    ):
        return ""
    options = [*map(ast.unparse, axes), *(f"{key}={ast.unparse(value)}" for key, value in keywords.items())]
    return f"reduced({shape}, {', '.join(options)})"


def row(shape: str) -> str:
    """Return the shape of an element along the first axis."""
    if shape.startswith("rank("):
        return "()"
    if shape.startswith("(") and shape.endswith(")"):
        parts = [part for part in shape[1:-1].split(", ") if part]
        return f"({', '.join(parts[1:])})" if len(parts) > 1 else "()" if parts else ""
    return f"row({shape})" if shape else ""


def _broadcast(left: Like, right: Like) -> str:
    """Return the shape that two operands give together, where it is told."""
    if left.is_scalar:
        return right.shape
    if right.is_scalar or left.shape == right.shape:
        return left.shape
    return ""


def alike(values: Iterable[Like]) -> bool:
    """Whether all of ``values`` are tensors of one dtype and shape."""
    found = set(values)
    return len(found) == 1 and all(value.told for value in found)


__all__ = ["NOTHING", "Env", "Follower", "Like", "alike", "row"]
