"""What an expression's value may share with names, arguments and attributes."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from . import alias_users, tables
from .nodes import walk
from .values import Value

if TYPE_CHECKING:
    from .alias_flow import Flow, Tokens

_NOTHING: Tokens = frozenset()
_COPIES = frozenset({"clone", "copy", "deepcopy", "asnumpy", "tolist", "item", "asscalar", "numpy_copy"})
_KEEP_NOTHING = frozenset(
    f"builtins.{name}" for name in
    ("len", "print", "isinstance", "float", "int", "bool", "str", "repr", "range", "abs", "round", "hasattr", "type",
     "id", "hash",
     "format", "callable", "any", "all", "issubclass")
)  # fmt: skip
_CHANGES_LIST = frozenset({"append", "extend", "insert", "add", "update", "setdefault", "appendleft", "__setitem__"})
# Gluon layers and torch modules whose result is a new array whatever comes in; others (Dropout, Identity, Flatten,
# Lambda, Sequential by its contents, PixelShuffle, pooling that can be the identity) may give back their input.
_FRESH_MODULES = frozenset(
    [
        "Linear",
        "Bilinear",
        "Conv1d",
        "Conv2d",
        "Conv3d",
        "ConvTranspose1d",
        "ConvTranspose2d",
        "ConvTranspose3d",
        "BatchNorm1d",
        "BatchNorm2d",
        "BatchNorm3d",
        "LayerNorm",
        "GroupNorm",
        "InstanceNorm1d",
        "InstanceNorm2d",
        "InstanceNorm3d",
        "Embedding",
        "MaxPool1d",
        "MaxPool2d",
        "MaxPool3d",
        "AvgPool1d",
        "AvgPool2d",
        "AvgPool3d",
        "AdaptiveAvgPool2d",
        "LSTM",
        "GRU",
        "RNN",
        "LSTMCell",
        "GRUCell",
        "RNNCell",
        "Sigmoid",
        "Tanh",
        "Softmax",
        "LogSoftmax",
        "GELU",
        "Softplus",
        "Softsign",
        "LogSigmoid",
        "PReLU",
        "ReLU",
        "ReLU6",
        "LeakyReLU",
        "ELU",
        "SELU",
        "CELU",
        "Hardtanh",
        "Hardswish",
        "Hardsigmoid",
        "SiLU",
        "Mish",
        "Dense",
        "Conv1D",
        "Conv2D",
        "Conv3D",
        "Conv1DTranspose",
        "Conv2DTranspose",
        "Conv3DTranspose",
        "BatchNorm",
        "InstanceNorm",
        "MaxPool1D",
        "MaxPool2D",
        "MaxPool3D",
        "AvgPool1D",
        "AvgPool2D",
        "AvgPool3D",
        "GlobalAvgPool1D",
        "GlobalAvgPool2D",
        "GlobalMaxPool2D",
        "Activation",
        "Swish",
    ]
)
# MXNet's operators make new arrays, except these, which can share memory with their input (some only as methods).
_MXNET_SHARING = frozenset(
    [
        "reshape",
        "Reshape",
        "reshape_view",
        "expand_dims",
        "squeeze",
        "flatten",
        "Flatten",
        "batch_flatten",
        "transpose",
        "swapaxes",
        "SwapAxis",
        "T",
        "broadcast_to",
        "broadcast_like",
        "broadcast_axes",
        "BlockGrad",
        "stop_gradient",
        "identity",
        "detach",
        "Dropout",
        "dropout",
        "as_in_context",
        "as_in_ctx",
        "as_nd_ndarray",
        "as_np_ndarray",
        "astype",
        "cast",
        "split",
        "split_v2",
        "slice",
        "slice_axis",
        "slice_like",
        "SliceChannel",
        "array",
        "asarray",
        "grad",
        "reshape_like",
        "ravel",
        "moveaxis",
        "atleast_1d",
        "atleast_2d",
        "atleast_3d",
        "array_split",
        "vsplit",
        "hsplit",
        "dsplit",
        "from_numpy",
        "from_dlpack",
        "flip",
        "diag",
        "copyto",
    ]
)


def tokens(flow: Flow, node: ast.expr) -> Tokens:
    """Return the tokens of an expression, and let what it does happen to the state."""
    assert flow.state is not None
    if isinstance(node, ast.Name):
        if node.id in flow.state.names:
            return flow.state.names[node.id]
        return frozenset({f"the name `{node.id}`, which other functions see"})
    if isinstance(node, ast.Constant | ast.JoinedStr):
        return _NOTHING
    if isinstance(node, ast.Attribute):
        return _attribute(flow, node)
    if isinstance(node, ast.Call):
        return _call(flow, node)
    if isinstance(node, (ast.BinOp | ast.Compare, ast.UnaryOp)):
        return _operator(flow, node)
    if isinstance(node, ast.Subscript):
        index = flow.expr(node.slice)
        base = flow.expr(node.value)
        if flow.facts.value(node.value).framework == "tensorflow" and flow.facts.value(node.value).is_tensor:
            return flow.fresh(node)
        return base if flow.facts.value(node.value).is_tensor else base | index
    if isinstance(node, ast.NamedExpr):
        held = flow.expr(node.value)
        flow.bind(node.target, held)
        return held
    if isinstance(node, ast.Lambda):
        for part in walk(node):
            if isinstance(part, ast.Name) and part.id in flow.state.names:
                flow.escape(flow.state.names[part.id], "a lambda")
        return _NOTHING
    if isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
        return _comprehension(flow, node)
    if isinstance(node, ast.Yield | ast.YieldFrom | ast.Await):
        if node.value is not None:
            flow.escape(flow.expr(node.value), "the caller, to whom it was yielded")
        return frozenset({"what the caller sent"})
    found = _NOTHING
    for child in ast.iter_child_nodes(node):  # displays, `a if c else b`, `a or b`, slices, starred
        if isinstance(child, ast.expr):
            found |= flow.expr(child)
    if isinstance(node, ast.List | ast.Dict | ast.Set):
        return found | flow.fresh(node)
    return found


def _attribute(flow: Flow, node: ast.Attribute) -> Tokens:
    base = flow.expr(node.value)
    if flow.facts.value(node.value).is_tensor:
        return base  # .T, .data, .grad: another view; numbers and shapes are dropped by their kind
    root: ast.expr = node
    while isinstance(root, ast.Attribute):
        root = root.value
    if isinstance(root, ast.Name) and flow.facts.value(root).is_("namespace"):
        return frozenset({f"the global `{ast.unparse(node)}`"})
    return base | {f"the attribute `{ast.unparse(node)}`"}


def _operator(flow: Flow, node: ast.expr) -> Tokens:
    parts: list[Tokens] = []
    values: list[Value] = []
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            parts.append(flow.expr(child))
            values.append(flow.facts.value(child))
    value = flow.facts.value(node)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.UAdd):
        return parts[0]  # +t gives t itself
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return _NOTHING
    if (
        value.is_tensor
        and any(v.is_tensor for v in values)
        and not any(v.may_be("object", "module") and v.known for v in values)
    ):
        return flow.fresh(node)
    if value.is_("array") and all(v.is_("array", "int", "float", "bool") for v in values):
        return flow.fresh(node)
    if value.is_("list", "tuple"):
        return frozenset().union(*parts) | flow.fresh(node)  # the elements are shared
    return frozenset().union(*parts) | {f"what `{ast.unparse(node)[:40]}` gives"}


def _comprehension(flow: Flow, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> Tokens:
    assert flow.state is not None
    saved = dict(flow.state.names)
    for generator in node.generators:
        held = flow.expr(generator.iter)
        for part in walk(generator.target):
            if isinstance(part, ast.Name):
                flow.state.names[part.id] = held
        for test in generator.ifs:
            flow.expr(test)
    found = flow.expr(node.key) | flow.expr(node.value) if isinstance(node, ast.DictComp) else flow.expr(node.elt)
    flow.state.names = {name: flow.state.names.get(name, held) for name, held in saved.items()}
    return found | flow.fresh(node)


def _call(flow: Flow, node: ast.Call) -> Tokens:
    func = node.func
    receiver = flow.expr(func.value) if isinstance(func, ast.Attribute) else _NOTHING
    given = [flow.expr(part) for part in node.args]
    named = {keyword.arg: flow.expr(keyword.value) for keyword in node.keywords}
    every: Tokens = frozenset().union(*given, *named.values())
    qualified = flow.facts.module.qualified(func)
    if qualified in _KEEP_NOTHING:
        return _NOTHING
    if qualified == "copy.deepcopy":
        return flow.fresh(node)
    if isinstance(func, ast.Attribute):
        base = flow.facts.value(func.value)
        if base.is_tensor:
            return _tensor_method(flow, node, func, base, receiver, every)
        if base.is_("list", "dict", "set") and isinstance(func.value, ast.Name):
            if func.attr in _CHANGES_LIST:
                flow.add(func.value.id, every)
                return receiver | every if func.attr == "setdefault" else _NOTHING
            return receiver | every
        if base.is_("str", "int", "float", "bool", "shape"):
            return every
    if qualified is not None and tables.function_spec(qualified) is not None:
        return _framework_function(flow, node, qualified, every)
    callee = flow.facts.value(func)
    target = alias_users.target(flow, callee)
    if target is not None:
        function, is_method = target
        return alias_users.user_call(flow, node, function, is_method, receiver, given, named)
    module = callee if callee.is_("module") else None
    if module is not None:
        found = _module_call(flow, node, module, given, named)
        if found is not None:
            return found
    if callee.is_("class") and callee.cls is not None and tables.framework_class(callee.cls) is not None:
        flow.escape(every, f"`{ast.unparse(node.func)[:40]}(...)`, which keeps what it is given")
        return every | flow.fresh(node)
    flow.escape(every | receiver, f"`{ast.unparse(func)[:40]}`, which may keep it")
    return every | receiver | {f"what `{ast.unparse(func)[:40]}` gives, which may not be new"}


def _inplace(node: ast.Call, position: int = 1) -> bool:
    """Whether ``inplace`` may be on."""
    for keyword in node.keywords:
        if keyword.arg is None:
            return True
        if keyword.arg in ("inplace", "out"):
            return not (isinstance(keyword.value, ast.Constant) and keyword.value.value in (False, None))
    return False


def _tensor_method(
    flow: Flow, node: ast.Call, func: ast.Attribute, base: Value, receiver: Tokens, every: Tokens
) -> Tokens:
    name, framework = func.attr, base.framework or flow.facts.module_framework
    if name in _COPIES:
        return flow.fresh(node)
    if framework == "tensorflow":
        return flow.fresh(node)
    if name.endswith("_") and not name.endswith("__"):
        return receiver
    table = tables.table(framework) if framework else None
    if table is None or name not in table.methods:
        return receiver | every | {f"what `.{name}()` gives, which may not be new"}
    if framework == "mxnet":
        return receiver if name in _MXNET_SHARING else flow.fresh(node)
    if name in table.sharing or _inplace(node):
        return receiver | (every if name in ("where", "expand_as", "view_as") else _NOTHING)
    return flow.fresh(node)


def _framework_function(flow: Flow, node: ast.Call, qualified: str, every: Tokens) -> Tokens:
    short = qualified.rsplit(".", 1)[-1]
    root = qualified.split(".", 1)[0]
    value = flow.facts.value(node)
    if root in ("tensorflow", "keras"):
        return every if not value.is_tensor or value.may_be("variable") else flow.fresh(node)
    if root == "mxnet":
        sharing = short in _MXNET_SHARING and not (short == "array" and qualified != "mxnet.np.array")
        return every | flow.fresh(node) if sharing or not value.has_tensor or _inplace(node) else flow.fresh(node)
    if root == "torch":
        table = tables.table("torch")
        several = len(node.args) > 1 and short in table.inplace_flag
        if short in table.sharing or short.endswith("_") or _inplace(node) or several or not value.has_tensor:
            return every | flow.fresh(node)
        return flow.fresh(node)
    return every | flow.fresh(node)


def _module_call(
    flow: Flow, node: ast.Call, module: Value, given: list[Tokens], named: dict[str | None, Tokens]
) -> Tokens | None:
    every: Tokens = frozenset().union(*given, *named.values())
    if module_is_fresh(flow, module):
        return flow.fresh(node)
    if module.cls is not None and tables.framework_class(module.cls) is not None:
        return every | flow.fresh(node)
    info = flow.facts.engine.project.class_named(module.cls)
    if info is not None and flow.facts.engine.project.method(info, "forward") is None:
        return every | {f"what `{ast.unparse(node.func)[:40]}` gives, which may not be new"}
    return None


def module_is_fresh(flow: Flow, module: Value) -> bool:
    """Whether calling the framework's module always makes a new tensor."""
    if module.framework == "tensorflow" and module.cls is not None and tables.framework_class(module.cls) is not None:
        return True
    if module.cls is None or tables.class_entry(module.cls) is None:
        return False
    short = module.cls.rsplit(".", 1)[-1]
    if short in ("Sequential", "HybridSequential"):
        return any(module_is_fresh(flow, child) for child in (module.elements or ())[-1:])
    if short not in _FRESH_MODULES or not module.is_("module"):
        return False
    found = tables.class_entry(module.cls)
    assert found is not None
    if any(row[0] == "inplace" for row in found[1].get("params") or ()):
        held = dict(module.keys or ()).get("inplace")
        return held is not None and held.truth is False
    return True
