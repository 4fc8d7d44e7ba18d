"""Expressions: the half of the analysis that says what each operator, call and index gives."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from ...meaning.classes import ClassInfo, Project
from ...meaning.module import Module
from ...meaning.names import FunctionNode
from ...meaning.tables import framework_class
from ._calls import method_result
from ._names import is_layer, operator_name
from ._ops import broadcast, layer_result, op_result, tensor
from ._values import CONFIG, NUMBER, OUTSIDE, UNKNOWN, Env, Shape, Val, dim, join, join_all, number, quotient, ranked, seq

if TYPE_CHECKING:
    from ._interp import Attribute, Inplace, Interp

MAX_DEPTH = 6


class ExprMixin:
    """Evaluates expressions; the statements are in :class:`~._interp.Interp`."""

    module: Module
    project: Project
    info: ClassInfo | None
    values: dict[int, Val]
    attrs: dict[str, Attribute]
    inplace: dict[int, Inplace]
    calls: dict[int, list[dict[str, Val]]]
    recording: bool
    path: str
    depth: int
    method_name: str
    built_by: set[str]
    added: dict[str, list[Val]]
    registered: list[Val]
    built: dict[int, Val]
    budget: int
    running: list[FunctionNode]
    returned: list[Val]

    if TYPE_CHECKING:

        def call_function(
            self, function: FunctionNode, env: dict[str, Val], *, record: bool = False, name: str = ""
        ) -> Val: ...
        def assign(self, target: ast.expr, value: Val, env: Env, statement: ast.stmt) -> None: ...
        def sized(self, shape: Shape | None) -> Shape | None: ...
        def learn_rank(self, value: Val, rank: int) -> None: ...

    def name_of(self, node: ast.AST) -> str:
        """Return the symbolic name of what ``node`` gives on the current call path."""
        return f"{self.path}{getattr(node, 'lineno', 0)}:{getattr(node, 'col_offset', 0)}-{getattr(node, 'end_col_offset', 0)}"

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
        if isinstance(node, ast.Lambda):
            inner = env.copy()
            for arg in ast.walk(node.args):
                if isinstance(arg, ast.arg):
                    inner.names[arg.arg] = UNKNOWN
            self.eval(node.body, inner)
            return Val("function", cls="<lambda>", bases=frozenset({OUTSIDE}))
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
        name = self.module.qualified(node)
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
            op = operator_name(value.func, self.module, None)
            if op is not None and (op[1] in ("array",) or op[1].split(".")[-1] in ("ones", "zeros", "arange", "full", "array")):
                return Val("tensor", cls="captured", shape=Shape(f"global:{value.lineno}"), bases=frozenset({OUTSIDE}))
        return CONFIG

    def attribute(self, node: ast.Attribute, env: Env) -> Val:
        base = self.eval(node.value, env)
        if base.kind == "self":
            attribute = self.attrs.get(node.attr)
            if attribute is None:
                if self.info is not None and self.project.method(self.info, node.attr) is not None:
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
            shape = base.shape
            return tensor(self.name_of(node), None if shape is None or shape.dims is None else Shape(
                self.name_of(node), shape.dims[::-1]))
        if base.kind == "array":
            return Val("array")
        if base.kind == "module":
            return CONFIG
        if base.free:
            return CONFIG
        return UNKNOWN

    def unary(self, node: ast.UnaryOp, env: Env) -> Val:
        value = self.eval(node.operand, env)
        if isinstance(node.op, ast.Not):
            return NUMBER.but(free=value.free)
        if value.is_tensor:
            return tensor(self.name_of(node), value.shape, boolean=isinstance(node.op, ast.Invert)).but(whole=value.whole)
        if isinstance(node.op, ast.USub) and isinstance(value.const, int | float):
            return number(-value.const)
        return value.but(const=None, dim=None) if value.kind in ("int", "number", "config") else UNKNOWN

    def compare(self, node: ast.Compare, env: Env) -> Val:
        parts = [self.eval(node.left, env), *(self.eval(c, env) for c in node.comparators)]
        if isinstance(node.ops[0], ast.Is | ast.IsNot | ast.In | ast.NotIn):
            return NUMBER.but(free=all(p.free for p in parts), const=None)
        tensors = [p for p in parts if p.is_tensor]
        if tensors:
            shape = tensors[0].shape if len(tensors) == 1 else broadcast(tensors[0].shape, tensors[1].shape, self.name_of(node))
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
        if a.kind == "unknown" and b.kind in ("int", "number", "config", "unknown") and a.assumed and a.shape is not None:
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
            return join_all(parts, name)
        if value.kind in ("config", "module"):
            return CONFIG if value.kind == "config" else CONFIG.but(cls="child")
        if value.free:
            return CONFIG
        return UNKNOWN

    def subscript(self, node: ast.Subscript, env: Env) -> Val:
        base = self.eval(node.value, env)
        index = node.slice
        if isinstance(index, ast.Slice):
            for part in (index.lower, index.upper, index.step):
                if part is not None:
                    self.eval(part, env)
        elif isinstance(index, ast.Tuple):
            for element in index.elts:
                for part in ([element.lower, element.upper, element.step] if isinstance(element, ast.Slice) else [element]):
                    if part is not None:
                        self.eval(part, env)
        else:
            self.eval(index, env)
        constant = _int_constant(index)
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
            return self.element(base, self.name_of(node))
        if base.is_tensor:
            shape = index_shape(base.shape, index, self.name_of(node))
            return Val("tensor", shape=shape, bases=base.bases, whole=base.whole, boolean=base.boolean)
        if base.kind == "array":
            return Val("array")
        if base.kind in ("dict",):
            return self.element(base, self.name_of(node))
        return CONFIG.but(cls="child" if base.kind == "module" else "") if base.free or base.kind == "module" else UNKNOWN

    def sliced(self, base: Val, index: ast.Slice, node: ast.expr) -> Val:
        low, high = _int_constant(index.lower), _int_constant(index.upper)
        fixed = (index.lower is None or low is not None) and (index.upper is None or high is not None) and index.step is None
        if base.items is not None and fixed:
            items = base.items[low:high]
            shape = Shape(self.name_of(node)) if base.kind == "shape" else None
            return Val(base.kind, items=items, shape=shape, bases=base.bases)
        if base.kind == "shape":
            return Val("shape", shape=Shape(self.name_of(node)))
        return base.but(items=None, item=join_all(base.contents()) if base.contents() else None)

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
            named = [item.but(shape=Shape(f"{item.shape.name}.{i}", item.shape.dims) if item.shape and item.shape.dims else None)
                     if item.is_tensor else item for i in range(fixed)]  # fmt: skip
            named = [v.but(shape=Shape(f"{self.name_of(node)}.{i}")) if v.is_tensor and v.shape is None else v
                     for i, v in enumerate(named)]  # fmt: skip
            return seq(named)
        return Val("seq", item=item, bases=item.bases)

    # -- calls

    def call(self, node: ast.Call, env: Env) -> Val:
        callee = node.func
        owner = self.eval(callee.value, env) if isinstance(callee, ast.Attribute) else None
        function = self.eval(callee, env)
        args: list[Val] = []
        starred = False
        for arg in node.args:
            value = self.eval(arg, env)
            if isinstance(arg, ast.Starred):
                starred = True
                args += value.items if value.items is not None else [self.element(value, self.name_of(arg))]
            else:
                args.append(value)
        kw = {k.arg: self.eval(k.value, env) for k in node.keywords if k.arg is not None}
        for keyword in node.keywords:
            if keyword.arg is None:
                self.eval(keyword.value, env)
        name = self.name_of(node)
        op = operator_name(callee, self.module, owner)
        if op is not None:
            return op_result(op[0], op[1], args, kw, name)
        if owner is not None and owner.kind == "self" and isinstance(callee, ast.Attribute):
            return self.self_call(node, callee.attr, args, kw, env, starred)
        if isinstance(callee, ast.Attribute) and owner is not None:
            found = method_result(self, node, callee.attr, owner, args, kw, name, env)
            if found is not None:
                return found
        return self.other_call(node, function, args, kw, name, starred)

    def self_call(self, node: ast.Call, attr: str, args: list[Val], kw: dict[str, Val], env: Env, starred: bool) -> Val:
        name = self.name_of(node)
        attribute = self.attrs.get(attr)
        method = self.project.method(self.info, attr) if self.info is not None else None
        if attr == "register_child" and args and self.method_name == "__init__":
            self.registered.append(args[0])
        if attribute is None and method is not None:
            static = any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in method[1].decorator_list)
            given = args if static else [Val("self"), *args]
            return self.inline(method[1], given, kw, name, method[0].module, starred)
        if attribute is not None:
            return self.call_value(attribute.value, args, name)
        return UNKNOWN

    def chain(self, layers: list[Val], first: Val | None, name: str) -> Val:
        """Return what a sequence of layers gives: fresh storage as soon as one of them is a layer that computes."""
        value = first or UNKNOWN
        fresh = False
        for index, layer in enumerate(layers):
            value = self.call_value(layer, [value], f"{name}.{index}")
            fresh = fresh or layer.kind == "module" and is_layer(layer.cls)
        if not layers or not value.is_tensor:
            value = tensor(name, bases=frozenset({name} | (first.storage() if first else frozenset())))
        return value.but(bases=frozenset({name})) if fresh else value

    def call_value(self, value: Val, args: list[Val], name: str) -> Val:
        """Return what calling a block (or something unknown that is held by one) gives."""
        if value.kind == "module" and is_layer(value.cls):
            kw = dict(zip(("0", "1", "2"), value.items or (), strict=False))
            kw.update({v.cls: v.item for v in value.contents() if v.kind == "kw" and v.item is not None})
            for arg in args[:1]:
                if arg.kind == "tensor" and value.cls.rsplit(".", 1)[-1].endswith("2D"):
                    self.learn_rank(arg, 4)
            return layer_result(value.cls, args[0] if args else None, args[1:], kw, name)
        if value.kind == "module":
            info = self.project.class_named(value.cls)
            short = value.cls.rsplit(".", 1)[-1]
            if info is None and short in ("Sequential", "HybridSequential"):
                layers = [layer for key in sorted(value.bases) for layer in self.added.get(key, [])]
                return self.chain(layers, args[0] if args else None, name)
            if info is not None:
                return block_result(info, self.project, args, name, self.depth)
            return UNKNOWN.but(bases=frozenset({OUTSIDE}), cls="block")
        return UNKNOWN

    def inline(
        self, function: FunctionNode, args: list[Val], kw: dict[str, Val], name: str, module: Module, starred: bool
    ) -> Val:
        """Evaluate a call of a function of the repository."""
        arguments = function.args
        positional = [*arguments.posonlyargs, *arguments.args]
        env: dict[str, Val] = {}
        defaults = [None] * (len(positional) - len(arguments.defaults)) + list(arguments.defaults)
        pairs = [*zip(positional, defaults, strict=True), *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)]
        for index, (arg, default) in enumerate(pairs):
            if index < len(args) and index < len(positional):
                env[arg.arg] = args[index]
            elif arg.arg in kw:
                env[arg.arg] = kw[arg.arg]
            else:
                env[arg.arg] = number(default.value) if isinstance(default, ast.Constant) else (CONFIG if default else UNKNOWN)
        if arguments.vararg is not None:
            rest = args[len(positional) :]
            env[arguments.vararg.arg] = seq(list(rest)) if not starred else Val("seq", item=join_all(rest) if rest else UNKNOWN)
        if arguments.kwarg is not None:
            env[arguments.kwarg.arg] = Val("dict", item=UNKNOWN)
        if self.recording and module is self.module:
            self.calls.setdefault(id(function), []).append(env)
        self.budget -= 1
        if self.depth >= MAX_DEPTH or self.budget < 0 or function in self.running:
            return UNKNOWN
        saved, outer, was = self.path, self.module, self.recording
        self.path, self.module = f"{saved}{name}>", module
        method = "__init__" if self.method_name == "__init__" else function.name
        if method == "__init__":
            self.built_by.add(function.name)
        self.running.append(function)
        try:
            return self.call_function(function, env, record=False, name=method)
        finally:
            self.running.pop()
            self.path, self.module, self.recording = saved, outer, was

    def other_call(
        self, node: ast.Call, function: Val, args: list[Val], kw: dict[str, Val], name: str, starred: bool
    ) -> Val:
        callee = node.func
        qualified = self.module.qualified(callee) or ""
        if qualified.startswith("builtins."):
            return self.builtin(qualified[9:], args, name)
        info = self.project.class_named(qualified)
        if info is not None:
            base = self.project.framework_base(info)
            role = base is not None and base.role == "module"
            return Val("module" if role else "config", cls=qualified, free=True, bases=frozenset({f"block@{name}"}))
        if is_layer(qualified) or framework_class(qualified) is not None or _class_like(qualified):
            keyed = tuple(Val("kw", cls=k, item=v) for k, v in kw.items())
            bases = frozenset({f"block@{name}"})
            out = Val("module", cls=qualified, items=(*args, *keyed)[:24], free=True, bases=bases)
            old = self.built.get(id(node))
            self.built[id(node)] = out.but(bases=bases | old.bases) if old is not None else out
            return out
        if qualified in ("mxnet.gluon.Parameter", "mxnet.gluon.Constant", "mxnet.gluon.parameter.Parameter"):
            return Val("param", shape=Shape(name), free=True)
        if function.kind == "function" and function.cls.startswith("def:") and isinstance(callee, ast.Name):
            found = self.module.scope_at(node).lookup(callee.id)
            if found is not None and isinstance(found[1][0].node, ast.FunctionDef):
                return self.inline(found[1][0].node, args, kw, name, self.module, starred)
        if qualified.startswith("numpy."):
            if any(a.holds_tensor for a in args):
                return Val("array")
            return Val("config", free=all(a.free for a in args) and not qualified.startswith("numpy.random"))
        if qualified.startswith("math."):
            return Val("number", free=all(a.free for a in args))
        if function.kind == "module":
            return self.call_value(function, args, name)
        if function.kind == "config" and function.free and all(a.free for a in args) and not args:
            return CONFIG
        return UNKNOWN.but(cls="block" if function.cls == "child" else "")

    def builtin(self, name: str, args: list[Val], at: str) -> Val:
        first = args[0] if args else None
        free = all(a.free for a in args)
        if name in ("len", "int", "round"):
            return Val("int", free=free, integer=first is not None and first.kind in ("tensor", "shape"),
                       const=len(first.items) if name == "len" and first is not None and first.items is not None else None)
        if name in ("float", "bool", "str", "isinstance", "hasattr", "type", "callable"):
            return Val("number", free=free)
        if name == "range":
            return Val("seq", item=Val("int", free=free), free=free)
        if name in ("list", "tuple", "reversed", "sorted") and first is not None:
            if first.kind == "shape" or first.kind == "seq":
                return first.but(items=first.items[::-1] if name == "reversed" and first.items else first.items)
            return Val("seq", item=self.element(first, at), bases=first.bases)
        if name in ("list", "tuple"):
            return seq([])
        if name == "enumerate" and first is not None:
            return Val("seq", item=seq([Val("int", free=True), self.element(first, at)]), bases=first.bases)
        if name == "zip":
            return Val("seq", item=seq([self.element(a, f"{at}.{i}") for i, a in enumerate(args)]))
        if name == "sum" and len(args) > 1 and args[1].kind == "seq":
            return Val("seq", item=UNKNOWN if not first or first.kind != "seq" else join_all(
                [p for part in first.contents() for p in (part.contents() or [UNKNOWN])] or [UNKNOWN]))
        if name in ("sum", "max", "min", "abs", "pow") and any(a.holds_tensor for a in args):
            return tensor(at, first.shape if name == "abs" and first is not None else None)
        if name in ("sum", "max", "min", "abs", "pow", "divmod"):
            return Val("number", free=free)
        if name == "dict":
            return Val("dict")
        if name == "super":
            return Val("super")
        if name == "getattr" and first is not None and first.kind == "self":
            return CONFIG.but(cls="child")
        if name == "setattr" and first is not None and first.kind == "self" and len(args) == 3:
            if self.method_name == "__init__":
                self.registered.append(args[2])
            return Val("none", free=True)
        return UNKNOWN.but(free=free and bool(args))


_RESULTS: WeakKeyDictionary[Project, dict[int, Interp | None]] = WeakKeyDictionary()


def block_result(info: ClassInfo, project: Project, args: list[Val], name: str, depth: int) -> Val:
    """Return what a block of the repository gives for ``args``: its forward, read with them."""
    unknown = UNKNOWN.but(bases=frozenset({OUTSIDE}), cls="block")
    interp = _sub_analysis(info, project)
    entry = interp.unit.entry if interp is not None else None
    if interp is None or entry is None or depth > MAX_DEPTH:
        return unknown
    env = interp.entry_arguments(entry)
    names = [a.arg for a in entry.args.args][2 if entry.name == "hybrid_forward" else 1 :]
    for key, value in zip(names, args, strict=False):
        env[key] = value
    saved = (interp.path, interp.depth)
    interp.path, interp.depth = f"{name}>", depth + 1
    try:
        result = interp.call_function(entry, env, record=False)
    finally:
        interp.path, interp.depth = saved
    given = frozenset(f for a in args if a.shape is not None and a.shape.dims is not None for d in a.shape.dims for f in d)
    return _own(result, name, given)


def _sub_analysis(info: ClassInfo, project: Project) -> Interp | None:
    from ...meaning.units import Unit, reached
    from ._interp import Interp

    cache = _RESULTS.setdefault(project, {})
    if id(info) not in cache:
        cache[id(info)] = None  # while it is being found out: a class that holds itself
        found = project.method(info, "hybrid_forward") or project.method(info, "forward")
        base = project.framework_base(info)
        if found is not None and base is not None and found[0].module is info.module:
            unit = Unit(info.name, "mxnet", "class", info.node, info.module, found[1])
            unit.cls, unit.base = info, base
            unit.region = reached(found[1], info.module, project, info)
            interp = Interp(unit, info.module, project)
            interp.run()
            interp.recording = False
            cache[id(info)] = interp
    return cache[id(info)]


def _own(value: Val, name: str, given: frozenset[object]) -> Val:
    """Return a result with the class's own symbols, which differ from instance to instance, made unknown."""
    if value.kind == "tensor" and value.shape is not None and value.shape.dims is not None:
        dims = tuple(
            d if all(isinstance(f, int) or f[0] != "c" or f in given for f in d) else (("d", name, i),)
            for i, d in enumerate(value.shape.dims)
        )
        return value.but(shape=Shape(name if dims != value.shape.dims else value.shape.name, dims))
    if value.kind == "seq":
        return value.but(
            items=None if value.items is None else tuple(_own(v, f"{name}.{i}", given) for i, v in enumerate(value.items)),
            item=None if value.item is None else _own(value.item, f"{name}.i", given),
        )
    if value.is_tensor or value.kind == "none":
        return value
    return UNKNOWN.but(cls="block") if value.kind != "param" else UNKNOWN


