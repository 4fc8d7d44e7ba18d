"""Types of calls: signatures matched as TorchScript matches them."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...meaning.classes import ClassInfo
from ...meaning.names import FunctionNode
from ._classes import is_plain, takes_no_self
from ._matching import check_arguments, fits, matched
from ._module_rows import items_of
from ._refused import DISTRIBUTION, MODULE_METHODS, NO_CONSTRUCTOR, TENSOR_METHODS, is_refused
from ._types import (
    BOOL,
    CONTAINERS,
    FLOAT,
    INT,
    SHARED_METHODS,
    STR,
    TENSOR,
    UNKNOWN,
    Signature,
    T,
    constant,
    function_signatures,
    list_of,
    method_signatures,
    module_signature,
    tables,
    tuple_of,
    vary,
)  # fmt: skip

if TYPE_CHECKING:
    from ._typer import Env, Typer

_RNN = {"torch.nn.LSTM": 2, "torch.nn.GRU": 1, "torch.nn.RNN": 1}
_CASTS = {"int": INT, "float": FLOAT, "bool": BOOL, "str": STR, "len": INT}


def call(typer: Typer, node: ast.Call, env: Env) -> T:
    """Return the type of a call."""
    positional = [typer.expr(one, env) for one in node.args]
    keywords = {keyword.arg: typer.expr(keyword.value, env) for keyword in node.keywords}
    for one in node.args:
        if isinstance(one, ast.Starred):
            typer.problem("starred", one, node)
    if None in keywords:
        typer.problem("kwargs-expansion", node)
    stars = None in keywords or any(isinstance(one, ast.Starred) for one in node.args)
    callee = node.func
    if isinstance(callee, ast.Attribute):
        owner_name = typer.qualified(callee)
        root: ast.expr = callee
        while isinstance(root, ast.Attribute):
            root = root.value
        is_path = isinstance(root, ast.Name) and root.id not in env and root.id != typer.me and owner_name is not None
        if not is_path:
            return _method(typer, node, callee, env, positional, keywords, stars)
    target = typer.expr(callee, env)
    return invoke(typer, node, target, positional, keywords, stars)


def invoke(
    typer: Typer, node: ast.Call, target: T, positional: list[T], keywords: dict[str | None, T], stars: bool
) -> T:
    """Type the call of a value."""
    if target.kind == "module":
        return _module(typer, node, target, positional, keywords, stars)
    if target.kind == "vary":
        if typer.script and any(one.kind == "none" for one in target.args) and isinstance(node.func, ast.Attribute):
            typer.problem("none-called", node.func)
        return vary(invoke(typer, node, one, positional, keywords, stars) for one in target.args if one.kind != "none")
    if target.kind == "class":
        return _construct(typer, node, target, positional)
    if target.kind == "function":
        name = target.name
        if name.startswith("builtins."):
            return _builtin(typer, node, name[9:], positional)
        if name.startswith(("torch.", "math.")):
            return matched(typer, node, function_signatures(name), positional, keywords, stars, name)
        return _project_function(typer, node, name, positional, keywords)
    name = typer.qualified(node.func) or ""
    if name in ("torch.nn.Parameter", "torch.nn.parameter.Parameter"):
        return TENSOR
    if name.startswith("torch.nn.modules."):
        name = "torch.nn." + name.rpartition(".")[2]
    if name in ("torch.Tensor", "torch.FloatTensor", "torch.LongTensor", "torch.zeros", "torch.ones", "torch.rand"):
        typer.gap("legacy constructor", node)
        return TENSOR
    if name == "torch.autograd.Variable":
        typer.problem("variable", node)
        return positional[0] if positional else TENSOR
    if name == "typing.cast" and len(positional) == 2:
        return positional[1]
    if name in CONTAINERS:
        return _construct(typer, node, T("class", name=name), positional)
    if name.startswith("torch.nn.") and name[9:10].isupper():
        return T("module", name=name)
    owner, _, last = name.rpartition(".")
    info = typer.project.class_named(owner) if owner else None
    method = typer.project.method(info, last) if info is not None else None
    if method is not None and takes_no_self(method[1]):
        return result_of(typer, node, method[0], info, method[1], positional, keywords)
    return _unknown(typer, node, name, "call")


def _unknown(typer: Typer, node: ast.Call, name: str, why: str) -> T:
    """A call that nothing is known of, or that TorchScript is known to refuse."""
    if is_refused(name):
        typer.problem("refused-call", node, name)
    return typer.gap(why, node)


def _method(
    typer: Typer, node: ast.Call, callee: ast.Attribute, env: Env, positional: list[T], keywords: dict[str | None, T],
    stars: bool,
) -> T:  # fmt: skip
    if isinstance(callee.value, ast.Call) and typer.qualified(callee.value.func) == "builtins.super":
        typer.problem("super", node)
        return TENSOR if callee.attr in ("forward", "__call__") else UNKNOWN
    if isinstance(callee.value, ast.Name) and callee.value.id == typer.me and typer.info is not None:
        method = typer.project.method(typer.info, callee.attr)
        if method is not None:
            typer.types[id(callee)] = T("method", name=callee.attr)
            return _own_method(typer, node, method[0], method[1], positional, keywords)
        if callee.attr in MODULE_METHODS and typer.project.unresolved_bases(typer.info) == []:
            typer.problem("refused-call", node, callee.attr)
        return invoke(typer, node, typer.expr(callee, env), positional, keywords, stars)
    owner = typer.expr(callee.value, env)
    if owner.kind == "optional" and owner.args[0].kind == "tensor":
        typer.problem("optional-used", callee.value)
        owner = owner.args[0]
    if owner.kind == "tensor":
        return _tensor_method(typer, node, callee.attr, positional, keywords, stars)
    if owner.kind == "list":
        return _list_method(typer, node, callee, owner, positional, env)
    if owner.kind == "module":
        if callee.attr == "forward":
            return _module(typer, node, owner, positional, keywords, stars)
        if callee.attr in MODULE_METHODS and _is_frameworks(typer, owner):
            typer.problem("refused-call", node, callee.attr)
        if callee.attr in ("cuda", "to", "eval", "train", "cpu", "half", "float", "double"):
            typer.gap("module method", node)
            return owner
        if callee.attr == "flatten_parameters" and owner.name in _RNN:
            typer.problem("flattened", node)
        if callee.attr in ("items", "keys", "values"):
            return T("moduleiter", (UNKNOWN,))
    if owner.kind == "union":
        typer.problem("union-used", callee.value, owner)
        return UNKNOWN
    if owner.kind == "str":
        return (
            STR if callee.attr in ("format", "lower", "upper", "strip", "join", "replace") else typer.gap("str", node)
        )
    if owner.kind == "dict":
        if callee.attr in ("keys", "values") and len(owner.args) == 2:
            return T("list", (owner.args[callee.attr == "values"],))
        if callee.attr == "items" and len(owner.args) == 2:
            return T("list", (tuple_of(owner.args),))
    typer.gap("method", node)
    return TENSOR if owner.kind == "?" and typer.script and _of_tensors(callee.attr) else UNKNOWN


def _of_tensors(name: str) -> bool:
    """Whether nothing but tensors has a method of that name, where code compiles, and it gives a tensor."""
    signatures = method_signatures(name)
    if name in SHARED_METHODS or name in _OF_MODULES or not signatures:
        return False
    return all(one.returns == TENSOR for one in signatures)


_OF_MODULES = frozenset({"apply", "bfloat16", "cpu", "cuda", "double", "half", "register_hook", "to"})
"""Methods that modules have too."""


def _is_frameworks(typer: Typer, owner: T) -> bool:
    """Whether a module is of a class of PyTorch's own, whose methods are known."""
    return owner.name.startswith("torch.nn.") and typer.project.class_named(owner.name) is None


