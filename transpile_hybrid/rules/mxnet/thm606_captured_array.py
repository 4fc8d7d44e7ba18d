"""A forward uses an array that is neither input nor parameter.

What it does
    Finds ``nd.array(...)`` in a forward, and arrays that the constructor keeps in an attribute or the module in
    a global.

Why is this bad
    Next to the Symbols of a hybridized block an array raises; ``F`` has no ``array``.

Fix safety
    Safe: the array becomes a constant of the block (``self.params.get_constant``), which ``hybrid_forward``
    takes as a keyword. A constant is saved and loaded with the parameters, initialized by ``initialize()``, and
    has no gradient. Made where the array is built from what the constructor knows, and nothing else writes into
    it or attaches a gradient to it. Where others read the attribute it stays, and the constant has a name of its own.
    ``nd.array(t)`` of an array that an operator gave is a copy of it, or a cast.
    Unsafe: an array that may change (it is trained, or written into) becomes an input of the graph, which a ``forward``
    hands over. An exported graph takes it as an input then, and the parents of such a block stay Blocks.

References
    https://mxnet.apache.org/versions/1.9.1/api/python/docs/api/gluon/parameter.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.module import Module
from ...meaning.names import FunctionNode
from ...meaning.nodes import walk
from ...meaning.units import Unit
from ...rewrite.edit import Edit, insert, insert_line_after, replace
from ..rule import Example, Finding, UnitContext, rule
from ._copied import copied
from ._handed import hand_in
from ._names import operator_name
from ._plan import Item, Reader, finder, findings
from ._read_only import array_is_read, only_read, trained
from ._uses import of_another_class

CODE = "THM606"
EXAMPLES = [
    Example(
        before="""
from mxnet import nd
from mxnet.gluon import nn


