"""A net of hybrid blocks is never hybridized.

What it does
    Finds ``net.initialize(...)`` on a HybridBlock where nothing in that scope calls ``net.hybridize``.

Why is this bad
    A HybridBlock runs as Python until ``hybridize()`` is called: nothing is gained from it.

Fix safety
    Safe: a line is added behind the initialization, where every class of the net is hybrid and free of findings, and
    where the calls leave out no optional argument that others give: a hybridized block refuses that. Not in a file that
    registers hooks on blocks or asks for gradients of gradients: a graph has neither.
    ``static_shape`` plans memory for one input shape, and again when another one comes.  Under the same seed a graph
    draws other numbers (dropout), and parameters whose shape the first call tells are drawn in the order of the graph.

References
    https://mxnet.apache.org/versions/1.9.1/api/python/docs/tutorials/packages/gluon/blocks/hybridize.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.nodes import walk
from ...rewrite.edit import Fix, insert_line_after
from ..rule import Example, Finding, ModuleContext, rule
from ._added import inherited_entry
from ._build import builders
from ._hooks import differentiated, hooked
from ._structure import child_state, hybrid_framework_class
from ._values import Val

CODE = "THM604"
ALIKE = ", if every call gives the same arguments"
EAGER = ", if it can do without what line {} asks of it: a graph runs no hooks, and has no gradients of gradients"
EXAMPLES = [
    Example(
        before="""
from mxnet.gluon import nn

net = nn.HybridSequential()
net.add(nn.Dense(2))
net.initialize()
""",
        after="""
from mxnet.gluon import nn

net = nn.HybridSequential()
net.add(nn.Dense(2))
net.initialize()
net.hybridize(static_alloc=True, static_shape=True)
""",
    ),
    Example(
        title="calls that give other arguments",
        before="""
from mxnet import nd
from mxnet.gluon import nn


class Pool(nn.HybridBlock):
    def hybrid_forward(self, F, x, mask=None):
        if mask is not None:
            x = x * mask
        return x.sum(axis=1)


net = Pool()
net.initialize()
print(net(nd.ones((2, 3)), nd.ones((2, 3))))
print(net(nd.ones((2, 3))))
""",
    ),
]
VALID = [
    """
from mxnet.gluon import nn

net = nn.HybridSequential()
net.add(nn.Dense(2))
net.initialize()
net.hybridize()
""",
    """
from mxnet import nd
from mxnet.gluon import nn


class Rank(nn.Block):
    def forward(self, x):
        return nd.array(x.asnumpy().argsort())


