"""Expressions: the half of the analysis that says what each operator, call and index gives."""

from __future__ import annotations

import ast

from ._added import method_named
from ._callsite import MODEL_ZOO, CallMixin
from ._index import index_shape, int_constant
from ._names import operator_name
from ._ops import broadcast, tensor
from ._values import (
    CONFIG,
    NUMBER,
    OUTSIDE,
    UNKNOWN,
    Env,
    Shape,
    Val,
    dim,
    join,
    join_all,
    number,
    quotient,
    ranked,
    seq,
)


class ExprMixin(CallMixin):
    """Evaluates expressions; the statements are in :class:`~._interp.Interp`."""

    def name_of(self, node: ast.AST) -> str:
        """Return the symbolic name of what ``node`` gives on the current call path."""
        start, end = getattr(node, "col_offset", 0), getattr(node, "end_col_offset", 0)
        return f"{self.path}{getattr(node, 'lineno', 0)}:{start}-{end}"

    def eval(self, node: ast.expr, env: Env) -> Val:
        """Return, and keep, what is known of ``node``."""
        value = self._eval(node, env)
        if value.kind == "tensor" and value.shape is not None and value.shape.dims is None:
            value = value.but(shape=self.sized(value.shape))
        if self.recording:
            self.values[id(node)] = value
        return value

    def _eval(self, node: ast.expr, env: Env) -> Val:
        if isinstance(node, ast.Constant):
            return number(node.value)
        if isinstance(node, ast.Name):
            return self.name_value(node, env)
        if isinstance(node, ast.Attribute):
            return self.attribute(node, env)
        if isinstance(node, ast.Call):
            return self.call(node, env)
        if isinstance(node, ast.BinOp):
            return self.binary_result(node, self.eval(node.left, env), self.eval(node.right, env))
        if isinstance(node, ast.UnaryOp):
            return self.unary(node, env)
        if isinstance(node, ast.BoolOp):
            parts = [self.eval(v, env) for v in node.values]
            return join_all(parts, self.name_of(node))
        if isinstance(node, ast.Compare):
            return self.compare(node, env)
        if isinstance(node, ast.Subscript):
            return self.subscript(node, env)
        if isinstance(node, ast.List | ast.Tuple):
            if any(isinstance(e, ast.Starred) for e in node.elts):
                parts = [self.eval(e.value if isinstance(e, ast.Starred) else e, env) for e in node.elts]
                flat = [self.element(p, self.name_of(node)) if isinstance(e, ast.Starred) else p
                        for p, e in zip(parts, node.elts, strict=True)]  # fmt: skip
                return Val("seq", item=join_all(flat), free=all(p.free for p in parts))
            return seq([self.eval(e, env) for e in node.elts])
        if isinstance(node, ast.IfExp):
            self.eval(node.test, env)
            return join(self.eval(node.body, env), self.eval(node.orelse, env), self.name_of(node))
        if isinstance(node, ast.ListComp | ast.GeneratorExp | ast.SetComp):
            return self.comprehension(node, env)
        if isinstance(node, ast.Starred):
            return self.eval(node.value, env)
        if isinstance(node, ast.Dict):
            values = [self.eval(v, env) for v in node.values]
            return Val("dict", item=join_all(values) if values else None, free=all(v.free for v in values))
        if isinstance(node, ast.DictComp):
            return self.dict_comprehension(node, env)
        if isinstance(node, ast.Lambda):
            return self.define(node, "", env)
        if isinstance(node, ast.JoinedStr):
            for part in node.values:
                if isinstance(part, ast.FormattedValue):
                    self.eval(part.value, env)
            return NUMBER
        if isinstance(node, ast.NamedExpr):
            value = self.eval(node.value, env)
            env.names[node.target.id] = value
            return value
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.eval(child, env)
        return UNKNOWN

    def name_value(self, node: ast.Name, env: Env) -> Val:
        if node.id in env.names:
            return env.names[node.id]
        name = self.qualified(node)
        if name is not None:
            if name.startswith("builtins."):
                return Val("function", cls=name, free=True)
            if name in ("mxnet", "numpy", "math") or name.split(".")[0] in ("mxnet", "numpy"):
                return Val("namespace", cls=name, free=True)
            if self.project.class_named(name) is not None:
                return Val("class", cls=name, free=True)
        found = self.module.scope_at(node).lookup(node.id)
        if found is None:
            return UNKNOWN
        scope, bindings = found
        binding = bindings[0]
        if binding.kind == "def":
            return Val("function", cls=f"def:{node.id}", free=True)
        if binding.kind == "import":
            return Val("config", cls=name or "", free=True, bases=frozenset({OUTSIDE}))
        if scope.is_module and len(bindings) == 1 and binding.value is not None:
            return self.global_value(binding.value)
        return UNKNOWN if not scope.is_module else CONFIG.but(free=len(bindings) == 1)

    def global_value(self, value: ast.expr) -> Val:
        if isinstance(value, ast.Constant):
            return number(value.value)
        if isinstance(value, ast.Call):
            op = operator_name(value.func, self, None)
            if op is not None and (
                op[1] in ("array",) or op[1].split(".")[-1] in ("ones", "zeros", "arange", "full", "array")
            ):
                return Val("tensor", cls="captured", shape=Shape(f"global:{value.lineno}"), bases=frozenset({OUTSIDE}))
        return CONFIG

    def attribute(self, node: ast.Attribute, env: Env) -> Val:
        base = self.eval(node.value, env)
        if base.kind == "self":
            attribute = self.attrs.get(node.attr)
            if attribute is None:
                if self.info is not None and method_named(self.info, node.attr, self.project) is not None:
                    return Val("function", cls=f"self:{node.attr}", free=True)
                return CONFIG.but(cls=f"attr:{node.attr}")
            value = attribute.value
            if value.kind in ("int", "config", "number") and value.dim is None and value.const is None:
                value = value.but(dim=(("c", f"self.{node.attr}"),))
            if value.kind == "tensor":
                value = value.but(cls=value.cls or "attribute", bases=frozenset({OUTSIDE}))
            return value
        if base.kind == "F":
            return Val("F", free=True, cls=f"{base.cls}.{node.attr}" if base.cls else node.attr)
        if base.kind == "namespace":
            name = f"{base.cls}.{node.attr}"
            return Val("namespace", cls=name, free=True)
        known = base.is_tensor or base.kind == "unknown"
        if known and node.attr == "shape":
            shape = self.sized(base.shape) or Shape(f"{self.name_of(node.value)}")
            if shape.dims is not None:
                items = tuple(Val("int", dim=d, integer=True) for d in shape.dims)
                return Val("shape", shape=shape, items=items)
            return Val("shape", shape=shape)
        if known and node.attr in ("context", "ctx"):
            return Val("context")
        if known and node.attr == "dtype":
            return Val("dtype")
        if known and node.attr in ("ndim", "size"):
            return Val("int", integer=True)
        if known and node.attr == "T":
            turned = base.shape
            return tensor(
                self.name_of(node),
                None if turned is None or turned.dims is None else Shape(self.name_of(node), turned.dims[::-1]),
            )
        if base.kind == "array":
            return Val("array")
        if base.kind == "frame" and isinstance(base.const, int):
            return self.frame(base.const - 1) if node.attr == "f_back" else self.frame_names(base)
        if base.kind == "module" and base.cls.startswith(MODEL_ZOO) and node.attr in ("features", "output"):
            return base
        if base.kind in ("module", "either"):
            return CONFIG
        if base.free:
            return CONFIG
        return UNKNOWN

    def unary(self, node: ast.UnaryOp, env: Env) -> Val:
        value = self.eval(node.operand, env)
        if isinstance(node.op, ast.Not):
            return NUMBER.but(free=value.free)
        if value.is_tensor:
            return tensor(self.name_of(node), value.shape, boolean=isinstance(node.op, ast.Invert)).but(
                whole=value.whole
            )
        if isinstance(node.op, ast.USub) and isinstance(value.const, int | float):
            return number(-value.const)
        return value.but(const=None, dim=None) if value.kind in ("int", "number", "config") else UNKNOWN

    def compare(self, node: ast.Compare, env: Env) -> Val:
        parts = [self.eval(node.left, env), *(self.eval(c, env) for c in node.comparators)]
        if isinstance(node.ops[0], ast.Is | ast.IsNot | ast.In | ast.NotIn):
            return NUMBER.but(free=all(p.free for p in parts), const=None)
        tensors = [p for p in parts if p.is_tensor]
        if tensors:
            shape = (
                tensors[0].shape
                if len(tensors) == 1
                else broadcast(tensors[0].shape, tensors[1].shape, self.name_of(node))
            )
            return tensor(self.name_of(node), shape, boolean=True)
        if any(p.kind == "unknown" for p in parts):
            return UNKNOWN
        return NUMBER.but(free=all(p.free for p in parts), const=None)

    def binary_result(self, node: ast.AST, a: Val, b: Val) -> Val:
        """Return the result of an arithmetic operator."""
        name = self.name_of(node)
        op = getattr(node, "op", None)
        if a.is_tensor and b.is_tensor:
            both = (a.whole or a.boolean) and (b.whole or b.boolean)
            logical = isinstance(op, ast.BitAnd | ast.BitOr | ast.BitXor | ast.Mult) and a.boolean and b.boolean
            out = tensor(name, broadcast(a.shape, b.shape, name), boolean=logical)
            return out.but(whole=both and not logical and not isinstance(op, ast.Div))
        if a.is_tensor or b.is_tensor:
            one, other = (a, b) if a.is_tensor else (b, a)
            whole = (one.whole or one.boolean) and other.kind == "int" and not isinstance(op, ast.Div)
            if other.kind in ("unknown", "param"):
                return tensor(name)
            return tensor(name, one.shape).but(whole=whole)
        if a.kind == "seq" and b.kind == "seq" and isinstance(op, ast.Add):
            if a.items is not None and b.items is not None:
                return seq([*a.items, *b.items])
            parts = a.contents() + b.contents()
            return Val("seq", item=join_all(parts) if parts else None)
        if a.kind == "seq" and isinstance(op, ast.Mult):
            return Val("seq", item=join_all(a.contents()) if a.contents() else None, bases=a.bases)
        if a.kind == "shape" or b.kind == "shape":
            if a.items is not None and b.items is not None and isinstance(op, ast.Add):
                return Val("shape", items=(*a.items, *b.items), shape=Shape(name))
            return Val("shape", shape=Shape(name))
        if a.kind in ("int", "number", "config") and b.kind in ("int", "number", "config"):
            return self.numbers(op, a, b)
        if "array" in (a.kind, b.kind):
            return Val("array")
        if (
            a.kind == "unknown"
            and b.kind in ("int", "number", "config", "unknown")
            and a.assumed
            and a.shape is not None
        ):
            return tensor(name, a.shape if b.kind != "unknown" else None)
        return UNKNOWN.but(free=a.free and b.free)

    def numbers(self, op: object, a: Val, b: Val) -> Val:
        free = a.free and b.free
        kind = "int" if a.kind == b.kind == "int" and not isinstance(op, ast.Div | ast.Pow) else "number"
        out: Val = Val(kind, free=free, integer=a.integer or b.integer)
        if isinstance(a.const, int) and isinstance(b.const, int):
            try:
                if isinstance(op, ast.Add):
                    return number(a.const + b.const).but(integer=out.integer)
                if isinstance(op, ast.Sub):
                    return number(a.const - b.const).but(integer=out.integer)
                if isinstance(op, ast.Mult):
                    return number(a.const * b.const).but(integer=out.integer)
                if isinstance(op, ast.FloorDiv):
                    return number(a.const // b.const).but(integer=out.integer)
            except (ZeroDivisionError, OverflowError):
                return out
        if isinstance(op, ast.Mult) and a.dim and b.dim:
            return out.but(kind="int", dim=dim(a.dim, b.dim))
        if isinstance(op, ast.FloorDiv) and a.dim and b.dim:
            return out.but(kind="int", dim=quotient(a.dim, b.dim))
        return out

    def element(self, value: Val, name: str) -> Val:
        """Return what iterating or indexing ``value`` by an unknown integer gives."""
        if value.kind == "tensor":
            dims = value.shape.dims if value.shape is not None else None
            shape = Shape(name, dims[1:]) if dims else Shape(name)
            return Val("tensor", shape=shape, bases=value.bases)
        if value.kind == "shape":
            return Val("int", integer=True)
        parts = value.contents()
        if parts:
            out = join_all(parts, name)
            return self.one_of(out, name) if value.items is None else out
        if value.kind == "module" and (layers := self.layers_of(value)):
            return join_all(layers, name)
        if value.kind in ("config", "module", "either"):
            return CONFIG if value.kind == "config" else CONFIG.but(cls="child")
        if value.free:
            return CONFIG
        return UNKNOWN

    def subscript(self, node: ast.Subscript, env: Env) -> Val:
        base = self.eval(node.value, env)
        index = node.slice
        numbers: set[int] = set()
        for element in index.elts if isinstance(index, ast.Tuple) else [index]:
            if isinstance(element, ast.Slice):
                for part in (element.lower, element.upper, element.step):
                    if part is not None:
                        self.eval(part, env)
            elif self.eval(element, env).kind == "int":
                numbers.add(id(element))
        constant = int_constant(index)
        if base.kind == "shape":
            if isinstance(index, ast.Slice):
                return self.sliced(base, index, node)
            if constant is not None:
                if base.items is not None and -len(base.items) <= constant < len(base.items):
                    return base.items[constant]
                if base.shape is not None:
                    return Val("int", dim=base.shape.at(constant), integer=True)
            return Val("int", integer=True)
        if base.kind == "seq":
            if isinstance(index, ast.Slice):
                return self.sliced(base, index, node)
            if constant is not None and base.items is not None and -len(base.items) <= constant < len(base.items):
                return base.items[constant]
            held = base.item.shape.name if base.item is not None and base.item.shape is not None else ""
            if constant is not None and held.endswith("[]"):
                return self.element(base, f"{held[:-1]}{constant}]")
            return self.element(base, self.name_of(node))
        if base.is_tensor:
            shape = index_shape(base.shape, index, self.name_of(node), frozenset(numbers))
            return Val("tensor", shape=shape, bases=base.bases, whole=base.whole, boolean=base.boolean)
        if base.kind == "array":
            return Val("array")
        if base.kind in ("dict",):
            return self.element(base, self.name_of(node))
        if base.kind == "module" and not isinstance(index, ast.Slice):
            layers = self.layers_of(base)
            if layers:
                return join_all(layers, self.name_of(node))
        return CONFIG.but(cls="child" if base.kind in ("module", "either") else "") if base.free else UNKNOWN

    def one_of(self, value: Val, name: str) -> Val:
        """Return one element of a list that was filled in a loop: each of them has sizes of its own."""
        shape = value.shape
        if shape is None or shape.dims is None:
            own = shape is not None and (shape.name.endswith("[]") or ":" in shape.name)
            if not own or value.kind not in ("tensor", "unknown"):
                return value
            listed = shape is not None and shape.name.endswith("[]") and shape.name in self.ranks
            return value.but(shape=ranked(name, self.ranks[shape.name]) if listed and shape else Shape(name))
        if not value.is_tensor:
            return value
        dims = tuple(
            (("d", name, i),) if any(not isinstance(f, int) and f[0] == "d" and ":" in f[1] for f in d) else d
            for i, d in enumerate(shape.dims)
        )
        return value if dims == shape.dims else value.but(shape=Shape(name, dims))

    def layers_of(self, block: Val) -> list[Val]:
        """Return what a Sequential that the class builds holds; nothing where it isn't all known."""
        if block.cls not in ("mxnet.gluon.nn.Sequential", "mxnet.gluon.nn.HybridSequential") or block.items:
            return []
        layers = [layer for key in sorted(block.bases) for layer in self.added.get(key, [])]
        return layers if all(layer.kind in ("module", "either") and layer.cls for layer in layers) else []

    def sliced(self, base: Val, index: ast.Slice, node: ast.expr) -> Val:
        low, high = int_constant(index.lower), int_constant(index.upper)
        fixed = (
            (index.lower is None or low is not None)
            and (index.upper is None or high is not None)
            and index.step is None
        )
        if base.items is not None and fixed:
            items = base.items[low:high]
            shape = Shape(self.name_of(node)) if base.kind == "shape" else None
            return Val(base.kind, items=items, shape=shape, bases=base.bases)
        if base.kind == "shape":
            return Val("shape", shape=Shape(self.name_of(node)))
        return base.but(items=None, item=join_all(base.contents()) if base.contents() else None)

    def dict_comprehension(self, node: ast.DictComp, env: Env) -> Val:
        inner = env.copy()
        for generator in node.generators:
            source = self.eval(generator.iter, inner)
            self.assign(generator.target, self.element(source, f"{self.name_of(node)}.i"), inner, _STATEMENT)
            for test in generator.ifs:
                self.eval(test, inner)
        self.eval(node.key, inner)
        item = self.eval(node.value, inner)
        return Val("dict", item=item, bases=item.bases, free=item.free)

    def comprehension(self, node: ast.ListComp | ast.GeneratorExp | ast.SetComp, env: Env) -> Val:
        inner = env.copy()
        fixed: int | None = None
        for generator in node.generators:
            source = self.eval(generator.iter, inner)
            if len(node.generators) == 1 and not generator.ifs and source.items is not None:
                fixed = len(source.items)
            self.assign(generator.target, self.element(source, f"{self.name_of(node)}.i"), inner, _STATEMENT)
            for test in generator.ifs:
                self.eval(test, inner)
        item = self.eval(node.elt, inner)
        if fixed is not None and fixed <= 24 and not isinstance(node, ast.SetComp):
            named: list[Val] = []
            for i in range(fixed):
                dims = item.shape.dims if item.shape is not None else None
                named.append(item.but(shape=Shape(f"{self.name_of(node)}.{i}", dims)) if item.is_tensor else item)
            return seq(named)
        return Val("seq", item=item, bases=item.bases)


_STATEMENT = ast.Pass(lineno=0, col_offset=0)
