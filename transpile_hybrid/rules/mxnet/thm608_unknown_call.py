"""A forward calls something whose code isn't read.

What it does
    Finds, in a Block, calls of functions from other files, of functions kept in attributes, of methods of other
    blocks, of blocks made on the spot, and context managers.

Why is this bad
    What they do with a Symbol can't be told: an operator of ``mxnet.nd`` in them raises, a host read too.

Fix safety
    Safe for an operator, or a lambda that plainly computes with operators, that the constructor keeps in an
    attribute which nothing else sets: the operator is called by ``F``, the lambda is handed ``F``. Else no fix:
    bring the code into the class, or make it a HybridBlock.

References
    https://mxnet.apache.org/versions/1.9.1/api/python/docs/tutorials/packages/gluon/blocks/hybridize.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.units import Unit
from ...rewrite.edit import insert, replace
from ..rule import Example, Finding, UnitContext, rule
from ._added import method_named
from ._held import held_lambda, held_operator
from ._names import operator_name
from ._plan import Item, Reader, finder, findings
from ._stepped import DYNAMIC_UNROLL, stepped
from ._uses import subclasses_of
from ._values import Val
from ._words import names
from .thm806_begin_state import CELLS

CODE = "THM608"
EXAMPLES = [
    Example(
        before="""
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.act = nd.relu

    def forward(self, x):
        return self.act(x)
""",
        after="""
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.HybridBlock):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.act = nd.relu

    def hybrid_forward(self, F, x):
        return F.relu(x)
""",
    ),
    Example(
        before="""
from helpers import normalize
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def forward(self, x):
        return normalize(x) * 2
""",
    ),
]
VALID = [
    """
import math

from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def act(self, x):
        return nd.relu(x)

    def forward(self, x):
        step = lambda v: v * math.sqrt(2)
        return step(self.act(x))
""",
]


_FINE = (
    "builtins.",
    "math.",
    "typing.",
    "mxnet.autograd.",
    "itertools.",
    "warnings.",
    "logging.",
    "random.",
    "time.",
    "datetime.",
    "os.",
    "sys.",
)
_BLOCK_METHODS = names(
    "forward __call__ values items keys children name_scope hybrid_forward",
)


@finder(ast.Call)
def find(node: ast.AST, r: Reader) -> Iterator[Item]:
    assert isinstance(node, ast.Call)
    if not r.converting:
        return
    text = r.quote(node.func)
    held = held_operator(node.func, r)
    function = held_lambda(node.func, r) if held is None else None
    if function is not None:
        open_at = r.source.text.index("(", r.source.span(node.func).end) + 1
        yield Item(
            CODE,
            node,
            f"`{text}` is a function of arrays: it raises for the Symbols of a hybridized block",
            help="hand it F",
            edits=(insert(open_at, "F" + (", " if node.args or node.keywords else "")), *function),
        )
    elif held is not None:
        if r.text(node.func) != held:
            yield Item(
                CODE,
                node,
                f"`{text}` is an operator of arrays: it raises for the Symbols of a hybridized block",
                help=f"call it as {held}",
                edits=(replace(r.source, node.func, held),),
            )
    elif r.qualified(node.func).startswith("numpy.") and not followed(node, r):
        yield Item(
            CODE,
            node,
            f"`{text}(...)` is NumPy: it computes on the host, and a Symbol has no values there",
            help="compute it with operators of MXNet",
        )
    elif not followed(node, r) and (name := _set_by_subclasses(node.func, r)):
        yield Item(
            CODE,
            node,
            f"`{text}(...)`: what `{name}` is, which only subclasses set, can't be told here",
            help="take it as an argument of the constructor, or write a forward in each subclass",
        )
    elif not followed(node, r):
        yield Item(
            CODE,
            node,
            f"`{text}(...)` is code that isn't read here: what it does with a Symbol can't be told",
            help="bring it into the class, or make it a HybridBlock",
        )


def _set_by_subclasses(callee: ast.expr, r: Reader) -> str:
    """Return ``name`` for a call of ``self.name`` that the class itself doesn't have."""
    name = r.self_attribute(callee)
    if (
        name is None
        or name in r.interp.attrs
        or r.unit.cls is None
        or method_named(r.unit.cls, name, r.project) is not None
    ):
        return ""
    return (
        name
        if any(name in held for info in subclasses_of(r.unit.cls, r.project) for held in info.stores.values())
        else ""
    )


