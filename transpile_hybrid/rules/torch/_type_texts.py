"""The type of a tensor as a text (``x.type() == y.type()``, ``x.type("torch.LongTensor")``), as TorchScript has it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...rewrite.edit import Fix, Part, operand, replace
from ..rule import Finding, UnitContext
from ._common import imported_name
from ._created import is_simple
from ._reports import Report
from ._types import TENSOR

_LEGACY = {
    "FloatTensor": "float32", "DoubleTensor": "float64", "HalfTensor": "float16", "LongTensor": "int64",
    "IntTensor": "int32", "ShortTensor": "int16", "ByteTensor": "uint8", "CharTensor": "int8", "BoolTensor": "bool",
    "BFloat16Tensor": "bfloat16",
}  # fmt: skip


def same_type(node: ast.Compare, ctx: UnitContext, report: Report) -> Iterator[Finding]:
    """``x.type() == y.type()``: the text says dtype, kind of device and layout."""
    sides = [node.left, *node.comparators]
    if len(sides) != 2 or not isinstance(node.ops[0], ast.Eq | ast.NotEq):
        return
    owners = [_owner_of(side) for side in sides]
    kinds = [one for one in owners if one is not None and report.type(one) == TENSOR]
    said = [_said(side, owner, ctx) for side, owner in zip(sides, owners, strict=True)]
    if not kinds or None in said:
        return
    a = ast.unparse(kinds[0])
    sign, joint = ("==", " and ") if isinstance(node.ops[0], ast.Eq) else ("!=", " or ")
    both = [said[0] or [], said[1] or []]
    text = joint.join(f"{one} {sign} {other}" for one, other in zip(*(both if owners[0] else both[::-1]), strict=True))
    alone = isinstance(ctx.module.parent(node), ast.If | ast.While | ast.Assert | ast.Return | ast.Assign)
    yield Finding(
        node,
        "TorchScript has no text for the type of a tensor",
        help=f"compare `{a}.dtype` and the device",
        fix=Fix((replace(ctx.source, node, text if alone else f"({text})"),)),
    )


def _said(side: ast.expr, owner: ast.expr | None, ctx: UnitContext) -> list[str] | None:
    """Return how the dtype, the kind of device and the layout of ``x.type()`` or ``"torch.FloatTensor"`` are had."""
    if owner is not None:
        return [f"{ast.unparse(owner)}.{word}" for word in ("dtype", "device.type", "layout")]
    if not (isinstance(side, ast.Constant) and isinstance(side.value, str)):
        return None
    place, _, word = side.value.rpartition(".")
    device = {"torch": '"cpu"', "torch.cuda": '"cuda"'}.get(place)
    if word not in _LEGACY or device is None:
        return None
    dtype, layout = imported_name(f"torch.{_LEGACY[word]}", ctx, side), imported_name("torch.strided", ctx, side)
    return [dtype, device, layout] if dtype and layout else None


def _owner_of(node: ast.expr) -> ast.expr | None:
    """Return the tensor in ``x.type()``."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "type"):
        return None
    owner = node.func.value
    if isinstance(owner, ast.Attribute) and owner.attr == "data":
        owner = owner.value
    return owner if not (node.args or node.keywords) and is_simple(owner) else None


def typed(node: ast.Call, owner: ast.expr, given: ast.expr, ctx: UnitContext) -> tuple[Part, ...] | None:
    """``x.type(torch.FloatTensor)``, ``x.type("torch.FloatTensor")`` and ``x.type(y.type())``."""
    name = ctx.qualified(given) if isinstance(given, ast.Name | ast.Attribute) else None
    if isinstance(given, ast.Constant) and isinstance(given.value, str):
        name = given.value
    if name is not None and name.startswith("torch.") and name.rpartition(".")[2] in _LEGACY:
        dtype = _LEGACY[name.rpartition(".")[2]]
        text = imported_name(f"torch.{dtype}", ctx, node)
        place = {"torch": ".cpu()", "torch.cuda": ".cuda()"}.get(name.rpartition(".")[0])
        return (operand(owner), f"{place}.to({text})") if text and place else ()
    if (
        isinstance(given, ast.Call)
        and isinstance(given.func, ast.Attribute)
        and given.func.attr == "type"
        and not given.args
        and not given.keywords
    ):
        return (operand(owner), ".type_as(", given.func.value, ")")
    return None
