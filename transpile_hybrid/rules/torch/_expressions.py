"""Types of expressions, for :mod:`._typer`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from ...meaning.nodes import walk
from ._calling import call
from ._classes import class_container, class_model, class_value
from ._containers import comprehension_type, dict_type, list_type
from ._refused import MODULE_TABLES, has_no_type
from ._types import (
    BOOL,
    DEVICE,
    DTYPE,
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
    function_signatures,
    list_of,
    optional,
    tables,
    tuple_of,
    vary,
)  # fmt: skip

if TYPE_CHECKING:
    from ._typer import Env, Typer

_TENSOR_ATTRIBUTES = {
    "shape": list_of(INT), "dtype": DTYPE, "device": DEVICE, "data": TENSOR, "T": TENSOR, "mT": TENSOR, "H": TENSOR,
    "mH": TENSOR, "is_cuda": BOOL, "requires_grad": BOOL, "ndim": INT, "is_sparse": BOOL, "is_quantized": BOOL,
    "is_leaf": BOOL, "grad": optional(TENSOR), "layout": INT, "real": TENSOR, "imag": TENSOR, "is_mkldnn": BOOL,
    "is_mps": BOOL, "is_xla": BOOL, "itemsize": INT, "nbytes": INT, "is_nested": BOOL, "is_meta": BOOL, "name": STR,
}  # fmt: skip
_DTYPES = frozenset(
    ("float32", "float", "float64", "double", "float16", "half", "bfloat16", "int8", "int16", "short", "int32", "int")
    + ("int64", "long", "uint8", "bool", "complex64", "complex128", "cfloat", "cdouble")
)
_ARITHMETIC = {"int": INT, "float": FLOAT}


def expression(typer: Typer, node: ast.expr, env: Env) -> T:
    """Return the type of ``node``; children are typed on the way."""
    if isinstance(node, ast.Constant):
        return constant(node.value)
    if isinstance(node, ast.Name):
        return _name(typer, node, env)
    if isinstance(node, ast.Attribute):
        return _attribute(typer, node, env)
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
    elif any(one.kind in ("optional", "tuple", "none") for one in value.alternatives):
        typer.problem("no-bool", node, value)
    elif not value.known:
        typer.gap("condition", node)


def _name(typer: Typer, node: ast.Name, env: Env) -> T:
    value = env.get(node.id)
    if value is not None:
        if value.kind == "conflict":
            typer.problem("conflict", node, *value.args)
            return UNKNOWN
        return value
    if node.id in typer.maybe:
        typer.problem("undefined", node, typer.maybe[node.id])
        return UNKNOWN
    if node.id == typer.me:
        return T("self")
    scope = typer.module.scope_at(node)
    if scope.is_local(node.id):
        return typer.gap("local", node)
    found = scope.lookup(node.id)
    if found is not None and len(found[1]) == 1:
        value_node = found[1][0].value or _unpacked(typer, found[1][0].node)
        if value_node is not None and _is_literal(value_node):
            value = ast.literal_eval(value_node)
            if typer.script and value is not None:
                typer.problem("global-value", node, value_node)
            return constant(value)
        if value_node is not None and typer.script and _is_no_constant(typer, value_node):
            typer.problem("global-container", node)
    named = _named(typer, node)
    if named is None or named.kind in ("float", "int", "dtype", "namespace"):
        typer.gap("name", node)  # `from math import pi`: a value that is closed over, which TorchScript may not take
    return named or UNKNOWN


def _is_no_constant(typer: Typer, node: ast.expr) -> bool:
    """Whether ``node`` gives a list, a dict, a tensor, a dtype or a device."""
    if isinstance(node, ast.Call):
        name = typer.qualified(node.func) or ""
        signatures = function_signatures(name) if name.startswith("torch.") else ()
        return name == "torch.device" or bool(signatures) and all(one.returns == TENSOR for one in signatures)
    if isinstance(node, ast.Attribute):
        prefix, _, last = (typer.qualified(node) or "").rpartition(".")
        return prefix == "torch" and last in _DTYPES
    return isinstance(node, ast.List | ast.Tuple | ast.Dict | ast.Set | ast.ListComp | ast.DictComp | ast.SetComp)


def _is_literal(node: ast.expr) -> bool:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        node = node.operand
        return isinstance(node, ast.Constant) and type(node.value) in (int, float)
    return isinstance(node, ast.Constant)


def _unpacked(typer: Typer, target: ast.AST) -> ast.expr | None:
    """Return what ``target`` gets in ``a, b = 1, 2``."""
    row = typer.module.parent(target) if isinstance(target, ast.Name) else None
    statement = typer.module.parent(row) if isinstance(row, ast.Tuple) else None
    if not isinstance(row, ast.Tuple) or not isinstance(statement, ast.Assign):
        return None
    value = statement.value
    if not isinstance(value, ast.Tuple) or len(value.elts) != len(row.elts):
        return None
    if any(isinstance(one, ast.Starred) for one in (*row.elts, *value.elts)):
        return None
    return value.elts[row.elts.index(target)] if isinstance(target, ast.Name) else None


def _named(typer: Typer, node: ast.expr) -> T | None:
    """Return what a qualified name stands for."""
    name = typer.qualified(node)
    if name is None:
        return None
    prefix, _, last = name.rpartition(".")
    if prefix == "torch" and last in _DTYPES:
        return DTYPE
    if name in ("math.pi", "math.e", "math.inf", "torch.inf", "torch.pi", "math.nan"):
        return FLOAT
    if name in tables()["functions"] or prefix == "builtins":
        return T("function", name=name)
    if typer.project.class_named(name) is not None or name in tables()["modules"]:
        return T("class", name=name)
    scope = typer.module.scopes.top
    if typer.module.name and name.startswith(typer.module.name + "."):
        name_here = name[len(typer.module.name) + 1 :]
    else:
        name_here = name
    bound = scope.bindings.get(name_here)
    if bound and len(bound) == 1 and bound[0].kind == "def":
        return T("function", name=name)
    return T("namespace", name=name) if prefix or name in ("torch", "math", "numpy") else None


def _attribute(typer: Typer, node: ast.Attribute, env: Env) -> T:
    key = typer.key(node)
    if key is not None and key in env:
        return env[key]
    if (
        isinstance(node.value, ast.Name)
        and node.value.id == typer.me
        and typer.me
        and node.value.id in (*env, typer.me)
    ) and env.get(node.value.id, T("self")).kind == "self":
        held = typer.attribute(node.attr, node)
        if held.kind == "vary" and any(one.kind == "missing" for one in held.args):
            # Python reads it in any case here, or only where another attribute says so: then it is there
            if typer.frames and not typer.guards and not typer.world:
                typer.problem("maybe-missing", node)
            held = vary(one for one in held.args if one.kind != "missing")
        if node.attr in MODULE_TABLES:
            typer.problem("refused-call", node, node.attr)
        if typer.info is not None and typer.script and _untypable(typer, node.attr):
            typer.problem("untypable-attribute", node)
        if held.kind == "?" and typer.info is not None and typer.script:
            value = class_value(typer.info, node.attr, typer.project)
            if value is not None:
                if node.attr not in typer.constants:
                    typer.problem("class-attribute", node)
                return value
        return held
    root: ast.expr = node
    while isinstance(root, ast.Attribute):
        root = root.value
    if isinstance(root, ast.Name) and root.id not in env and root.id != typer.me:
        named = _named(typer, node)
        if named is not None and named.kind != "namespace":
            return named
        if named is not None:
            return typer.gap("namespace", node)
    owner = typer.expr(node.value, env)
    if owner.kind == "optional" and owner.args[0].kind == "tensor":
        typer.problem("optional-used", node.value)
        owner = owner.args[0]
    if owner.kind == "tensor":
        found = _TENSOR_ATTRIBUTES.get(node.attr)
        return found if found is not None else typer.gap("tensor attribute", node)
    if owner.kind == "module" and node.attr == "weight":
        return TENSOR if owner.name.startswith("torch.nn.") else UNKNOWN
    if owner.kind == "module" and node.attr in ("in_features", "out_features", "in_channels", "out_channels"):
        return INT if owner.name.startswith("torch.nn.") else UNKNOWN
    if owner.kind == "module" and node.attr == "training":
        return BOOL
    info = typer.project.class_named(owner.name) if owner.kind == "module" else None
    if info is not None:
        from ._typer import attribute_type

        return attribute_type(info, node.attr, typer.project, typer.depth + 1)
    return typer.gap("attribute", node)


def _untypable(typer: Typer, name: str) -> bool:
    """Whether ``self.name`` always holds what TorchScript has no type for."""
    assert typer.info is not None
    model = class_model(typer.info, typer.project)
    writes = model.constructed(name)
    if not writes and name not in typer.constants and class_container(typer.info, name, typer.project):
        return True
    if not writes or name in model.later or name in model.registered:
        return False
    return all(
        write.value is not None
        and (has_no_type(write.value, write.owner.module.qualified) or _stays_empty(typer, write.value, name))
        for write in writes
    )


def _stays_empty(typer: Typer, value: ast.expr, name: str) -> bool:
    """Whether ``value`` is an empty list or dict without an annotation that construction puts nothing into."""
    assert typer.info is not None
    if not isinstance(value, ast.List | ast.Dict) or (value.elts if isinstance(value, ast.List) else value.keys):
        return False
    if not isinstance(typer.module.parents.get(id(value)), ast.Assign):
        return False
    for owner in typer.project.mro(typer.info):
        for statement in owner.node.body:
            if isinstance(statement, ast.AnnAssign) and ast.unparse(statement.target) == name:
                return False
        uses = [n for n in walk(owner.node) if isinstance(n, ast.Attribute) and n.attr == name]
        for use in uses:
            function = owner.module.enclosing_function(use)
            if isinstance(use.ctx, ast.Load) and function is not None and function.name != "forward":
                return False
    return not typer.project.unresolved_bases(typer.info)


def binary(typer: Typer, op: ast.operator, left: T, right: T, node: ast.AST) -> T:
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
            elif not none:
                _optional_side(typer, node, left, right)
                _attribute_side(typer, node, left, right)
        elif isinstance(op, ast.In | ast.NotIn):
            _optional_side(typer, node, left, STR)
            held = node.comparators[0]
            if isinstance(held, ast.List | ast.Tuple) and held.elts:
                _attribute_side(typer, node, left, typer.types.get(id(held.elts[0]), UNKNOWN))
    if any(side.kind == "tensor" for side in sides) and not isinstance(
        node.ops[0], ast.Is | ast.IsNot | ast.In | ast.NotIn
    ):
        return TENSOR
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
    if owner.kind == "dict" and len(owner.args) == 2:
        return owner.args[1]
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
    if owner.kind == "module" and owner.name == "torch.nn.ModuleDict" and not isinstance(index, ast.Constant):
        typer.problem("module-index", node, owner)
    if owner.kind == "module" and owner.name in ("torch.nn.ModuleList", "torch.nn.Sequential"):
        if isinstance(index, ast.Slice):
            parent = typer.module.parent(node)
            if isinstance(parent, ast.Call) and parent.func is node:
                typer.problem("modules-called", node, owner)
            return owner
        if position is None:
            typer.problem("module-index", node, owner)
        if owner.args and position is not None and -len(owner.args) <= position < len(owner.args):
            return owner.args[position]
        same = vary(one.bare for one in owner.args)
        return same if owner.args and same.known else typer.gap("module index", node)
    return typer.gap("subscript", node)


def _literal(node: ast.expr | None) -> Any:
    if node is None:
        return None
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
        return -node.operand.value if isinstance(node.operand.value, int) else NO
    return NO
