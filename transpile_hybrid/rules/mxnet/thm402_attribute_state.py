"""A forward keeps something in the block between calls.

What it does
    Finds assignments to ``self.x`` (also ``self.n += 1``, ``self.items.append``), to attributes and elements of
    anything else that is there before the call (``Net.count``, ``CONFIG.n``, ``STATE["n"]``), ``global`` and
    ``nonlocal`` in a forward, and reads of attributes that one of them sets. In a Block also reads of globals that the
    file changes behind the class or in a function, and of attributes that are set on instances from outside.

Why is this bad
    The assignment runs once, when the graph is traced: a counter stands still, a carried state stays the first
    one, and the attribute holds a Symbol.

Fix safety
    State has to come in as an argument and go out as a result: that is left to you. Unsafe: a result that is only
    kept for others to look at (attention weights) becomes a local, or goes with the list that it is put into; the
    attribute is no longer set.

References
    https://mxnet.apache.org/versions/1.9.1/api/python/docs/tutorials/packages/gluon/blocks/hybridize.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ..rule import Example, Finding, UnitContext, rule
from ._names import operator_name
from ._outliving import changed_later, outlives, set_outside
from ._plan import Item, Reader, finder, findings
from ._shown import as_local, let_go
from ._words import names

CODE = "THM402"
EXAMPLES = [
    Example(
        before="""
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.n = 0

    def forward(self, x):
        self.n += 1
        return x * self.n
""",
    ),
    Example(
        before="""
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.HybridBlock):
    def hybrid_forward(self, F, x):
        self.last = F.relu(x)
        return self.last * 2
""",
    ),
    Example(
        title="a list that others look at",
        unsafe=True,
        before="""
from mxnet import nd
from mxnet.gluon import nn