class Norm(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.mean = nd.array([0.1, 0.2, 0.3])

    def forward(self, x):
        return nd.broadcast_sub(x, self.mean)
""",
        after="""
from mxnet import nd
from mxnet.gluon import nn


class Norm(nn.HybridBlock):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.mean = nd.array([0.1, 0.2, 0.3])
        self.mean = self.params.get_constant("mean", self.mean)

    def hybrid_forward(self, F, x, mean):
        return F.broadcast_sub(x, mean)
""",
    ),
    Example(
        title="others read the array",
        before="""
from mxnet import nd
from mxnet.gluon import nn


class Norm(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.mean = nd.array([0.1, 0.2])

    def forward(self, x):
        return nd.broadcast_sub(x, self.mean)


def describe(net):
    print(net.mean.shape)
""",
        after="""
from mxnet import nd
from mxnet.gluon import nn


class Norm(nn.HybridBlock):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.mean = nd.array([0.1, 0.2])
        self.mean_constant = self.params.get_constant("mean", self.mean)

    def hybrid_forward(self, F, x, mean_constant):
        return F.broadcast_sub(x, mean_constant)


def describe(net):
    print(net.mean.shape)
""",
    ),
    Example(
        before="""
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Shift(nn.Block):
    def forward(self, x):
        return x + np.array([1.0, 2.0])
""",
        after="""
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Shift(nn.HybridBlock):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.const0 = self.params.get_constant("const0", np.array([1.0, 2.0]))

    def hybrid_forward(self, F, x, const0):
        return x + const0
""",
    ),
    Example(
        title="an array of what is an array already",
        before="""
from mxnet import nd
from mxnet.gluon import nn


class Rounded(nn.Block):
    def forward(self, x):
        whole = nd.array(nd.round(x), ctx=x.context, dtype="int32")
        return whole, nd.array(nd.relu(x))
""",
        after="""
from mxnet import nd
from mxnet.gluon import nn


class Rounded(nn.HybridBlock):
    def hybrid_forward(self, F, x):
        whole = F.cast(F.round(x), dtype="int32")
        return whole, F.identity(F.relu(x))
""",
    ),
    Example(
        title="an array that is trained",
        unsafe=True,
        before="""
from mxnet import nd
from mxnet.gluon import nn


class Scale(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.w = nd.ones((4,))
        self.w.attach_grad()

    def forward(self, x):
        return nd.broadcast_mul(x, self.w)
""",
        after="""
from mxnet import nd
from mxnet.gluon import nn


class Scale(nn.HybridBlock):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.w = nd.ones((4,))
        self.w.attach_grad()

    def hybrid_forward(self, F, x, w):
        return F.broadcast_mul(x, w)

    def forward(self, x):
        return nn.HybridBlock.forward(self, x, self.w)
""",
    ),
    Example(
        title="made from what comes in",
        before="""
from mxnet import nd
from mxnet.gluon import nn


class Rank(nn.Block):
    def forward(self, x):
        return nd.array(sorted(len(r) for r in x))
""",
    ),
]
VALID = [
    """
from mxnet import nd
from mxnet.gluon import nn


class Norm(nn.HybridBlock):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.mean = self.params.get_constant("mean", nd.array([0.1, 0.2]))

    def hybrid_forward(self, F, x, mean):
        return F.broadcast_sub(x, mean)
""",
]
_HELP = "keep it as a constant: self.params.get_constant(name, array), and take it as a keyword of hybrid_forward"


@finder(ast.Attribute)
def attribute(node: ast.AST, r: Reader) -> Iterator[Item]:
    assert isinstance(node, ast.Attribute)
    name = r.self_attribute(node)
    if name is None or not isinstance(node.ctx, ast.Load):
        return
    held = r.interp.attrs.get(name)
    if held is None or held.value.kind in ("module", "either") or not held.value.holds_tensor:
        return
    if held.value.kind == "tensor" and held.value.cls == "param":
        return
    edits: tuple[Edit, ...] | None = None
    init = r.unit.cls.methods.get("__init__") if r.unit.cls else None
    mine = held.value.kind == "tensor" and held.setters == {"__init__"} and r.function is r.unit.entry
    if r.converting and mine and not held.value.none and init is not None:
        edits = kept_as_constant(node, name, init, r)
    safety = "safe"
    if r.converting and mine and edits is None and not held.value.none:
        edits, safety = hand_in(node, name, r), "unsafe"
    yield Item(
        CODE,
        node,
        f"`{r.text(node)}` is an array: next to the Symbols of a hybridized block it raises",
        help=_HELP,
        edits=edits,
        safety=safety,
    )


def kept_as_constant(node: ast.Attribute, name: str, init: FunctionNode, r: Reader) -> tuple[Edit, ...] | None:
    """Return the edits that make a constant of an array of the constructor.

    Where others read the attribute it stays the array that it is, and the constant gets a name of its own.
    """
    uses = elsewhere(name, init, r)
    if uses is None or not all(only_read(use, module) for use, module in uses):
        return None
    there = [n for n in walk(init) if isinstance(n, ast.Attribute) and n.attr == name and isinstance(n.ctx, ast.Load)]
    if trained(name, init, r) or not all(only_read(n, r.module, of=name) for n in there):
        return None
    me = init.args.args[0].arg
    constant_name = f"{name}_constant" if uses else name
    added = at_end(init, f'{me}.{constant_name} = {me}.params.get_constant("{name}", {me}.{name})', r)
    taken = {*r.interp.attrs, *r.module.scopes.of(r.function).bindings}
    if added is None or uses and (constant_name in taken or r.project.method(r.unit.cls, constant_name) is not None):  # type: ignore[arg-type]
        return None
    r.interp.constants.add(constant_name)
    if uses:
        r.interp.hoisted[constant_name] = f"{me}.{name}"
    return replace(r.source, node, constant_name), added


def elsewhere(name: str, init: FunctionNode, r: Reader) -> list[tuple[ast.Attribute, Module]] | None:
    """Return the uses of the attribute outside of the constructor and the forward (``None``: not to be told)."""
    inside = {id(n) for f in (init, r.unit.entry) if f is not None for n in walk(f)}
    modules = r.project.mentioning(name)
    if modules is None:
        return None
    uses: list[tuple[ast.Attribute, Module]] = []
    for module in modules:
        if module is not r.module and "mxnet" not in module.frameworks:
            continue
        for node in walk(module.tree):
            if isinstance(node, ast.Attribute) and node.attr == name and id(node) not in inside:
                owner = module.scope_at(node).lookup(node.value.id) if isinstance(node.value, ast.Name) else None
                imported = owner is not None and any(b.kind == "import" for b in owner[1])
                if not imported and not of_another_class(node, module, r.unit.cls, r.project):
                    uses.append((node, module))
    return uses


def at_end(init: FunctionNode, line: str, r: Reader) -> Edit | None:
    """Return the edit that adds a line to the constructor, behind everything else."""
    final = init.body[-1]
    if any(isinstance(n, ast.Return) for n in walk(init)) or final.lineno == init.lineno:
        return None
    edit = insert_line_after(r.source, final, line)
    if isinstance(final, ast.With | ast.If | ast.For | ast.While | ast.Try):
        first = r.source.indent_of(final)
        return (
            edit
            if edit.parts and isinstance(edit.parts[0], str) and edit.parts[0].startswith((first, r.source.newline))
            else None
        )
    return edit


@finder(ast.Call)
def inline(node: ast.AST, r: Reader) -> Iterator[Item]:
    """An array that is built in the forward from constants."""
    assert isinstance(node, ast.Call)
    owner = r.value(node.func.value) if isinstance(node.func, ast.Attribute) else None
    op = operator_name(node.func, r, owner)
    if op is None or op[1] not in ("array", "from_numpy") or id(node) in r.consumed:
        return
    edits = copied(node, r) if op[1] == "array" else None
    if edits is None and r.converting:
        edits = hoist(node, node, r)
    yield Item(
        CODE,
        node,
        f"`{r.text(node.func)}` makes an array: `F` has no such operator, and it raises once hybridized",
        help=_HELP,
        edits=edits,
    )


@finder(ast.Name)
def global_array(node: ast.AST, r: Reader) -> Iterator[Item]:
    assert isinstance(node, ast.Name)
    if not isinstance(node.ctx, ast.Load) or r.value(node).cls != "captured":
        return
    edits = hoist(node, node, r) if r.converting else None
    yield Item(
        CODE,
        node,
        f"`{node.id}` is an array of the module: next to the Symbols of a hybridized block it raises",
        help=_HELP,
        edits=edits,
    )


def hoist(node: ast.expr, array: ast.expr, r: Reader) -> tuple[Edit, ...] | None:
    """Return the edits that build the array in the constructor."""
    info = r.unit.cls
    if info is None or r.function is not r.unit.entry or not constant(array, r):
        return None
    contexts = [k for k in getattr(array, "keywords", []) if k.arg == "ctx"]
    if contexts or isinstance(array, ast.Name) and not array_is_read(array.id, r):
        return None
    text = r.text(array)
    if "\n" in text:
        return None
    known = [n for n in r.interp.hoisted if r.interp.hoisted[n] == text]
    taken = {*r.interp.attrs, *r.interp.hoisted, *r.module.scopes.of(r.function).bindings}
    number = 0
    while f"const{number}" in taken:
        number += 1
    name = known[0] if known else f"const{number}"
    r.interp.hoisted[name] = text
    r.interp.constants.add(name)
    r.consume(array)
    init = info.methods.get("__init__")
    if init is not None:
        me = init.args.args[0].arg
        added = at_end(init, f'{me}.{name} = {me}.params.get_constant("{name}", {text})', r)
        if added is None:
            return None
        return (replace(r.source, node, name), added)
    owner = r.project.method(info, "__init__")
    if owner is not None or len(r.interp.hoisted) > 1:
        return None
    entry = r.unit.entry
    assert entry is not None
    pad, end = r.source.indent_of(entry), r.source.newline
    start = r.source.line_starts[entry.lineno - 1]
    method = (
        f"{pad}def __init__(self, *args, **kwargs):{end}{pad}    super().__init__(*args, **kwargs){end}"
        f'{pad}    self.{name} = self.params.get_constant("{name}", {text}){end}{end}'
    )
    return (replace(r.source, node, name), insert(start, method))


def constant(node: ast.expr, r: Reader) -> bool:
    """Whether an expression means the same in the constructor: literals, modules and globals only."""
    scope = r.module.scopes.of(r.function)
    for inner in walk(node):
        if isinstance(inner, ast.Name):
            found = scope.lookup(inner.id)
            if found is not None and not found[0].is_module:
                return False
            if found is not None and found[0].is_module and len(found[1]) > 1:
                return False
        elif (
            isinstance(inner, ast.Lambda | ast.ListComp | ast.GeneratorExp | ast.Await | ast.NamedExpr)
            or isinstance(inner, ast.Call)
            and ".random" in r.qualified(inner.func) + "."
        ):
            return False
    return True


@rule(CODE, "captured-array", targets=("mxnet.hybrid",), consequence=Consequence.ERROR, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    yield from findings(CODE, ctx)
