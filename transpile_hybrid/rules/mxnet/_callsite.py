"""Calls: operators, layers, helpers (read with their arguments), builtins."""

from __future__ import annotations

import ast

from ...meaning.classes import ClassInfo
from ...meaning.module import Module
from ...meaning.names import FunctionNode
from ...meaning.tables import framework_class
from ._added import method_named, names_method
from ._blocks import MAX_DEPTH, block_result
from ._calls import method_result
from ._lambda import hybrid_function
from ._locals import LocalMixin
from ._names import is_layer, operator_name, operator_of
from ._ops import layer_result, op_result, tensor
from ._optables import RNN_LAYERS
from ._stepped import DYNAMIC_UNROLL, channels, unrolled
from ._values import CONFIG, OUTSIDE, UNKNOWN, Env, Shape, Val, join_all, number, seq


class CallMixin(LocalMixin):
    """Evaluates calls."""

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
        op = operator_name(callee, self, owner)
        if op is None and function.kind == "namespace" and isinstance(callee, ast.Attribute):
            op = operator_of(function.cls)  # `self.act = nd.relu`, `F = nd`
        if op is not None:
            return op_result(op[0], op[1], args, kw, name)
        if owner is not None and owner.kind == "self" and isinstance(callee, ast.Attribute):
            return self.self_call(node, callee.attr, args, kw, env, starred)
        if isinstance(callee, ast.Attribute) and owner is not None and owner.kind == "super":
            return self.super_call(node, callee.attr, args, kw, starred)
        if isinstance(callee, ast.Attribute) and owner is not None:
            found = method_result(self, node, callee.attr, owner, args, kw, name, env)
            if found is not None:
                return found
        if function.kind == "function" and function.const is not None:
            result = self.call_local(function, node, args, kw, env)
            if result is not None:
                return result
        return self.other_call(node, function, args, kw, name, starred)

    def self_call(self, node: ast.Call, attr: str, args: list[Val], kw: dict[str, Val], env: Env, starred: bool) -> Val:
        name = self.name_of(node)
        attribute = self.attrs.get(attr)
        method = self.method_of(attr)
        adding = attr == "add" and method is None and self.info is not None and self.adds(self.info)
        if (attr == "register_child" or adding) and args and self.method_name == "__init__":
            self.registered += args if adding else args[:1]
        if attribute is None and method is not None:
            static = any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in method[1].decorator_list)
            given = args if static else [Val("self"), *args]
            return self.inline(method[1], given, kw, name, method[0].module, starred)
        if attribute is not None:
            return self.call_value(attribute.value, args, name)
        return UNKNOWN

    def method_of(self, name: str) -> tuple[ClassInfo, FunctionNode] | None:
        """Return a method of the class with the class that has it: one that is added to it, or one of its body."""
        return method_named(self.info, name, self.project) if self.info is not None else None

    def adds(self, info: ClassInfo) -> bool:
        """Whether ``self.add`` is that of MXNet's containers."""
        base = self.project.framework_base(info)
        return base is not None and base.name.rsplit(".", 1)[-1] in CONTAINERS

    def super_call(self, node: ast.Call, attr: str, args: list[Val], kw: dict[str, Val], starred: bool) -> Val:
        """Return what the next class's method of that name gives."""
        if self.info is None or attr == "__init__":
            return UNKNOWN
        order = self.project.mro(self.info)
        here = next((i for i, info in enumerate(order) if self.function in info.methods.values()), None)
        for info in order[here + 1 :] if here is not None else []:
            method = info.methods.get(attr)
            if method is not None:
                return self.inline(method, [Val("self"), *args], kw, self.name_of(node), info.module, starred)
            if attr == "forward" and "hybrid_forward" in info.methods:
                given = [Val("self"), Val("F", free=True), *args]
                return self.inline(info.methods["hybrid_forward"], given, kw, self.name_of(node), info.module, starred)
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
            if value.cls == "mxnet.gluon.nn.Embedding" and args and args[0].shape is not None:
                self.embedded[name] = args[0].shape.name
            if value.cls.rsplit(".", 1)[-1] in RNN_LAYERS:
                for state in args[1].contents() if len(args) > 1 and args[1].kind == "seq" else []:
                    self.learn_rank(state, 3)
            return layer_result(value.cls, args[0] if args else None, args[1:], kw, name)
        if value.kind == "namespace" and (held := operator_of(value.cls)) is not None:
            return op_result(held[0], held[1], args, {}, name)
        defined = self.locals.get(value.const) if value.cls == "<lambda>" and isinstance(value.const, int) else None
        if defined is not None and hybrid_function(defined.node, self.module) is not None:  # type: ignore[arg-type]
            return tensor(name)
        if value.kind == "either":
            ways = [self.call_value(way, args, f"{name}|{i}") for i, way in enumerate(value.contents())]
            return join_all(ways, name)
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
        pairs = [
            *zip(positional, defaults, strict=True),
            *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
        ]
        for index, (arg, default) in enumerate(pairs):
            if index < len(args) and index < len(positional):
                env[arg.arg] = args[index]
            elif arg.arg in kw:
                env[arg.arg] = kw[arg.arg]
            elif default is not None and arg.arg == "F" and module.qualified(default) in ("mxnet.nd", "mxnet.ndarray"):
                env[arg.arg] = Val("F", free=True)
            else:
                env[arg.arg] = (
                    number(default.value) if isinstance(default, ast.Constant) else (CONFIG if default else UNKNOWN)
                )
        if arguments.vararg is not None:
            rest = args[len(positional) :]
            env[arguments.vararg.arg] = (
                seq(list(rest)) if not starred else Val("seq", item=join_all(rest) if rest else UNKNOWN)
            )
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
        qualified = self.qualified(callee) or ""
        asked = qualified == "builtins.getattr" and len(node.args) > 1 and args[0].kind == "self"
        if asked and self.info is not None and names_method(node.args[1], self.info, self.project):
            return Val("function", cls="self:getattr", free=True)
        if qualified.startswith("builtins."):
            return self.builtin(qualified[9:], args, name)
        if qualified == DYNAMIC_UNROLL and "valid_length" not in kw:
            layout = kw.get("layout", args[3] if len(args) > 3 else None)
            size = channels(args[0], self.added) if args else None
            return unrolled(
                args[1] if len(args) > 1 else None, layout.const if layout is not None else None, size, name
            )
        if qualified == "inspect.currentframe":
            return self.frame(len(self.frames) - 1)
        if qualified == "inspect.getargvalues" and args and args[0].kind == "frame":
            return seq([UNKNOWN, UNKNOWN, UNKNOWN, self.frame_names(args[0])])
        if function.kind == "class" or function.kind == "namespace" and is_layer(function.cls):
            qualified = function.cls  # `block = Residual`, or a class that the constructor is given by default
        info = self.project.class_named(qualified)
        if info is not None:
            base = self.project.framework_base(info)
            role = base is not None and base.role == "module"
            own = Val("module" if role else "config", cls=qualified, free=True, bases=frozenset({f"block@{name}"}))
            return self.note_built(node, own)
        if is_layer(qualified) or framework_class(qualified) is not None or _class_like(qualified):
            keyed = tuple(Val("kw", cls=k, item=v) for k, v in kw.items())
            bases = frozenset({f"block@{name}"})
            out = Val("module", cls=qualified, items=(*args, *keyed)[:24], free=True, bases=bases)
            return self.note_built(node, out)
        if qualified.startswith(MODEL_ZOO):
            return Val("module", cls=f"{MODEL_ZOO}Model", free=True, bases=frozenset({f"block@{name}"}))
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
        if function.kind in ("module", "either"):
            return self.call_value(function, args, name)
        if function.kind == "config" and function.free and all(a.free for a in args) and not args:
            return CONFIG
        return UNKNOWN.but(cls="block" if function.cls == "child" else "")

    def note_built(self, node: ast.Call, out: Val) -> Val:
        """Keep what a call builds, under all the names that it has on the paths that lead to it."""
        old = self.built.get(id(node))
        self.built[id(node)] = out.but(bases=out.bases | old.bases) if old is not None else out
        return out

    def frame(self, index: int) -> Val:
        """Return the frame of a function that is being read (``inspect.currentframe().f_back``)."""
        return Val("frame", const=index) if 0 <= index < len(self.frames) else UNKNOWN

    def frame_names(self, frame: Val) -> Val:
        """Return the dict of a frame's locals."""
        return Val("dict", item=CONFIG.but(cls=f"{FRAME}{frame.const}"))

    def bind_frame(self, index: int) -> None:
        """``for k, v in locals_of_the_caller.items(): setattr(self, k, v)``: the arguments become attributes."""
        if index >= len(self.frames) or self.function is None:
            return
        for name, value in self.frames[index].names.items():
            if value.kind != "self" and not name.startswith("__"):
                self.bind_attribute(name, value, "__init__", self.function)

    def builtin(self, name: str, args: list[Val], at: str) -> Val:
        first = args[0] if args else None
        free = all(a.free for a in args)
        if name in ("len", "int", "round"):
            return Val(
                "int",
                free=free,
                integer=first is not None and first.kind in ("tensor", "shape"),
                const=len(first.items) if name == "len" and first is not None and first.items is not None else None,
            )
        if name == "float":
            return Val("number", free=free, integer=first is not None and first.integer)
        if name in ("bool", "str", "isinstance", "hasattr", "type", "callable"):
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
            return Val(
                "seq",
                item=UNKNOWN
                if not first or first.kind != "seq"
                else join_all([p for part in first.contents() for p in (part.contents() or [UNKNOWN])] or [UNKNOWN]),
            )
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
            if self.method_name == "__init__" and args[2].cls.startswith(FRAME):
                self.bind_frame(int(args[2].cls.removeprefix(FRAME)))
            elif self.method_name == "__init__":
                self.registered.append(args[2])
            return Val("none", free=True)
        return UNKNOWN.but(free=free and bool(args))


CONTAINERS = ("Sequential", "HybridSequential")
FRAME = "frame:"  # an element of the locals of a frame
MODEL_ZOO = "mxnet.gluon.model_zoo."  # its functions give HybridBlocks, and so do these blocks' attributes


def _class_like(name: str) -> bool:
    """Whether a name of the framework looks like a block class: ``mxnet.gluon.model_zoo.vision.ResNetV1``."""
    return (
        name.startswith("mxnet.gluon.")
        and name.rsplit(".", 1)[-1][:1].isupper()
        and "Parameter" not in name
        and ("Constant" not in name)
        and ".data." not in name
    )
