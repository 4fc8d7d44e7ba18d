"""What names and attributes stand for: variables, globals, what a module holds, what a tensor has."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ...meaning.nodes import walk
from ._classes import class_container, class_model, class_value, targets_of, whose_class
from ._refused import MODULE_TABLES, has_no_type
from ._types import (
    BOOL,
    DEVICE,
    DTYPE,
    FLOAT,
    INT,
    STR,
    TENSOR,
    UNKNOWN,
    T,
    constant,
    function_signatures,
    list_of,
    optional,
    tables,
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


MATH_CONSTANTS = {f"{module}.{name}": f"math.{name}" for module in ("math", "numpy") for name in
                  ("pi", "e", "inf", "nan", "tau") if (module, name) != ("numpy", "tau")}  # fmt: skip


def name_type(typer: Typer, node: ast.Name, env: Env) -> T:
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
    origin = typer.qualified(node)
    if origin in MATH_CONSTANTS:
        typer.problem("imported-number", node, MATH_CONSTANTS[origin])
        return FLOAT
    named = _named(typer, origin)
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
    if not isinstance(statement, ast.Assign):
        return None
    return next((value for one, value in targets_of(statement) if one is target), None)


def _named(typer: Typer, name: str | None) -> T | None:
    """Return what a qualified name stands for."""
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


def _said_by_guard(typer: Typer, name: str) -> bool:
    """Whether the condition on the instance that holds here is the one under which the constructor makes ``name``."""
    if not typer.guards and not typer.world:
        return False
    if not typer.guards or typer.info is None or len(typer.frames) <= typer.guards[-1][1]:
        return True
    held = {text.replace("self.", "") for text, _ in typer.guards}
    for write in class_model(typer.info, typer.project).built.get(name, []):
        tests = {
            ast.unparse(one.test).replace("self.", "")
            for one in write.owner.module.ancestors(write.statement)
            if isinstance(one, ast.If)
        }
        if tests <= held:
            return True
    return False


def attribute_read(typer: Typer, node: ast.Attribute, env: Env) -> T:
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
            if typer.frames and not _said_by_guard(typer, node.attr):
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
    asked = whose_class(node.value, typer.qualified) if isinstance(node.value, ast.Call) else None
    if isinstance(asked, ast.Name) and asked.id == typer.me:
        typer.problem("refused-call", node.value, "builtins.type")
        return STR if node.attr in ("__name__", "__qualname__") else UNKNOWN
    root: ast.expr = node
    while isinstance(root, ast.Attribute):
        root = root.value
    if isinstance(root, ast.Name) and root.id not in env and root.id != typer.me:
        named = _named(typer, typer.qualified(node))
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

        return attribute_type(info, node.attr, typer.project, 0 if typer.script else typer.depth + 1)
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
