"""What an expression gives, by the kinds of its parts."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from ...meaning.names import Scope
from ...meaning.values import (
    ARRAY,
    BOOL,
    DTYPE,
    FLOAT,
    INT,
    NOTHING,
    STR,
    UNKNOWN,
    Value,
    constant,
    element_of,
    join,
    join_all,
    of,
    sequence,
    sequence_of,
)
from . import _tables as tables
from ._calls import evaluate_call
from ._values import DTYPES, SHAPE, TENSOR, VARIABLE, arithmetic, iterate, tensor_attribute

if TYPE_CHECKING:
    from ._kinds import Kinds


def evaluate(kinds: Kinds, node: ast.expr, scope: Scope) -> Value:
    """Return the value of ``node``; calls feed the functions that they reach, comprehensions their names."""
    if isinstance(node, ast.Constant):
        return constant(node.value)
    if isinstance(node, ast.Name):
        return _name(kinds, node, scope)
    if isinstance(node, ast.Attribute):
        return _attribute(kinds, node, scope)
    if isinstance(node, ast.Call):
        return evaluate_call(kinds, node, scope)
    if isinstance(node, ast.BinOp):
        left, right = kinds.eval(node.left, scope), kinds.eval(node.right, scope)
        if isinstance(node.op, ast.Mod) and left.is_("str"):
            return STR
        return arithmetic(left, right)
    if isinstance(node, ast.UnaryOp):
        value = kinds.eval(node.operand, scope)
        if isinstance(node.op, ast.Not):
            return TENSOR if value.is_tensor else BOOL
        return (
            replace(value, const=-value.const)
            if isinstance(node.op, ast.USub) and isinstance(value.const, int | float)
            else (value if not value.has_const else replace(value, const=constant(None).const))
        )
    if isinstance(node, ast.Compare):
        values = [kinds.eval(node.left, scope), *(kinds.eval(c, scope) for c in node.comparators)]
        if all(isinstance(op, ast.Is | ast.IsNot | ast.In | ast.NotIn) for op in node.ops):
            return BOOL
        if any(value.is_tensor for value in values):
            return TENSOR
        if any("array" in value.kinds for value in values):
            return ARRAY
        if any(not value.kinds for value in values):
            return NOTHING  # not told yet
        return BOOL if any(value.known for value in values) else UNKNOWN
    if isinstance(node, ast.BoolOp):
        return join_all([kinds.eval(value, scope) for value in node.values])
    if isinstance(node, ast.IfExp):
        kinds.eval(node.test, scope)
        return join(kinds.eval(node.body, scope), kinds.eval(node.orelse, scope))
    if isinstance(node, ast.Subscript):
        return _subscript(kinds, node, scope)
    if isinstance(node, ast.Tuple | ast.List):
        items = [kinds.eval(item, scope) for item in node.elts]
        kind = "tuple" if isinstance(node, ast.Tuple) else "list"
        if any(isinstance(item, ast.Starred) for item in node.elts):
            return sequence_of(
                kind,
                join_all(
                    [iterate(v) if isinstance(n, ast.Starred) else v for n, v in zip(node.elts, items, strict=True)]
                ),
            )
        return sequence(kind, items)
    if isinstance(node, ast.Starred):
        return kinds.eval(node.value, scope)
    if isinstance(node, ast.Dict):
        values = [kinds.eval(value, scope) for value in node.values]
        for key in node.keys:
            if key is not None:
                kinds.eval(key, scope)
        return Value(frozenset({"dict"}), element=join_all(values))
    if isinstance(node, ast.Set):
        return sequence_of("set", join_all([kinds.eval(item, scope) for item in node.elts]))
    if isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
        return _comprehension(kinds, node)
    if isinstance(node, ast.Lambda):
        inner = kinds.module.scopes.of(node)
        for arg in node.args.posonlyargs + node.args.args + node.args.kwonlyargs:
            fed = kinds.given(node).get(arg.arg)
            value = fed if fed is not None else UNKNOWN if kinds.guesses() else NOTHING
            if not value.known and kinds.guesses() and arg.arg in kinds.proven(node):
                value = replace(TENSOR, assumed=True)
            kinds.seeds[id(node), arg.arg] = value
            kinds.cell(inner, arg.arg, value)
        kinds.join_return(node, kinds.eval(node.body, inner))
        return kinds.function_value(node)
    if isinstance(node, ast.JoinedStr):
        for piece in node.values:
            if isinstance(piece, ast.FormattedValue):
                kinds.eval(piece.value, scope)
        return STR
    if isinstance(node, ast.NamedExpr):
        value = kinds.eval(node.value, scope)
        kinds.store(node.target, value, scope)
        return value
    if isinstance(node, ast.Slice):
        for part in (node.lower, node.upper, node.step):
            if part is not None:
                kinds.eval(part, scope)
        return of("slice")
    if isinstance(node, ast.Yield | ast.YieldFrom | ast.Await) and node.value is not None:
        kinds.eval(node.value, scope)
    return UNKNOWN


def _comprehension(kinds: Kinds, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> Value:
    inner = kinds.module.scopes.of(node)
    outer = inner.parent or inner
    for index, generator in enumerate(node.generators):
        kinds.store(generator.target, iterate(kinds.eval(generator.iter, outer if index == 0 else inner)), inner)
        for test in generator.ifs:
            kinds.eval(test, inner)
    if isinstance(node, ast.DictComp):
        kinds.eval(node.key, inner)
        return Value(frozenset({"dict"}), element=kinds.eval(node.value, inner))
    kind = {"ListComp": "list", "SetComp": "set"}.get(type(node).__name__, "iterator")
    return sequence_of(kind, kinds.eval(node.elt, inner))


def _name(kinds: Kinds, node: ast.Name, scope: Scope) -> Value:
    found = scope.lookup(node.id)
    if found is None:
        return UNKNOWN
    owner, bindings = found
    definition = bindings[-1].node
    if bindings[-1].kind == "def" and isinstance(definition, ast.FunctionDef | ast.AsyncFunctionDef):
        return kinds.function_value(definition)
    if bindings[-1].kind == "class":
        qualified = owner.qualified(node)
        return of("class", cls=f"cls:{qualified}") if qualified else UNKNOWN
    if bindings[0].kind == "import" and len({b.kind for b in bindings}) == 1:
        return of("namespace", cls=owner.qualified(node))
    value = kinds.here(node)
    if value is None:
        value = kinds.named(owner, node.id)
    return value if value is not None else NOTHING


def _attribute(kinds: Kinds, node: ast.Attribute, scope: Scope) -> Value:
    qualified = kinds.qualified(node, scope)
    if qualified and qualified.startswith("tensorflow."):
        name = tables.short(qualified)
        if name in DTYPES or name.startswith("dtypes."):
            return DTYPE
        return constant(None) if name == "newaxis" else of("namespace", cls=qualified)
    if qualified and qualified.startswith("numpy."):
        return (
            FLOAT if qualified in ("numpy.pi", "numpy.e", "numpy.inf", "numpy.nan") else of("namespace", cls=qualified)
        )
    if qualified in ("math.pi", "math.e", "math.inf", "math.nan", "math.tau"):
        return FLOAT
    base = kinds.eval(node.value, scope)
    name = node.attr
    if base.is_tensor or (base.kinds & {"tensor", "variable"} and base.kinds <= {"tensor", "variable", "array"}):
        return tensor_attribute(base, name)
    if base.cls and base.cls.startswith("cls:"):
        info = kinds.info_of(base.cls)
        if info is not None:
            known = kinds.attribute_of(info, name)
            if known is not None:
                return known
    if name in tables.VARIABLE_LISTS:
        return sequence_of("list", VARIABLE)
    if base.is_("shape"):
        return INT if name in ("rank", "ndims") else UNKNOWN
    if base.is_("array") and name in ("T", "real", "imag", "flat"):
        return ARRAY
    if name == "shape":
        return of("shape")
    if name in ("dtype",):
        return DTYPE
    if not base.kinds:
        return NOTHING
    return (kinds.attribute(base.cls, name) or UNKNOWN) if base.cls else UNKNOWN


def _subscript(kinds: Kinds, node: ast.Subscript, scope: Scope) -> Value:
    base = kinds.eval(node.value, scope)
    kinds.eval(node.slice, scope)
    if not base.kinds:
        return NOTHING
    if base.is_tensor:
        return replace(base, rank=None, dims=None, kinds=TENSOR.kinds)
    if base.is_("shape"):
        return SHAPE if isinstance(node.slice, ast.Slice) else INT
    if base.kinds & {"list", "tuple", "shape"}:
        if isinstance(node.slice, ast.Slice):
            return Value(base.kinds, element=element_of(base))
        index = kinds.value(node.slice).const
        if isinstance(index, int) and base.elements is not None and -len(base.elements) <= index < len(base.elements):
            return base.elements[index]
        return element_of(base)
    if "dict" in base.kinds:
        return base.element if base.element is not None else UNKNOWN
    if base.is_("array"):
        return ARRAY
    if base.kinds & {"tensor", "variable"}:
        return join(TENSOR, UNKNOWN)
    return UNKNOWN