_IN_PYTHON = frozenset({"norm", "unique", "unique_consecutive", "stft", "istft", "lu"})
"""Methods that `torch/_tensor.py` writes in Python, as a call of the function of that name, and ATen otherwise."""


_CASTED = frozenset(
    {"bfloat16", "bool", "byte", "cdouble", "cfloat", "char", "double", "float", "half", "int", "long", "short"}
)
"""Methods that TorchScript knows without a schema (and two that it doesn't, for which THT804 has another name)."""


def _takes(signatures: Sequence[Signature], name: str, positional: list[T], keywords: dict[str | None, T]) -> bool:
    """Whether ATen's method, if it means the same as Python's, may take these arguments."""
    return name == "norm" and any(fits(signature, positional, keywords) is not False for signature in signatures)


def _tensor_method(
    typer: Typer, node: ast.Call, name: str, positional: list[T], keywords: dict[str | None, T], stars: bool
) -> T:
    if name in ("type", "type_as"):
        if not positional:
            typer.problem("host-read", node, name)
            return STR
        if name == "type":
            typer.gap("type", node)
        return TENSOR
    if name in ("numpy", "tolist", "register_hook", "retain_grad", "cuda", "share_memory_", "backward", "get_device"):
        if name in ("cuda", "get_device"):
            return TENSOR if name == "cuda" else INT
        typer.problem("host-read", node, name)
        return UNKNOWN
    if name == "item":
        return T("scalar")
    if name in ("dim", "numel", "nelement", "ndimension", "element_size"):
        return INT
    if name in ("split", "chunk", "unbind"):
        return list_of(TENSOR)
    if name in ("new", "new_tensor"):
        typer.problem("legacy-new", node, name)
        return TENSOR
    if name in TENSOR_METHODS:
        typer.problem("refused-call", node, name)
    if name in _CASTED:
        return TENSOR
    signatures = method_signatures(name)
    if name in _IN_PYTHON and not stars and not _takes(signatures, name, [TENSOR, *positional], keywords):
        typer.problem("python-method", node, name)
        return matched(typer, node, function_signatures(f"torch.{name}"), [TENSOR, *positional], keywords, stars, name)
    if not signatures:
        if name in tables()["methods"]:
            return typer.gap("tensor method", node)
        return typer.gap("no such tensor method", node)
    return matched(typer, node, signatures, [TENSOR, *positional], keywords, stars, name)