def followed(node: ast.Call, r: Reader) -> bool:
    """Whether the code that a call runs is known, or works with constants only."""
    callee = node.func
    owner = r.value(callee.value) if isinstance(callee, ast.Attribute) else None
    if operator_name(callee, r, owner) is not None:
        return True
    name = r.qualified(callee)
    if name.startswith(_FINE) or name == DYNAMIC_UNROLL:
        return True
    value = r.value(callee)
    if isinstance(callee, ast.Attribute) and owner is not None:
        if owner.kind == "self":
            return own(callee.attr, r)
        if owner.kind in ("module", "either"):
            if callee.attr == "unroll":
                return _unrolled(node, owner, r)
            return callee.attr in _BLOCK_METHODS or callee.attr == "begin_state" and _told(node, r)
        if owner.kind not in ("namespace", "class", "config"):
            return True
    plain = [*node.args, *(k.value for k in node.keywords)]
    if (
        all(r.value(a).free for a in plain)
        and not name.startswith("mxnet.gluon")
        and value.kind not in ("class", "module", "either")
    ):
        return True
    if value.kind in ("module", "either") or value.cls == "child":
        return True
    if value.kind == "function":
        if value.cls.startswith(("local:", "<lambda>")):
            return True
        return any(isinstance(callee, ast.Name) and f.name == callee.id for f in r.unit.region)
    if value.kind == "namespace" and isinstance(callee, ast.Name):
        return True  # `act = nd.relu if self.relu else nd.tanh`: the names become those of F
    if value.kind == "config" and isinstance(callee, ast.Name) and not name:
        return True  # an element of what the class holds, which the structure rule judges
    return isinstance(callee, ast.Call | ast.Subscript) and value.kind in ("config", "unknown", "module", "either")


def _unrolled(node: ast.Call, owner: Val, r: Reader) -> bool:
    """Whether a cell of ``gluon.rnn`` is unrolled as often as the constructor says (with NumPy arrays: from states)."""
    from .thm809_unroll import by_shape

    if by_shape(node, r) is not None:
        return True  # that rule tells it
    name = owner.cls.rsplit(".", 1)[-1]
    keywords = {k.arg for k in node.keywords}
    states = len(node.args) > 2 or "begin_state" in keywords
    plain = owner.cls.startswith("mxnet.gluon.rnn.") and name in CELLS
    if not node.args or not (plain or states and not r.is_np and stepped(owner, r.interp.added)):
        return False
    return (
        r.value(node.args[0]).free
        and None not in keywords
        and "valid_length" not in keywords
        and (states or not r.is_np)
    )


def _told(node: ast.Call, r: Reader) -> bool:
    """Whether the rule about first states takes care of a call."""
    from .thm806_begin_state import zero_states

    return zero_states(node, r) is not None


def own(name: str, r: Reader) -> bool:
    """Whether ``self.name(...)`` is a block of the class, or a method that is read."""
    attribute = r.interp.attrs.get(name)
    if attribute is not None:
        return attribute.value.kind in ("module", "either", "config")
    if r.unit.cls is None or method_named(r.unit.cls, name, r.project) is None:
        return name in ("name_scope", "forward", "hybrid_forward")
    return any(function.name == name for function in r.unit.region)


@finder(ast.Attribute, ast.Name)
def as_value(node: ast.AST, r: Reader) -> Iterator[Item]:
    """A method or a function of the file that is handed on instead of called."""
    assert isinstance(node, ast.Attribute | ast.Name)
    value = r.value(node)
    parent = r.parent(node)
    if not r.converting or value.kind != "function" or not value.cls.startswith(("self:", "def:")):
        return
    if isinstance(parent, ast.Call) and parent.func is node or isinstance(parent, ast.Attribute):
        return
    if isinstance(node, ast.Attribute) and r.unit.cls is not None:
        method = method_named(r.unit.cls, node.attr, r.project)
        if method is not None and method[1] in method[0].methods.values() and method[1].decorator_list:
            return  # a property
    yield Item(
        CODE,
        node,
        f"`{r.text(node)}` is handed on as a function: where it is called isn't followed",
        help="call it by its name",
    )


@finder(ast.With)
def managed(node: ast.AST, r: Reader) -> Iterator[Item]:
    assert isinstance(node, ast.With)
    for item in node.items:
        call = item.context_expr
        name = r.qualified(call.func) if isinstance(call, ast.Call) else ""
        scope = isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "name_scope"
        if r.converting and not scope and not name.startswith("mxnet.autograd."):
            yield Item(
                CODE,
                call,
                f"`with {r.quote(call)}` holds while the graph is traced, and not when it runs",
                help="leave it out of forward",
            )


@rule(CODE, "unknown-call", targets=("mxnet.hybrid",), consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    yield from findings(CODE, ctx)