class Layers(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.layers = nn.HybridSequential()
        self.layers.add(nn.Dense(4), nn.Dense(4))

    def forward(self, x):
        self.shapes = [None] * len(self.layers)
        for i, layer in enumerate(self.layers):
            x = layer(x)
            self.shapes[i] = layer.weight.shape
        return nd.tanh(x)
""",
        after="""
from mxnet import nd
from mxnet.gluon import nn


class Layers(nn.HybridBlock):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.layers = nn.HybridSequential()
        self.layers.add(nn.Dense(4), nn.Dense(4))

    def hybrid_forward(self, F, x):
        for i, layer in enumerate(self.layers):
            x = layer(x)
        return F.tanh(x)
""",
    ),
    Example(
        title="kept for others to look at",
        unsafe=True,
        before="""
from mxnet import nd
from mxnet.gluon import nn


class Attend(nn.Block):
    def forward(self, scores, values):
        self.weights = nd.softmax(scores)
        return nd.batch_dot(self.weights, values)
""",
        after="""
from mxnet import nd
from mxnet.gluon import nn


class Attend(nn.HybridBlock):
    def hybrid_forward(self, F, scores, values):
        weights = F.softmax(scores)
        return F.batch_dot(weights, values)
""",
    ),
]
VALID = [
    """
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.n = 2

    def forward(self, x):
        h = x * self.n
        return h
""",
]


_HOLDS = ("seq", "dict", "config", "unknown", "object")
_GROW = names(
    "append extend insert pop popitem clear update add remove discard popleft appendleft setdefault sort reverse",
    "__next__ __setitem__ __delitem__",
)


@finder(ast.Attribute)
def writes(node: ast.AST, r: Reader) -> Iterator[Item]:
    assert isinstance(node, ast.Attribute)
    if r.self_attribute(node) is None or id(node) in r.consumed:
        return
    if isinstance(node.ctx, ast.Store | ast.Del):
        if not r.converting and _made_once(node, r):
            return
        yield Item(
            CODE,
            node,
            f"`{r.text(node)}` is set while the graph is traced, and never again",
            help="take the state as an argument and give it back",
            edits=let_go(node, r) or as_local(node, r),
            safety="unsafe",
        )
        return
    parent = r.parent(node)
    if (
        isinstance(parent, ast.Attribute)
        and parent.attr in _GROW
        and _called(parent, r)
        and r.value(node).kind in ("seq", "dict", "config", "unknown")
    ):
        yield Item(
            CODE,
            parent,
            f"`{r.text(parent)}(...)` changes the block while the graph is traced, and never again",
            help="take the state as an argument and give it back",
        )
    if isinstance(parent, ast.Subscript) and parent.value is node and isinstance(parent.ctx, ast.Store):
        yield Item(
            CODE,
            parent,
            f"`{r.quote(parent)}` is set while the graph is traced, and never again",
            help="take the state as an argument and give it back",
        )
    attribute = r.interp.attrs.get(node.attr)
    if attribute is not None and isinstance(node.ctx, ast.Load):
        late = attribute.setters - {"__init__", "<class>", "forward"} - r.interp.construction_methods()
        late -= r.interp.refreshing
        known = node.attr in r.told
        r.told.add(node.attr)
        plain = attribute.value.kind not in ("module", "either", "param", "tensor")
        if not late and not known and r.converting and plain and (line := set_outside(node.attr, r)):
            yield Item(
                CODE,
                node,
                f"`{r.text(node)}` is set at line {line}: the graph keeps the value of the first trace",
                help="give it to the constructor, or take it as an argument",
            )
        if (
            late
            and not known
            and "forward" not in attribute.setters
            and attribute.value.kind not in ("module", "either", "param")
            and not (not r.converting and _all_made_once(node.attr, r))
        ):
            yield Item(
                CODE,
                node,
                f"`{r.text(node)}` is set by `{sorted(late)[0]}`: the graph keeps the value of the first trace",
                help="call hybridize() again after setting it, or take it as an argument",
                blocking=True,
            )


@finder(ast.Attribute, ast.Subscript)
def of_others(node: ast.AST, r: Reader) -> Iterator[Item]:
    """An attribute or element of something else than ``self`` and its arrays that is there before the call."""
    assert isinstance(node, ast.Attribute | ast.Subscript)
    if isinstance(node.ctx, ast.Load) or id(node) in r.consumed or r.self_attribute(node) is not None:
        return
    if isinstance(node, ast.Subscript):
        held = r.value(node.value)
        direct = isinstance(node.value, ast.Attribute) and r.self_attribute(node.value) is not None
        if direct or held.is_tensor or held.kind in ("param", "array") or not outlives(node.value, r):
            return
    yield Item(
        CODE,
        node,
        f"`{r.quote(node)}` is set while the graph is traced, and never again",
        help="take the state as an argument and give it back",
    )


def _made_once(node: ast.Attribute, r: Reader) -> bool:
    """Whether an attribute is set only where it is still ``None``: ``if self.x is None: self.x = ...``."""
    for parent in r.module.ancestors(node):
        if isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef):
            return False
        test = parent.test if isinstance(parent, ast.If) else None
        if isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.Is):
            left, right = test.left, test.comparators[0]
            absent = isinstance(right, ast.Constant) and right.value is None
            return absent and isinstance(left, ast.Attribute) and left.attr == node.attr
    return False


def _all_made_once(name: str, r: Reader) -> bool:
    """Whether every method but the constructor sets an attribute only where it is still ``None``."""
    if r.unit.cls is None:
        return False
    for info in r.project.mro(r.unit.cls):
        for method in info.methods.values():
            for node in walk(method):
                store = isinstance(node, ast.Attribute) and node.attr == name and isinstance(node.ctx, ast.Store)
                if store and method.name != "__init__" and (info.module is not r.module or not _made_once(node, r)):  # type: ignore[arg-type]
                    return False
    return True


def _called(node: ast.Attribute, r: Reader) -> bool:
    parent = r.parent(node)
    return isinstance(parent, ast.Call) and parent.func is node


@finder(ast.Global, ast.Nonlocal)
def globals_(node: ast.AST, r: Reader) -> Iterator[Item]:
    yield Item(
        CODE,
        node,
        "a variable outside of the forward is set while the graph is traced, and never again",
        help="take the state as an argument and give it back",
    )


@finder(ast.Name)
def changing_global(node: ast.AST, r: Reader) -> Iterator[Item]:
    """A global that some function sets."""
    assert isinstance(node, ast.Name)
    if not isinstance(node.ctx, ast.Load) or node.id in r.told:
        return
    found = r.module.scope_at(node).lookup(node.id)
    if found is None or not found[0].is_module or any(b.kind in ("import", "def", "class") for b in found[1]):
        return
    named = r.module.qualified(node) is not None  # `here = sys.modules[__name__]`, a function by another name
    line = changed_later(node.id, r) if r.converting and not named else 0
    if line:
        r.told.add(node.id)
        yield Item(
            CODE,
            node,
            f"the global `{node.id}` is changed at line {line}: the graph keeps the value of the first trace",
            help="take it as an argument, or set it in the constructor",
        )
    elif any(isinstance(n, ast.Global) and node.id in n.names for n in walk(r.module.tree)):
        r.told.add(node.id)
        yield Item(
            CODE,
            node,
            f"the global `{node.id}` is set by a function: the graph keeps the value of the first trace",
            help="take it as an argument, or set it in the constructor",
        )


@finder(ast.Attribute)
def computed(node: ast.AST, r: Reader) -> Iterator[Item]:
    """A property is asked once."""
    assert isinstance(node, ast.Attribute)
    name = r.self_attribute(node)
    if name is None or r.unit.cls is None or not isinstance(node.ctx, ast.Load) or not r.converting:
        return
    method = r.project.method(r.unit.cls, name)
    if method is None or not method[1].decorator_list or _called(node, r):
        return
    last = method[1].body[-1]
    fixed = (
        isinstance(last, ast.Return)
        and len(method[1].body) <= 2
        and isinstance(last.value, ast.Attribute | ast.Constant)
    )
    held = r.interp.attrs.get(last.value.attr) if fixed and isinstance(last.value, ast.Attribute) else None  # type: ignore[attr-defined]
    if not fixed or held is not None and not held.value.free:
        yield Item(
            CODE,
            node,
            f"`{r.text(node)}` is a property: what it computes is asked once, while the graph is traced",
            help="keep the value in an attribute",
        )


@finder(ast.Call)
def setattr_(node: ast.AST, r: Reader) -> Iterator[Item]:
    assert isinstance(node, ast.Call)
    if r.qualified(node.func) in ("builtins.setattr", "builtins.next"):
        yield Item(
            CODE,
            node,
            "this changes state while the graph is traced, and never again",
            help="keep state out of forward",
        )
    elif isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name) and node.func.attr in _GROW:
        found = r.module.scope_at(node).lookup(node.func.value.id)
        if found is not None and found[0].is_module and not any(b.kind in ("import", "class") for b in found[1]):
            yield Item(
                CODE,
                node,
                f"`{r.text(node.func)}` changes a global while the graph is traced, and never again",
                help="keep state out of forward",
            )
        elif r.value(node.func.value).kind in _HOLDS and outlives(node.func.value, r):
            yield _grown(node, node.func, r)
    elif isinstance(node.func, ast.Attribute) and node.func.attr in _GROW:
        owner = node.func.value
        mine = isinstance(owner, ast.Attribute) and r.self_attribute(owner) is not None
        known = operator_name(node.func, r, r.value(owner)) or r.qualified(node.func).startswith(("mxnet.", "numpy."))
        if not mine and not known and r.value(owner).kind in _HOLDS and outlives(owner, r):
            yield _grown(node, node.func, r)


def _grown(node: ast.Call, callee: ast.Attribute, r: Reader) -> Item:
    return Item(
        CODE,
        node,
        f"`{r.quote(callee)}` changes what outlives the call while the graph is traced, and never again",
        help="keep state out of forward",
    )


@rule(
    CODE, "state-in-forward", targets=("mxnet.hybrid",), consequence=Consequence.SILENT, fix="sometimes", scope="unit"
)
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    yield from findings(CODE, ctx)
