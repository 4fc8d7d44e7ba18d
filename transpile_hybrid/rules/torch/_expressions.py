"""Types of expressions, for :mod:`._typer`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from ...meaning.nodes import walk
from ._calling import call
from ._containers import comprehension_type, dict_type, list_type
from ._lookups import attribute_read, name_type
from ._types import (
    BOOL,
    CONTAINERS,
    FLOAT,
    INT,
    NO,
    NUMBERS,
    PLAIN,
    SCALAR,
    STR,
    TENSOR,
    UNKNOWN,
    T,
    constant,
    emptied,
    list_of,
    tuple_of,
    vary,
)  # fmt: skip

if TYPE_CHECKING:
    from ._typer import Env, Typer

_ARITHMETIC = {"int": INT, "float": FLOAT}


def expression(typer: Typer, node: ast.expr, env: Env) -> T:
    """Return the type of ``node``; children are typed on the way."""
    if isinstance(node, ast.Constant):
        return constant(node.value)
    if isinstance(node, ast.Name):
        return name_type(typer, node, env)
    if isinstance(node, ast.Attribute):
        return attribute_read(typer, node, env)
    if isinstance(node, ast.Call):
        return call(typer, node, env)
    if isinstance(node, ast.BinOp):
        return binary(typer, node.op, typer.expr(node.left, env), typer.expr(node.right, env), node)
    if isinstance(node, ast.UnaryOp):
        inner = typer.expr(node.operand, env)
        if isinstance(node.op, ast.Not):
            truth(typer, node.operand, inner)
            return BOOL
        if inner.const is not NO and isinstance(node.op, ast.USub) and isinstance(inner.const, int | float):
            return constant(-inner.const)
        return inner.bare
    if isinstance(node, ast.Compare):
        return _compare(typer, node, env)
    if isinstance(node, ast.BoolOp):
        inner_env = dict(env)
        for value in node.values:
            found = typer.expr(value, inner_env)
            truth(typer, value, found)
            inner_env = typer.refine(value, inner_env, isinstance(node.op, ast.And))
        if not typer.script:  # Python gives one of the values
            given = [typer.types.get(id(value), UNKNOWN).bare for value in node.values]
            if isinstance(node.op, ast.Or):  # `None or x` is never the None
                given = [*(vary(_some(one)) for one in given[:-1] if one.kind != "none"), given[-1]]
            return vary(given)
        return BOOL
    if isinstance(node, ast.IfExp):
        return _if_expression(typer, node, env)
    if isinstance(node, ast.Subscript):
        return _subscript(typer, node, env)
    if isinstance(node, ast.Tuple):
        parts = [typer.expr(one, env) for one in node.elts]
        if any(one.kind == "starred" for one in parts):
            within = {one.args[0].kind if one.kind == "starred" else one.kind for one in parts}
            typer.problem("starred-tuple", node)
            return list_of(INT) if within <= {"list", "int", "?", "vary"} and "list" in within else UNKNOWN
        return tuple_of(parts)
    if isinstance(node, ast.List):
        return list_type(typer, node, env)
    if isinstance(node, ast.Dict):
        return dict_type(typer, node, env)
    if isinstance(node, ast.ListComp | ast.DictComp):
        return comprehension_type(typer, node, env)
    if isinstance(node, ast.GeneratorExp):
        typer.problem("generator", node)
        return T("iter", comprehension_type(typer, node, env).args)
    if isinstance(node, ast.JoinedStr):
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                typer.expr(part.value, env)
                if part.format_spec is not None:
                    typer.gap("format", part)
        return STR
    if isinstance(node, ast.Slice):
        for bound in (node.lower, node.upper, node.step):
            if bound is not None:
                typer.expr(bound, env)
        return T("slice")
    if isinstance(node, ast.Starred):
        inner = typer.expr(node.value, env)
        return T("starred", (inner,))
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr) and not isinstance(node, ast.Lambda | ast.GeneratorExp):
            typer.expr(child, env)
    return typer.gap(type(node).__name__, node)


def _some(kind: T) -> list[T]:
    """Return what a value can be when it isn't None."""
    return [one for one in kind.alternatives if one.kind != "none"]


