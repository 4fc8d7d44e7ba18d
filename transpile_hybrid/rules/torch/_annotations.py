"""Types that annotations name."""

from __future__ import annotations

import ast

from ...meaning.module import Module
from ._types import BOOL, DEVICE, DTYPE, FLOAT, INT, NONE, STR, TENSOR, UNKNOWN, T, optional, tuple_of


def annotation_type(node: ast.expr, module: Module) -> T:
    """Return the type that an annotation names; ``UNKNOWN`` for what TorchScript may or may not know."""
    if isinstance(node, ast.Constant):
        if node.value is None:
            return NONE
        if isinstance(node.value, str):
            try:
                inner = ast.parse(node.value, mode="eval").body
            except SyntaxError:
                return UNKNOWN
            return _annotation_words(inner)
    name = module.qualified(node) if isinstance(node, ast.Name | ast.Attribute) else None
    words = {
        "torch.Tensor": TENSOR, "builtins.int": INT, "builtins.float": FLOAT, "builtins.bool": BOOL,
        "builtins.str": STR,
        "torch.device": DEVICE, "torch.dtype": DTYPE,
    }  # fmt: skip
    if name is not None:
        return words.get(name, UNKNOWN)
    if isinstance(node, ast.Subscript):
        head = module.qualified(node.value)
        items = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        parts = [annotation_type(one, module) for one in items]
        if head in ("typing.Optional",):
            return optional(parts[0])
        if head in ("typing.List", "builtins.list") and len(parts) == 1:
            return T("list", (parts[0],))
        if head in ("typing.Tuple", "builtins.tuple"):
            return UNKNOWN if any(isinstance(i, ast.Constant) and i.value is ... for i in items) else tuple_of(parts)
        if head in ("typing.Dict", "builtins.dict") and len(parts) == 2:
            return T("dict", tuple(parts))
        if head == "typing.Union" and all(one.known for one in parts):
            several = tuple(one for one in parts if one.kind != "none")
            return T("union", several) if len(several) > 1 else optional(several[0])
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        sides = [annotation_type(one, module) for one in (node.left, node.right)]
        if sides[1].kind == "none":
            return optional(sides[0])
        if sides[0].kind == "none":
            return optional(sides[1])
    return UNKNOWN


def _annotation_words(node: ast.expr) -> T:
    text = ast.unparse(node)
    return {"torch.Tensor": TENSOR, "Tensor": TENSOR, "int": INT, "float": FLOAT, "bool": BOOL, "str": STR}.get(
        text, UNKNOWN
    )
