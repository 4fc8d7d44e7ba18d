"""A Sequential holds layers that could be compiled.

What it does
    Finds ``nn.Sequential()`` (also as a base class) that only ever holds hybrid blocks.

Why is this bad
    ``Sequential`` runs its layers one by one from Python, and ``hybridize()`` compiles each of them alone. A
    ``HybridSequential`` becomes one graph, and can be exported.

Fix safety
    Safe: made where everything that is added in the file is hybrid, or becomes so; a HybridSequential refuses a
    plain Block, so a Sequential that may hold one stays as it is, and one that is kept in an attribute of something
    else (``holder.net = nn.Sequential()``). What a ``name_scope()`` of it names begins with
    ``hybridsequential0_`` then: ``save_parameters`` and ``load_parameters`` go by structure and don't notice, files of
    ``collect_params().save(...)`` do.

References
    https://mxnet.apache.org/versions/1.9.1/api/python/docs/api/gluon/nn/index.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.module import Module
from ...meaning.nodes import walk
from ...rewrite.edit import Fix
from ..rule import Example, Finding, ModuleContext, rule
from ._build import builders
from ._imports import name_edits
from ._interp import Interp
from ._plan import plan_for, uses_np
from ._structure import STAYS, child_state
from ._values import Val
from .thm807_state_left_out import is_fused

CODE = "THM602"
EXAMPLES = [
    Example(
        before="""
from mxnet.gluon import nn


def get_net():
    net = nn.Sequential()
    net.add(nn.Dense(8, activation="relu"))
    net.add(nn.Dense(2))
    return net
""",
        after="""
from mxnet.gluon import nn


def get_net():
    net = nn.HybridSequential()
    net.add(nn.Dense(8, activation="relu"))
    net.add(nn.Dense(2))
    return net
""",
    ),
    Example(
        title="one layer stays a Block",
        before="""
from mxnet import nd
from mxnet.gluon import nn


class Rank(nn.Block):
    def forward(self, x):
        return nd.array(x.asnumpy().argsort())


net = nn.Sequential()
net.add(nn.Dense(8), Rank())
""",
    ),
]
VALID = [
    """
from mxnet.gluon import nn

net = nn.HybridSequential()
net.add(nn.Dense(8))
""",
]


@rule(
    CODE, "plain-sequential", targets=("mxnet.hybrid",), consequence=Consequence.SPEED, fix="sometimes", scope="module"
)
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    calls = [
        node
        for node in walk(tree)
        if isinstance(node, ast.Call) and (ctx.qualified(node.func) or "") == "mxnet.gluon.nn.Sequential"
    ]
    if not calls:
        return
    sources = list(_analyses(ctx))
    for node in calls:
        reason = judge(node, sources, ctx)
        message = "a Sequential runs its layers one by one from Python"
        if reason:
            waits = "safe" if STAYS in reason else ""
            why = f"not converted: {reason}"
            yield Finding(node.func, message, why=why, help="make what it holds hybrid first", waits=waits)
            continue
        edits = name_edits(ctx.source, ctx.module, node.func, "HybridSequential")
        yield Finding(node.func, message, help="use nn.HybridSequential", fix=Fix(tuple(edits)) if edits else None)


class _Held:
    """What :func:`child_state` asks."""

    def __init__(self, interp: Interp) -> None:
        self.interp, self.project = interp, interp.project


def _analyses(ctx: ModuleContext) -> Iterator[Interp]:
    for unit in ctx.units:
        if unit.cls is not None and unit.module is ctx.module:
            plan = plan_for(unit, ctx.module, ctx.project, ctx.unsafe)
            if plan is not None:
                yield plan.reader.interp
    yield builders(ctx.module, ctx.project).interp


def judge(node: ast.Call, sources: list[Interp], ctx: ModuleContext) -> str:
    """Return why the Sequential may hold a plain block (empty where it can't)."""
    seen = False
    for interp in sources:
        value = interp.built.get(id(node))
        if value is None:
            continue
        seen = True
        if value.bases & interp.escaped:
            return "it is kept in an attribute of something else, where anything may be added to it"
        for name in sorted(value.bases):
            for part in interp.added.get(name, []):
                state = child_state(part, _Held(interp), "it", ctx.unsafe)  # type: ignore[arg-type]
                if state.state != "hybrid":
                    return state.reason or "what it holds is not known"
                if is_fused(part) and uses_np(ctx.module):
                    return "a recurrent layer without a state can't be in a graph of NumPy arrays"
    if node.args:
        return "it is given arguments"
    return "" if seen else _unseen(node, ctx.module)


def _unseen(node: ast.Call, module: Module) -> str:
    return f"the code around line {node.lineno} could not be followed"


__all__ = ["Val", "check"]
