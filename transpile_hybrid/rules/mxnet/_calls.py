"""Method calls on tensors, sequences, parameters and blocks: what they give."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ._names import is_layer
from ._ops import op_result, shape_from, tensor
from ._stepped import channels, stepped, unrolled
from ._values import CONFIG, NONE, OUTSIDE, UNKNOWN, Env, Shape, Val, join_all, seq
from ._words import names

if TYPE_CHECKING:
    from ._state import State

# Methods whose result shares the array's storage.
VIEWS = names(
    "reshape detach as_nd_ndarray as_np_ndarray as_in_context as_in_ctx view reshape_view",
)
GROWING = names("append insert extend update setdefault")
HOST = frozenset({"asnumpy", "asscalar", "item", "tolist"})
_NO_ARRAY_METHOD = names(
    "append extend items keys values get format join add update pop",
)


def method_result(
    self: State, node: ast.Call, attr: str, owner: Val, args: list[Val], kw: dict[str, Val], name: str, env: Env
) -> Val | None:
    """Return the result of ``owner.attr(...)``, or ``None`` where the callee is no known method."""
    if owner.kind == "seq" or owner.kind == "dict":
        return _sequence_method(self, node, attr, owner, [*args, *kw.values()], env)
    if owner.kind == "param":
        if attr in ("data", "var", "list_data"):
            return Val("tensor", cls="param", shape=owner.shape, bases=frozenset({OUTSIDE}))
        return CONFIG
    if (
        attr in ("get", "get_constant")
        and isinstance(node.func, ast.Attribute)
        and _is_params(self, node.func.value, owner)
    ):
        declared = kw.get("shape", args[1] if len(args) > 1 and attr == "get" else None)
        shape = shape_from(declared, None, name) if attr == "get" else Shape(name)
        return Val("param", shape=shape, free=True, cls=attr)
    if attr in HOST and owner.kind in ("tensor", "unknown"):
        return Val("array") if attr == "asnumpy" else Val("number", cls="host")
    if owner.kind == "tensor" or owner.kind == "unknown" and attr not in _NO_ARRAY_METHOD and not attr[:1].isupper():
        return _tensor_method(node, attr, owner, args, kw, name)
    if owner.kind == "array":
        return Val("array")
    if owner.kind == "context":
        return CONFIG
    if owner.kind in ("module", "either"):
        if attr in ("forward", "__call__", "hybrid_forward"):
            return self.call_value(owner, args, name)
        if attr == "unroll" and is_layer(owner.cls):
            merged = kw.get("merge_outputs", args[4] if len(args) > 4 else None)
            if merged is not None and merged.const is True and stepped(owner, self.added):
                layout = kw.get("layout", args[3] if len(args) > 3 else None)
                first = kw.get("inputs", args[1] if len(args) > 1 else None)
                if first is not None and first.is_tensor:
                    self.learn_rank(first, 3)
                size = channels(owner, self.added)
                return unrolled(first, "NTC" if layout is None else layout.const, size, name)
            one = tensor(name) if merged is not None and merged.const is True else Val("seq", item=tensor(f"{name}.i"))
            return seq([one, Val("seq", item=tensor(f"{name}.s"), bases=frozenset({name}))])
        if attr == "begin_state" and is_layer(owner.cls):
            return Val("seq", item=tensor(f"{name}.s"), bases=frozenset({name}))
        if attr in ("values", "items", "children"):
            return Val("seq", item=CONFIG.but(cls="child"))
        if attr == "add" and self.method_name == "__init__" and isinstance(node.func, ast.Attribute):
            parts = [p for a in args for p in (a.contents() or [CONFIG] if a.kind == "seq" else [a])]
            for key in owner.bases:
                self.added.setdefault(key, []).extend(parts)
            return NONE
        return CONFIG if owner.cls else UNKNOWN
    if owner.kind == "config" and attr in ("values", "items", "keys"):
        return Val("seq", item=CONFIG.but(cls="child"), free=True)
    return None


def _is_params(self: State, node: ast.expr, owner: Val) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "params" or owner.cls == "attr:params"


def _sequence_method(self: State, node: ast.Call, attr: str, owner: Val, args: list[Val], env: Env) -> Val:
    if attr in GROWING and args:
        new = args if attr == "update" else args[-1:]
        inside = attr in ("extend", "update")
        parts = [*owner.contents(), *(p for v in new for p in (v.contents() or [v] if inside else [v]))]
        if isinstance(node.func, ast.Attribute):
            grown = Val(owner.kind, item=join_all(parts), bases=owner.bases)
            self.grow(node.func.value, grown.but(free=owner.free and all(v.free for v in new)), env)
        return NONE if attr != "setdefault" else join_all(parts)
    if attr in ("pop", "get"):
        return join_all(owner.contents()) if owner.contents() else UNKNOWN
    if attr in ("values", "items", "keys"):
        held = join_all(owner.contents()) if owner.contents() else CONFIG.but(cls="child")
        pairs = attr == "items" and owner.kind == "dict"
        return Val("seq", item=seq([Val("number", free=owner.free), held]) if pairs else held)
    return UNKNOWN


def _tensor_method(node: ast.Call, attr: str, owner: Val, args: list[Val], kw: dict[str, Val], name: str) -> Val:
    if attr in ("as_in_context", "as_in_ctx", "detach", "as_nd_ndarray", "as_np_ndarray", "copy", "astype"):
        if owner.kind == "unknown" and attr in ("copy", "astype"):
            return tensor(name)
        out = tensor(name, owner.shape)
        if attr == "astype":
            text = str(args[0].const or args[0].cls) if args else ""
            copy = kw.get("copy", args[1] if len(args) > 1 else None)
            shares = copy is not None and copy.const is not True
            return out.but(
                whole="int" in text, boolean="bool" in text, bases=owner.bases | {name} if shares else out.bases
            )
        out = out.but(whole=owner.whole, boolean=owner.boolean)
        return out.but(bases=owner.bases | {name}) if attr in VIEWS else out
    if attr == "copyto":
        return tensor(name, owner.shape)
    if attr in ("wait_to_read", "attach_grad", "backward"):
        return NONE
    if attr in ("transpose", "reshape") and len(args) > 1:
        args = [Val("seq", items=tuple(args))]
    if attr in ("reshape",) and "shape" not in kw and not args:
        return UNKNOWN
    api = "np" if attr in ("std", "var", "cumsum", "ravel", "dot") else "nd"
    position = {"expand_dims": 1, "squeeze": 1, "flatten": 0}.get(attr, len(args))
    inplace = kw.get("inplace", args[position] if position < len(args) else None)
    shares = attr in VIEWS or inplace is not None and inplace.const is not False
    out = op_result(api, attr, [owner if owner.is_tensor else owner.but(kind="tensor"), *args], kw, name)
    if shares and out.is_tensor:
        return out.but(bases=owner.bases | {name})
    return out
