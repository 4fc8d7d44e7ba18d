"""``next(self.parameters())``: which parameter that is, where the constructor says so."""

from __future__ import annotations

import ast

from ...meaning.classes import ClassInfo, Project
from ...meaning.names import statements
from ...meaning.nodes import walk
from ..rule import UnitContext
from ._classes import class_model, self_name, targets_of
from ._construct import constructed_type
from ._types import CONTAINERS, T

_WEIGHTS = frozenset(
    ("Linear", "Bilinear", "Embedding", "EmbeddingBag", "Conv1d", "Conv2d", "Conv3d")
    + ("ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d", "PReLU")
)
_RECURRENT = frozenset({"RNN", "GRU", "LSTM"})
_WITHOUT = frozenset(
    ("ReLU", "LeakyReLU", "ELU", "GELU", "SiLU", "Sigmoid", "Tanh", "Softmax", "LogSoftmax", "Dropout", "Dropout2d")
    + ("Identity", "Flatten", "MaxPool1d", "MaxPool2d", "MaxPool3d", "AvgPool1d", "AvgPool2d", "AvgPool3d", "Upsample")
    + ("AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "AdaptiveMaxPool2d", "ZeroPad2d", "ReflectionPad2d", "ReLU6")
    + ("CrossEntropyLoss", "MSELoss", "L1Loss", "PixelShuffle")
)
_MOST = 6


def first_parameter(path: str, info: ClassInfo, ctx: UnitContext) -> str | None:
    """Return the path of the first parameter below ``path`` of an instance of ``info``; ``None`` if it isn't sure.

    ``path`` is ``self`` or ``self.part``.
    """
    _, _, attribute = path.partition(".")
    if not attribute:
        inner = _of_class(info, ctx.project, 0)
    elif "." in attribute:
        return None
    else:
        inner = _of(constructed_type(info, attribute, ctx.project, 0), ctx.project, 0)
    return f"{path}{inner}" if inner else None


def _of(held: T, project: Project, depth: int) -> str | None:
    """Return the rest of a path, like ``.weight``; '' for a module without parameters."""
    if held.kind != "module" or depth > _MOST:
        return None
    name = held.name.removeprefix("torch.nn.")
    if held.name.startswith("torch.nn."):
        if name in _WEIGHTS:
            return ".weight"
        if name in _RECURRENT:
            return ".weight_ih_l0"
        if name in _WITHOUT:
            return ""
        if held.name not in CONTAINERS or not held.args:
            return None
        for index, item in enumerate(held.args):
            inner = _of(item, project, depth + 1)
            if inner != "":
                return f"[{index}]{inner}" if inner else None
        return None
    info = project.class_named(held.name)
    return _of_class(info, project, depth + 1) if info is not None else None


def _of_class(info: ClassInfo, project: Project, depth: int) -> str | None:
    init, base = info.methods.get("__init__"), project.framework_base(info)
    model = class_model(info, project)
    plain = base is not None and base.name == "torch.nn.Module" and len(project.mro(info)) == 1
    if init is None or not plain or model.opaque or model.registered:
        return None
    me = self_name(init)
    modules: list[str] = []
    for statement in statements(init.body):
        top = statement in init.body
        for target, value in targets_of(statement):
            own = isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == me
            if not own or not isinstance(target, ast.Attribute) or not _may_hold(value, info):
                continue
            if value is not None and _is_parameter(value, info):
                return f".{target.attr}" if top and len(model.built[target.attr]) == 1 else None
            if not top or len(model.built.get(target.attr, [])) != 1 or target.attr in model.later:
                if not modules:
                    return None
                continue
            modules.append(target.attr)
    for name in modules:
        inner = _of(constructed_type(info, name, project, depth), project, depth)
        if inner != "":
            return f".{name}{inner}" if inner else None
    return None


def _may_hold(value: ast.expr | None, info: ClassInfo) -> bool:
    """Whether a value can be a module or a parameter: no number, and no argument that is used as a size."""
    if isinstance(value, ast.Constant | ast.BinOp | ast.Compare | ast.JoinedStr | ast.UnaryOp):
        return False
    init = info.methods["__init__"]
    if not isinstance(value, ast.Name):
        return True
    for node in walk(init):
        if isinstance(node, ast.Name) and node.id == value.id and node is not value:
            parent = info.module.parent(node)
            call = info.module.parent(parent) if isinstance(parent, ast.keyword) else parent
            if isinstance(parent, ast.BinOp | ast.Compare):
                return False
            name = info.module.qualified(call.func) if isinstance(call, ast.Call) and call.func is not node else None
            if name is not None and name.removeprefix("torch.nn.") in _WEIGHTS | _RECURRENT | _WITHOUT:
                return False
    return True


def _is_parameter(value: ast.expr, info: ClassInfo) -> bool:
    made = [one for one in walk(value) if isinstance(one, ast.Call)]
    return any((info.module.qualified(one.func) or "").endswith(".Parameter") for one in made)