def _list_method(typer: Typer, node: ast.Call, callee: ast.Attribute, owner: T, positional: list[T], env: Env) -> T:
    from ._types import NONE

    if callee.attr == "append" and positional:
        if owner.const == "empty" and positional[0].bare != TENSOR and positional[0].known:
            if isinstance(callee.value, ast.Name):
                typer.problem("empty-list", node, callee.value.id, positional[0])
                env[callee.value.id] = T("list", (positional[0].bare,))
        elif owner.const == "empty" and not positional[0].known:
            typer.gap("append", node)
        return NONE
    if callee.attr in ("extend", "insert", "reverse", "clear", "sort"):
        return NONE
    if callee.attr == "pop" and owner.args:
        return owner.args[0]
    if callee.attr in ("numel",) and owner.args:
        typer.problem("size-numel", node)
        return INT
    if callee.attr in ("index", "count"):
        return INT
    return typer.gap("list method", node)


# what a loop goes through turn by turn when it is compiled, since its length is known then
_WRITTEN_OUT = ("module", "tuple", "moduleiter")


def _builtin(typer: Typer, node: ast.Call, name: str, positional: list[T]) -> T:
    if name == "int" and positional and positional[0].kind == "list":
        return typer.gap("int of list", node)
    if name in _CASTS:
        return _CASTS[name]
    if name == "range":
        for one in positional:
            if one.kind == "tensor":
                typer.problem("range-tensor", node)
        return T("iter", (INT,))
    if name == "enumerate" and positional:
        written_out = positional[0].kind in _WRITTEN_OUT
        return T("moduleiter" if written_out else "iter", (tuple_of((INT, _item(positional[0]))),))
    if name == "zip":
        written_out = any(one.kind in _WRITTEN_OUT for one in positional)
        if written_out and any(_counted(typer, one) for one in node.args):
            typer.problem("uneven-zip", node)
        return T("moduleiter" if written_out else "iter", (tuple_of(_item(one) for one in positional),))
    if name == "reversed" and positional:
        return T("iter", (_item(positional[0]),))
    if name == "list" and positional:
        if positional[0].kind in ("list", "tuple"):
            same = vary(one.bare for one in positional[0].args)
            return T("list", (same if same.known else UNKNOWN,))
        if positional[0].kind == "iter":
            return T("list", (_item(positional[0]),))
    if name == "tuple" and positional and positional[0].kind in ("list", "iter"):
        typer.problem("tuple-of-list", node)
        return T("list", (_item(positional[0]),))
    if name in ("min", "max", "sum", "abs", "round", "pow", "divmod"):
        kinds = {one.kind for one in positional}
        if kinds <= {"int"}:
            return INT
        if kinds <= {"int", "float"}:
            return FLOAT
        if "tensor" in kinds and name in ("abs",):
            return TENSOR
        if (
            positional
            and positional[0].kind == "list"
            and len(positional) == 1
            and positional[0].args[0] in (INT, FLOAT)
        ):
            return positional[0].args[0]
        return typer.gap(name, node)
    if name in ("print", "isinstance", "hasattr", "getattr"):
        if name == "isinstance" or name == "hasattr":
            typer.gap(name, node)
            return BOOL
        return constant(None) if name == "print" else typer.gap(name, node)
    if name == "type" and isinstance(typer.module.parent(node), ast.Compare):
        typer.problem("refused-call", node, "builtins.type")
    return _unknown(typer, node, f"builtins.{name}", "builtin")


