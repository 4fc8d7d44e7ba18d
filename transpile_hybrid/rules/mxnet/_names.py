"""Names of MXNet: which operator or layer an expression stands for."""

from __future__ import annotations

import ast

from ...meaning.module import Module
from ._values import Val
from ._words import names

_APIS = (("mxnet.nd.", "nd"), ("mxnet.npx.", "npx"), ("mxnet.np.", "np"), ("mxnet.sym.", "nd"))
# Older names of the namespaces below ``mxnet.nd``.
_BELOW = {"mxnet.random.": "random.", "mxnet.contrib.ndarray.": "contrib.", "mxnet.contrib.nd.": "contrib."}
_LAYER_MODULES = ("mxnet.gluon.nn.", "mxnet.gluon.rnn.", "mxnet.gluon.loss.", "mxnet.gluon.contrib.")


def operator_name(node: ast.expr, module: Module, owner: Val | None) -> tuple[str, str] | None:
    """Return ``(api, operator)`` for ``nd.relu``, ``F.np.dot``, ``mx.npx.softmax``...; ``None`` for anything else."""
    if owner is not None and owner.kind == "F" and isinstance(node, ast.Attribute):
        name = f"{owner.cls}.{node.attr}" if owner.cls else node.attr
        for api in ("npx", "np"):
            if name.startswith(f"{api}."):
                return api, name[len(api) + 1 :]
        return "nd", name
    qualified = module.qualified(node)
    found = None if qualified is None else operator_of(qualified)
    if found is None and owner is not None and owner.kind == "namespace" and isinstance(node, ast.Attribute):
        return operator_of(f"{owner.cls}.{node.attr}")  # `F = nd`
    return found


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
