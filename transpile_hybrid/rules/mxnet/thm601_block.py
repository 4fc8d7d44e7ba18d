"""A block is a Block, not a HybridBlock.

What it does
    Finds classes that derive from ``gluon.Block`` and have a ``forward``, HybridBlocks that override ``forward``
    instead of writing a ``hybrid_forward``, and Blocks with a ``hybrid_forward``, which a Block never calls.

Why is this bad
    Such a block runs as Python on every call: ``hybridize()`` has no effect on it, ``export()`` isn't there,
    and no HybridBlock can hold it.

Fix safety
    Safe: the class is converted only when every statement of its forward, the helpers that it calls, the blocks
    that it holds and the classes that derive from it allow it. Helpers gain an ``F``, parameters become
    keywords of ``hybrid_forward`` named after their attributes. A class whose base has to stay a Block becomes
    hybrid behind it (``class Net(Base, nn.HybridBlock)``) where all constructors hand on by ``super()``. Otherwise
    nothing is changed and the finding says what stands in the way.

References
    https://mxnet.apache.org/versions/1.9.1/api/python/docs/api/gluon/hybrid_block.html
"""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Consequence
from ...meaning.units import Unit
from ..rule import Example, Finding, UnitContext, rule
from ._plan import findings

CODE = "THM601"
EXAMPLES = [
    Example(
        before="""
from mxnet import nd
from mxnet.gluon import Block, nn


class Net(Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.fc = nn.Dense(4)
        self.scale = self.params.get("scale", shape=(1, 4))

    def squash(self, h):
        return nd.tanh(h)

    def forward(self, x):
        h = self.squash(self.fc(x))
        return nd.broadcast_mul(h, self.scale.data())
""",
        after="""
from mxnet import nd
from mxnet.gluon import HybridBlock, nn


class Net(HybridBlock):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.fc = nn.Dense(4)
        self.scale = self.params.get("scale", shape=(1, 4))

    def squash(self, F, h):
        return F.tanh(h)

    def hybrid_forward(self, F, x, scale):
        h = self.squash(F, self.fc(x))
        return F.broadcast_mul(h, scale)
""",
    ),
    Example(
        title="a base that stays a Block, as another class needs it",
        before="""
from mxnet import nd
from mxnet.gluon import nn


class Module(nn.Block):
    def __init__(self):
        super().__init__()
        self.net = nn.Dense(4)

    def forward(self, x):
        return self.net(x)


class Holder(Module):
    def __init__(self):
        super().__init__()
        self.net = Pick()


class Pick(nn.Block):
    def forward(self, x):
        return x[x > 0]


class Net(Module):
    def forward(self, x):
        return nd.tanh(self.net(x))
""",
        after="""
from mxnet import nd
from mxnet.gluon import nn


class Module(nn.Block):
    def __init__(self):
        super().__init__()
        self.net = nn.Dense(4)

    def forward(self, x):
        return self.net(x)


class Holder(Module):
    def __init__(self):
        super().__init__()
        self.net = Pick()


class Pick(nn.Block):
    def forward(self, x):
        return x[x > 0]


class Net(Module, nn.HybridBlock):
    def hybrid_forward(self, F, x):
        return F.tanh(self.net(x))

    forward = nn.HybridBlock.forward
""",
    ),
    Example(
        title="a hybrid_forward that is never called",
        before="""
from mxnet.gluon import nn


class Net(nn.Block):
    def hybrid_forward(self, F, x):
        return F.relu(x)
""",
    ),
    Example(
        title="a child that stays a Block keeps its parents Blocks",
        before="""
from mxnet import nd
from mxnet.gluon import nn


class Rank(nn.Block):
    def forward(self, x):
        return x[x > 0]


class Net(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.rank = Rank()

    def forward(self, x):
        return self.rank(nd.relu(x))
""",
    ),
]
VALID = [
    """
from mxnet import nd
from mxnet.gluon import nn


class Own(nn.Block):
    def forward(self, x):
        return self.hybrid_forward(nd, x)

    def hybrid_forward(self, F, x):
        return F.relu(x)
""",
    """
from mxnet.gluon import nn


class Twice(nn.Block):
    def hybrid_forward(self, F, x):
        return F.relu(x) * 2


class Net(Twice, nn.HybridBlock):
    pass
""",
    """
from mxnet.gluon import nn


class Net(nn.HybridBlock):
    def hybrid_forward(self, F, x):
        return F.relu(x)
""",
]


@rule(CODE, "plain-block", targets=("mxnet.hybrid",), consequence=Consequence.SPEED, fix="sometimes", scope="unit")
def check(unit: Unit, ctx: UnitContext) -> Iterator[Finding]:
    yield from findings(CODE, ctx)