def truth(typer: Typer, node: ast.expr, value: T) -> None:
    """Report a condition that TorchScript can't make a bool of."""
    if value.kind == "module" or value.kind == "vary" and any(one.kind == "module" for one in value.args):
        typer.problem("module-truth", node, value)
    elif any(one.kind == "function" for one in value.alternatives):
        typer.problem("function-none", node)
    elif any(one.kind in ("optional", "tuple", "none") for one in value.alternatives):
        typer.problem("no-bool", node, value)
    elif not value.known:
        typer.gap("condition", node)


def binary(typer: Typer, op: ast.operator, left: T, right: T, node: ast.AST) -> T:
    if not typer.script and "vary" in (left.kind, right.kind):  # a constructor: what each kind of instance makes of it
        return vary(binary(typer, op, a.bare, b.bare, node) for a in left.alternatives for b in right.alternatives)
    kinds = (left.kind, right.kind)
    if isinstance(node, ast.BinOp):
        _needs_both(typer, node, left, right)
    if "tensor" in kinds:
        other = right if left.kind == "tensor" else left
        if other.kind in ("tensor", "int", "float", "bool", "scalar", "complex"):
            return TENSOR
        if not other.known and (left.kind == "tensor" or isinstance(op, ast.MatMult)):
            # what a tensor is combined with is a tensor or a number, or the compiler says no
            typer.gap("operand", node)
            return TENSOR
        if other.kind == "none" or other.kind == "optional":
            typer.problem("operand", node, left, right)
            return TENSOR
        return typer.gap("operand", node)
    if "optional" in kinds and all(side.kind != "optional" or side.args[0].kind == "tensor" for side in (left, right)):
        typer.problem("operand", node, left, right)
        return TENSOR
    numbers = [side.args[0].kind if side.kind == "optional" else side.kind for side in (left, right)]
    if "optional" in kinds and all(one in _ARITHMETIC for one in numbers):
        typer.problem("operand", node, left, right)
        return FLOAT if "float" in numbers or isinstance(op, ast.Div) else typer.gap("optional number", node)
    if kinds[0] in _ARITHMETIC and kinds[1] in _ARITHMETIC:
        if isinstance(op, ast.Div):
            return FLOAT
        if isinstance(op, ast.Pow):
            return FLOAT if "float" in kinds or typer.script else UNKNOWN  # to TorchScript 2 ** 3 is 8.0
        return FLOAT if "float" in kinds else INT
    if "scalar" in kinds and set(kinds) <= {"scalar", "int", "float"}:
        return SCALAR
    if isinstance(op, ast.Add):
        if kinds == ("list", "list"):
            started = _started_empty(typer, node, left, right)
            if started is not None:
                return started
            if left.args == right.args:
                return left
            if left.args and right.args and left.args[0].known and right.args[0].known:
                typer.problem("list-sum", node, left, right)
            return T("list", (UNKNOWN,))
        if kinds == ("tuple", "tuple"):
            return tuple_of((*left.args, *right.args))
        if set(kinds) == {"list", "tuple"}:
            typer.problem("size-plus-tuple", node, left, right)
            return list_of(INT)
        if kinds == ("str", "str"):
            return STR
    if isinstance(op, ast.Mult) and set(kinds) == {"list", "int"}:
        return left if left.kind == "list" else right
    if isinstance(op, ast.Mod) and left.kind == "str":
        return STR
    return typer.gap("operator", node)


def _started_empty(typer: Typer, node: ast.AST, left: T, right: T) -> T | None:
    """``[n, m] + sizes`` tells what the list holds that starts empty, where what it gets is unknown."""
    if not isinstance(node, ast.BinOp):
        return None
    for name, empty, other, held in ((node.left, left, node.right, right), (node.right, right, node.left, left)):
        if empty.const != "empty" or held.const == "empty" or not isinstance(name, ast.Name):
            continue
        parts = [typer.types.get(id(one), UNKNOWN) for one in other.elts] if isinstance(other, ast.List) else held.args
        known = {one.bare for one in parts if one.known}  # those of one list are of one type
        if len(known) == 1 and TENSOR not in known:
            (element,) = known
            typer.problem("empty-list", node, name.id, element)
            return list_of(element)
    return None


