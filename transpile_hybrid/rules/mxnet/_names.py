"""Names of MXNet: which operator or layer an expression stands for."""

from __future__ import annotations

import ast
from typing import Protocol
from weakref import WeakKeyDictionary

from ...meaning.classes import Project
from ...meaning.module import Module
from ...meaning.names import Binding
from ._values import Val
from ._words import names


class Named(Protocol):
    """Who knows what names stand for."""

    def qualified(self, node: ast.expr) -> str | None: ...


_APIS = (("mxnet.nd.", "nd"), ("mxnet.npx.", "npx"), ("mxnet.np.", "np"), ("mxnet.sym.", "nd"))
# Older names of the namespaces below ``mxnet.nd``.
_BELOW = {"mxnet.random.": "random.", "mxnet.contrib.ndarray.": "contrib.", "mxnet.contrib.nd.": "contrib."}
_LAYER_MODULES = ("mxnet.gluon.nn.", "mxnet.gluon.rnn.", "mxnet.gluon.loss.", "mxnet.gluon.contrib.")


def operator_name(node: ast.expr, names: Named, owner: Val | None) -> tuple[str, str] | None:
    """Return ``(api, operator)`` for ``nd.relu``, ``F.np.dot``, ``mx.npx.softmax``...; ``None`` for anything else."""
    if owner is not None and owner.kind == "F" and isinstance(node, ast.Attribute):
        name = f"{owner.cls}.{node.attr}" if owner.cls else node.attr
        for api in ("npx", "np"):
            if name.startswith(f"{api}."):
                return api, name[len(api) + 1 :]
        return "nd", name
    qualified = names.qualified(node)
    found = None if qualified is None else operator_of(qualified)
    if found is None and owner is not None and owner.kind == "namespace" and isinstance(node, ast.Attribute):
        return operator_of(f"{owner.cls}.{node.attr}")  # `F = nd`
    return found


def meant(node: ast.expr, module: Module, project: Project, is_np: bool) -> str | None:
    """Return what a name stands for, through other files too: ``tools.concat`` with ``concat = np.concatenate``.

    A function that only calls a method of its argument (``reduce_sum = lambda x, *args, **kwargs: x.sum(*args,
    **kwargs)``) stands for the operator of that name.
    """
    name = module.qualified(node)
    if name is not None and name.startswith(("mxnet.", "builtins.", "numpy.")):
        return name
    if id(node) not in module.parents or module.scopes.top.star_imports:
        return _through_files(node, name, module, project, is_np)
    kept = _MEANT.setdefault(module, WeakKeyDictionary()).setdefault(project, {})
    key = (id(node), project.added, is_np)
    if key not in kept:
        kept[key] = _through_files(node, name, module, project, is_np)
    return kept[key]


def _through_files(node: ast.expr, name: str | None, module: Module, project: Project, is_np: bool) -> str | None:
    found = project.resolve(name) if name is not None else ""
    if found.startswith("mxnet."):
        return found
    function = _function_named(node, found, module, project)
    member = _forwarded(function) if function is not None else ""
    api = "np" if is_np else "nd"
    return f"mxnet.{api}.{_FORWARDED[api][member]}" if member in _FORWARDED[api] else name


def _function_named(node: ast.expr, name: str, module: Module, project: Project) -> ast.Lambda | None:
    """Return the lambda that is the only value of a name of a module, this one or another one."""
    bindings: list[Binding] = []
    if name:
        owner, _, last = name.rpartition(".")
        home = project.module_named(owner) if owner else module
        bindings = home.scopes.top.bindings.get(last, []) if home is not None else []
    elif isinstance(node, ast.Name):
        scope, bindings = module.scope_at(node).lookup(node.id) or (None, [])
        bindings = bindings if scope is not None and scope.is_module else []
    value = bindings[0].value if len(bindings) == 1 and bindings[0].kind == "assign" else None
    return value if isinstance(value, ast.Lambda) else None


# Kept with the module, for as long as its nodes live and their ids are theirs.
_MEANT: WeakKeyDictionary[Module, WeakKeyDictionary[Project, dict[tuple[int, int, bool], str | None]]] = (
    WeakKeyDictionary()
)
# Members of arrays that take what comes behind the array in the operator of that name.
_SAME = {name: name for name in names("sum mean max min argmax argmin squeeze reshape")}
_FORWARDED = {
    "nd": {**_SAME, "expand_dims": "expand_dims", "T": "transpose"},
    "np": {**_SAME, "std": "std", "var": "var", "swapaxes": "swapaxes", "repeat": "repeat", "T": "transpose"},
}


def _forwarded(function: ast.Lambda) -> str:
    """Return the member that ``lambda x, *args, **kwargs: x.sum(*args, **kwargs)`` hands everything to."""
    args, body = function.args, function.body
    if len(args.args) != 1 or args.posonlyargs or args.kwonlyargs or args.defaults:
        return ""
    member = body.func if isinstance(body, ast.Call) else body
    if not (isinstance(member, ast.Attribute) and isinstance(member.value, ast.Name)):
        return ""
    given: list[str] = []
    if isinstance(body, ast.Call):
        given = [ast.unparse(a) for a in body.args]
        given += [f"**{ast.unparse(k.value)}" if k.arg is None else "" for k in body.keywords]
    wanted = [f"*{args.vararg.arg}"] if args.vararg is not None else []
    wanted += [f"**{args.kwarg.arg}"] if args.kwarg is not None else []
    same = member.value.id == args.args[0].arg and given == wanted
    return member.attr if same and isinstance(body, ast.Call) == (member.attr != "T") else ""


def operator_of(qualified: str) -> tuple[str, str] | None:
    """Return ``(api, operator)`` for a qualified name."""
    for prefix, api in _APIS:
        if qualified.startswith(prefix):
            return api, qualified[len(prefix) :]
    for prefix, below in _BELOW.items():
        if qualified.startswith(prefix):
            return "nd", below + qualified[len(prefix) :]
    return None


def is_layer(name: str) -> bool:
    """Whether ``name`` is one of the framework's own layers (not a container)."""
    short = name.rsplit(".", 1)[-1]
    return (
        name.startswith(_LAYER_MODULES)
        and short[:1].isupper()
        and short
        not in (
            "Block",
            "HybridBlock",
            "Sequential",
            "HybridSequential",
            "Lambda",
            "HybridLambda",
            "SymbolBlock",
            "Concurrent",
            "HybridConcurrent",
        )
    )


# Framework classes that are no HybridBlock.
PLAIN_BLOCKS = names(
    "Block Sequential Lambda RecurrentCell SequentialRNNCell ModifierCell SyncBatchNorm_ Concurrent",
    "SparseEmbedding Compose RandomResizedCrop_",
)


def is_plain_framework_block(name: str) -> bool:
    """Whether a class that MXNet ships is a ``Block`` and no ``HybridBlock``."""
    return name.startswith("mxnet.gluon.") and name.rsplit(".", 1)[-1] in PLAIN_BLOCKS