net = Rank()
net.initialize()
""",
]


@rule(CODE, "not-hybridized", targets=("mxnet.hybrid",), consequence=Consequence.SPEED, fix="sometimes", scope="module")
def check(tree: ast.Module, ctx: ModuleContext) -> Iterator[Finding]:
    calls = [
        node
        for node in walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and _initialized(node.value) is not None
    ]
    if not calls:
        return
    eager = hooked(ctx.module) or differentiated(ctx.module)
    built = builders(ctx.module, ctx.project)
    for statement in calls:
        assert isinstance(statement.value, ast.Call)
        net = _initialized(statement.value)
        assert net is not None
        value = built.value(net)
        if value is None or not ready(value, ctx):
            continue
        owner = ctx.module.enclosing_function(statement) or tree
        if any(
            isinstance(n, ast.Attribute)
            and n.attr in ("hybridize", "summary", "load_parameters")
            and isinstance(n.value, ast.Name)
            and n.value.id == net.id
            and n.attr != "load_parameters"
            for n in walk(owner)
        ):
            continue
        line = f"{net.id}.hybridize(static_alloc=True, static_shape=True)"
        alike = called_alike(value.cls, net.id, owner, ctx)
        yield Finding(
            statement,
            f"`{net.id}` is made of hybrid blocks and never hybridized: it runs as Python",
            help=f"call `{line}`" + (EAGER.format(eager) if eager else "" if alike else ALIKE),
            fix=Fix((insert_line_after(ctx.source, statement, line),)) if alike and not eager else None,
        )


def called_alike(name: str, net: str, owner: ast.AST, ctx: ModuleContext) -> bool:
    """Whether every call of ``net`` gives the same arguments: a hybridized block refuses others than its first call's.

    A class without optional arguments can't be called otherwise.  Else the calls in ``owner`` have to be all there are:
    ``net`` is handed to nobody.
    """
    from ._convert import parameters
    from ._plan import plan_for_class

    info = ctx.project.class_named(name)
    if info is None:
        return True
    found = inherited_entry(info, ctx.project)
    if found is None:
        return True
    entry = found[1]
    plan = plan_for_class(info, ctx.project, ctx.unsafe)
    own = {attribute for attribute, _ in parameters(plan)} if plan is not None else set()  # MXNet gives those itself
    optional = [*entry.args.args[len(entry.args.args) - len(entry.args.defaults) :], *entry.args.kwonlyargs]
    if not [one for one in optional if one.arg not in own] and not entry.args.vararg and not entry.args.kwarg:
        return True
    given: set[tuple[int, tuple[str | None, ...]]] = set()
    for node in walk(owner):
        if not (isinstance(node, ast.Name) and node.id == net and isinstance(node.ctx, ast.Load)):
            continue
        parent = ctx.module.parent(node)
        if isinstance(parent, ast.Call) and parent.func is node:
            given.add((len(parent.args), tuple(sorted(k.arg or "**" for k in parent.keywords))))
        elif not isinstance(parent, ast.Attribute):
            return False
    return len(given) <= 1


def _initialized(call: ast.Call) -> ast.Name | None:
    """Return ``net`` of ``net.initialize(...)`` and ``net.collect_params().initialize(...)``."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr != "initialize":
        return None
    inner = call.func.value
    if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute) and inner.func.attr == "collect_params":
        inner = inner.func.value
    return inner if isinstance(inner, ast.Name) else None


def ready(value: Val, ctx: ModuleContext) -> bool:
    """Whether a value is a hybrid block, all the way down, in which nothing is found that breaks a trace."""
    if value.kind != "module":
        return False
    info = ctx.project.class_named(value.cls)
    if info is None:
        if not hybrid_framework_class(value.cls) or value.cls.endswith((".Loss", "Loss", "Cell")):
            return False
        built = builders(ctx.module, ctx.project)
        if value.cls.rsplit(".", 1)[-1] == "HybridSequential":
            parts = [part for base in sorted(value.bases) for part in built.interp.added.get(base, [])]
            return bool(parts) and all(ready_child(part, ctx) for part in parts)
        return child_state(value, _Held(ctx), "it", ctx.unsafe).state == "hybrid"  # type: ignore[arg-type]
    return class_ready(value.cls, ctx, set())


def ready_child(value: Val, ctx: ModuleContext) -> bool:
    """Whether a layer in a container is ready (a framework layer always is)."""
    info = ctx.project.class_named(value.cls)
    return (
        class_ready(value.cls, ctx, set())
        if info is not None
        else ready(value, ctx) or hybrid_framework_class(value.cls)
    )


def class_ready(name: str, ctx: ModuleContext, seen: set[str]) -> bool:
    """Whether a class of the repository is hybrid now, with nothing found in it or in what it holds."""
    from ._plan import plan_for_class

    info = ctx.project.class_named(name)
    if info is None:
        return True
    if name in seen:
        return True
    seen.add(name)
    base = ctx.project.framework_base(info)
    if base is None or not (base.hybrid or hybrid_framework_class(base.name)):
        return False
    plan = plan_for_class(info, ctx.project, ctx.unsafe)
    if plan is None or plan.converting or any(item.code and item.blocking for item in plan.items):
        return False
    for attribute in plan.reader.interp.attrs.values():
        for part in [attribute.value, *attribute.value.contents()]:
            if part.kind != "module":
                continue
            if not class_ready(part.cls, ctx, seen) or part.cls == "mxnet.gluon.nn.Sequential":
                return False
            for base_name in part.bases:
                for held in plan.reader.interp.added.get(base_name, []):
                    if held.kind == "module" and not class_ready(held.cls, ctx, seen):
                        return False
    return True


class _Held:
    def __init__(self, ctx: ModuleContext) -> None:
        self.project = ctx.project
        self.interp = builders(ctx.module, ctx.project).interp