_STATEMENT = ast.Pass(lineno=0, col_offset=0)


def _class_like(name: str) -> bool:
    """Whether a name of the framework looks like a block class: ``mxnet.gluon.model_zoo.vision.ResNetV1``."""
    return name.startswith("mxnet.gluon.") and name.rsplit(".", 1)[-1][:1].isupper() and "Parameter" not in name and (
        "Constant" not in name) and ".data." not in name


def _int_constant(node: ast.expr | None) -> int | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, int) and not isinstance(node.value, bool):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
        value = node.operand.value
        return -value if isinstance(value, int) else None
    return None


def index_shape(shape: Shape | None, index: ast.expr, name: str) -> Shape:
    """Return the shape of ``x[index]``."""
    if shape is None or shape.dims is None:
        return Shape(name)
    parts = list(index.elts) if isinstance(index, ast.Tuple) else [index]
    consumed = sum(1 for p in parts if not _is_new(p) and not _is_ellipsis(p))
    dims: list[tuple] = []  # type: ignore[type-arg]
    at = 0
    for position, part in enumerate(parts):
        if _is_ellipsis(part):
            rest = len(shape.dims) - consumed
            dims += shape.dims[at : at + rest]
            at += rest
        elif _is_new(part):
            dims.append((1,))
        elif isinstance(part, ast.Slice):
            whole = part.lower is None and part.upper is None
            dims.append(shape.at(at) if whole and (part.step is None or _int_constant(part.step) == -1)
                        else (("d", name, position),))
            at += 1
        elif _int_constant(part) is not None or isinstance(part, ast.Name | ast.BinOp | ast.Attribute):
            if _int_constant(part) is None:
                return Shape(name)
            at += 1
        else:
            return Shape(name)
    if at > len(shape.dims):
        return Shape(name)
    return Shape(name, (*dims, *shape.dims[at:]))


def _is_new(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None or isinstance(node, ast.Attribute) and node.attr == "newaxis"


def _is_ellipsis(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is ...