def _needs_both(typer: Typer, node: ast.BinOp, left: T, right: T) -> None:
    """Arithmetic with an attribute that is None in some instances: TorchScript reads it for those too."""
    for side, kind, other in ((node.left, left, right), (node.right, right, left)):
        none = kind.kind == "vary" and any(one.kind == "none" for one in kind.args)
        if none and other.kind in ("tensor", *NUMBERS) and (typer.key(side) or "").startswith("self."):
            typer.problem("operand-none", side)


def _compare(typer: Typer, node: ast.Compare, env: Env) -> T:
    sides = [typer.expr(node.left, env), *(typer.expr(one, env) for one in node.comparators)]
    for op, left, right in zip(node.ops, sides, sides[1:], strict=False):
        if isinstance(op, ast.Eq | ast.NotEq):
            none = "none" in (left.kind, right.kind)
            other = right if left.kind == "none" else left
            if (
                none
                and (other.kind == "module" or other.kind == "vary" and any(t.kind == "module" for t in other.args))
                or none
                and (other.kind in ("tensor", "optional") or _called_attribute(typer, node.left))
            ):
                typer.problem("none-equal", node, other)
            elif none and other.kind in PLAIN:
                typer.problem("none-compare", node)
            elif not none:
                _optional_side(typer, node, left, right)
                _attribute_side(typer, node, left, right)
        elif isinstance(op, ast.Is | ast.IsNot):
            if right.kind == "none" and any(one.kind == "function" for one in left.alternatives):
                typer.problem("function-none", node)
        elif isinstance(op, ast.In | ast.NotIn):
            _optional_side(typer, node, left, STR)
            held = node.comparators[0]
            if isinstance(held, ast.List | ast.Tuple) and held.elts:
                _attribute_side(typer, node, left, typer.types.get(id(held.elts[0]), UNKNOWN))
    if isinstance(node.ops[0], ast.Is | ast.IsNot | ast.In | ast.NotIn):
        return BOOL
    if any(side.kind == "tensor" for side in sides):
        return TENSOR
    if any(not side.known for side in sides):
        asked = typer.module.parent(node)
        told = any(side.kind in ("str", "tuple", "list", "none") for side in sides)
        if not told and not isinstance(asked, ast.If | ast.IfExp | ast.While | ast.Assert | ast.BoolOp | ast.UnaryOp):
            return UNKNOWN  # it may be one of tensors
    return BOOL


def _optional_side(typer: Typer, node: ast.Compare, left: T, right: T) -> None:
    """TorchScript compares no ``Optional`` with a number or a text."""
    for one, other in ((left, right), (right, left)):
        if one.kind == "optional" and one.args[0].kind in PLAIN and other.kind in PLAIN:
            typer.problem("optional-compare", node, one)


def _attribute_side(typer: Typer, node: ast.Compare, left: T, right: T) -> None:
    """An attribute that is, in some instances, of a type that TorchScript doesn't compare with the other side's."""
    key = typer.key(node.left)
    if len(node.ops) != 1 or right.kind not in PLAIN or key is None or not key.startswith("self."):
        return
    kinds = {one.kind for one in left.alternatives}
    if (
        "none" in kinds
        or kinds & {"str", "tuple"}
        and right.kind != "str"
        or right.kind == "str"
        and kinds & {*NUMBERS}
    ):
        typer.problem("attribute-compare", node)


def _called_attribute(typer: Typer, node: ast.expr) -> bool:
    """Whether ``node`` is ``self.name`` that the class calls: a module or function, not an array."""
    key = typer.key(node)
    if key is None or typer.info is None or not key.startswith("self."):
        return False
    return any(
        isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute) and typer.key(one.func) == key
        for one in walk(typer.info.node)
    )


def _if_expression(typer: Typer, node: ast.IfExp, env: Env) -> T:
    truth(typer, node.test, typer.expr(node.test, env))
    decided = typer.decided(node.test, env)
    if decided is not None:
        chosen = node.body if decided else node.orelse
        return typer.expr(chosen, typer.refine(node.test, dict(env), decided))
    yes = typer.expr(node.body, typer.refine(node.test, dict(env), True))
    no = typer.expr(node.orelse, typer.refine(node.test, dict(env), False))
    if yes.kind == no.kind == "module" and yes.name != no.name or yes.kind == no.kind == "function":
        typer.problem("chosen", node, yes.kind)
    both = typer.joined(yes, no)
    if both is None:
        typer.problem("conflict", node, yes, no)
        return UNKNOWN
    return both