def _counted(typer: Typer, node: ast.expr) -> bool:
    """Whether only running the code tells how many items ``node`` gives."""
    if isinstance(node, ast.Call) and typer.qualified(node.func) == "builtins.range":
        return True
    return typer.types.get(id(node), UNKNOWN).kind in ("list", "tensor", "dict")


def _item(value: T) -> T:
    if value.kind == "tensor":
        return TENSOR
    if value.kind in ("list", "iter", "moduleiter") and value.args:
        return value.args[0]
    if value.kind in ("tuple", "module") and value.args:
        same = vary(value.args)
        return same if same.known else UNKNOWN
    return UNKNOWN


def _construct(typer: Typer, node: ast.Call, target: T, positional: list[T]) -> T:
    """A class called: outside of what is compiled it gives a module."""
    info = typer.project.class_named(target.name)
    base = typer.project.framework_base(info) if info is not None else None
    if info is not None and (base is None or base.role != "module"):
        if any(
            (name or "").startswith("torch.distributions.") for owner in typer.project.mro(info) for name in owner.bases
        ):
            typer.problem("refused-call", node, DISTRIBUTION)
        elif "__init__" not in info.methods and is_plain(info, typer.project):
            typer.problem("refused-call", node, NO_CONSTRUCTOR)
        return typer.gap("object", node)
    if typer.script:
        typer.problem("module-built", node, target)
    items: tuple[T, ...] = ()
    if target.name in CONTAINERS:
        if any(isinstance(one, ast.Starred) for one in node.args):
            items = ()
        elif target.name.endswith("ModuleList") and positional:
            items = positional[0].args if positional[0].kind in ("modulelist", "list", "tuple") else ()
            items = items_of(node.args[0], typer) or items
        else:
            items = tuple(positional)
    return T("module", items, target.name)


def _module(
    typer: Typer, node: ast.Call, target: T, positional: list[T], keywords: dict[str | None, T], stars: bool
) -> T:
    typer.modules.append(target)
    info = typer.project.class_named(target.name)
    if info is not None:
        forward = typer.project.method(info, "forward")
        if forward is not None:
            return result_of(typer, node, forward[0], info, forward[1], positional, keywords)
        base = typer.project.framework_base(info)
        target = T("module", name=base.name if base is not None else "?")
    if target.name in _RNN:
        hidden = tuple_of((TENSOR, TENSOR)) if _RNN[target.name] == 2 else TENSOR
        return tuple_of((TENSOR, hidden))
    signature = module_signature(target.name)
    if signature is None:
        return typer.gap("module", node)
    return matched(typer, node, (signature,), positional, keywords, stars, target.name)


def _own_method(
    typer: Typer, node: ast.Call, owner: ClassInfo, function: FunctionNode, positional: list[T],
    keywords: dict[str | None, T],
) -> T:  # fmt: skip
    assert typer.info is not None
    return result_of(typer, node, owner, typer.info, function, positional, keywords)


def result_of(
    typer: Typer, node: ast.Call, owner: ClassInfo, info: ClassInfo | None, function: FunctionNode,
    positional: list[T], keywords: dict[str | None, T],
) -> T:  # fmt: skip
    """Type the call of a method of the repository: its parameters are checked, its result is inferred."""
    from ._reports import report_of

    if not typer.script and isinstance(typer.module.parents.get(id(node)), ast.Expr):
        return UNKNOWN  # plain Python: nothing is compiled there, and nobody asks for the result
    inner = report_of(function, owner.module, typer.project, info, typer.depth + 1)
    if inner is None:
        return typer.gap("recursion", node)
    typer.callees.append(inner)
    check_arguments(typer, node, function, not takes_no_self(function), inner.parameters, positional, keywords)
    return inner.returns


def _project_function(typer: Typer, node: ast.Call, name: str, positional: list[T], keywords: dict[str | None, T]) -> T:
    from ._reports import function_named, is_replaced, report_of

    found = function_named(name, typer.module, typer.project)
    if found is None:
        return typer.gap("function", node)
    function, module = found
    if is_replaced(function, module):
        return typer.gap("decorated", node)
    inner = report_of(function, module, typer.project, None, typer.depth + 1)
    if inner is None:
        return typer.gap("recursion", node)
    typer.callees.append(inner)
    check_arguments(typer, node, function, False, inner.parameters, positional, keywords)
    return inner.returns


__all__ = ["call", "invoke"]