def check_index(typer: Typer, node: ast.Subscript) -> None:
    """An index of which it isn't sure that TorchScript takes it: an ellipsis or a new axis beside a list or tensor."""
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    kinds = {typer.types.get(id(one), UNKNOWN).kind for one in parts if not isinstance(one, ast.Slice)}
    index = typer.types.get(id(node.slice), UNKNOWN)
    if index == list_of(TENSOR) and index.const != "empty":  # an empty one is a list of whatever comes to it
        typer.problem("index-by-tensors", node)
    special = any(isinstance(one, ast.Constant) and (one.value is ... or one.value is None) for one in parts)
    if kinds - {"int", "none", "tensor", "list", "?"} or (special or len(parts) > 1) and kinds & {"list", "tensor"}:
        typer.gap("index", node)


def _subscript(typer: Typer, node: ast.Subscript, env: Env) -> T:
    owner = typer.expr(node.value, env)
    typer.expr(node.slice, env)
    if owner.kind == "tensor":
        check_index(typer, node)
    if owner.kind == "optional" and owner.args[0].kind == "tensor":
        typer.problem("optional-used", node.value)
        return TENSOR
    if owner.kind == "tensor":
        return TENSOR
    if owner.kind == "list" and owner.args:
        return owner if isinstance(node.slice, ast.Slice) else owner.args[0]
    if owner.kind == "str":
        return STR
    if owner.kind == "dict" and len(owner.args) == 2:  # values of several types: which this is, the key says
        return owner.args[1] if owner.args[1].known else typer.gap("subscript", node)
    index = node.slice
    if isinstance(index, ast.UnaryOp) and isinstance(index.op, ast.USub) and isinstance(index.operand, ast.Constant):
        position = -index.operand.value if isinstance(index.operand.value, int) else None
    else:
        position = index.value if isinstance(index, ast.Constant) and isinstance(index.value, int) else None
    if owner.kind == "tuple":
        if position is not None and -len(owner.args) <= position < len(owner.args):
            return owner.args[position]
        if isinstance(index, ast.Slice):
            low, high, step = (_literal(b) for b in (index.lower, index.upper, index.step))
            if NO not in (low, high, step):
                return tuple_of(owner.args[slice(low, high, step)])
        same = vary(one.bare for one in owner.args)
        return same if same.known else UNKNOWN
    owner = _one_container(owner)
    computed = not isinstance(index, ast.Constant) and not _is_constant(typer, index)
    if owner.kind == "module" and owner.name == "torch.nn.ModuleDict" and computed:
        typer.problem("module-index", node, owner)
    if owner.kind == "module" and owner.name in CONTAINERS:
        if isinstance(index, ast.Slice):
            parent = typer.module.parent(node)
            if isinstance(parent, ast.Call) and parent.func is node:
                typer.problem("modules-called", node, owner)
            return owner if len(set(owner.args)) == 1 else emptied(owner)
        if position is None and computed:
            typer.problem("module-index", node, owner)
        if owner.args and position is not None and -len(owner.args) <= position < len(owner.args):
            return owner.args[position]
        same = vary(one.bare for one in owner.args)
        if owner.args and position is None and all(one.kind == "module" for one in same.alternatives):
            return same  # each of them is called when it compiles
        return same if owner.args and same.known else typer.gap("module index", node)
    typer.gap("subscript", node)
    several = isinstance(index, ast.Tuple) and typer.script  # where code compiles nothing else takes such an index
    return TENSOR if several and owner.kind == "?" else UNKNOWN


def _one_container(owner: T) -> T:
    """Return the list or dict of modules that ``owner`` is in all instances that have it, whatever its items are."""
    names = {one.name for one in owner.alternatives if one.kind not in ("none", "missing")}
    name = names.pop() if owner.kind == "vary" and len(names) == 1 else ""
    return T("module", name=name) if name in (*CONTAINERS, "torch.nn.ModuleDict") else owner


def _is_constant(typer: Typer, index: ast.expr) -> bool:
    """Whether ``index`` is an attribute that the class declares constant, which is a literal to TorchScript."""
    key = typer.key(index)
    return key is not None and key.startswith("self.") and key[5:] in typer.constants


def _literal(node: ast.expr | None) -> Any:
    if node is None:
        return None
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
        return -node.operand.value if isinstance(node.operand.value, int) else NO
    return NO
