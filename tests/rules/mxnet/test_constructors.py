"""Constructors that name a base: what they leave out isn't read, and who gets HybridBlock's."""

from __future__ import annotations

from transpile_hybrid.api import rewrite
from transpile_hybrid.source.source import Source

HEAD = """
from mxnet import np, npx
from mxnet.gluon import nn, rnn

npx.set_np()


"""
BASES = """class Module(nn.Block):
    def __init__(self):
        super().__init__()
        self.rate = 1


class RNN(Module):
    def __init__(self, hidden):
        super().__init__()
        self.rnn = rnn.RNN(hidden)

    def forward(self, x):
        state = self.rnn.begin_state(x.shape[1], ctx=x.ctx)
        return self.rnn(x, state)[0]


"""
NAMED = """class Other(RNN):
    def __init__(self, hidden):
        Module.__init__(self)
        self.rnn = rnn.{layer}
"""


def converted(text: str) -> str:
    (report,) = rewrite([Source("net.py", text)], ["mxnet.hybrid"])
    assert report.result is not None, report.internal or report.error
    return report.result.after.text


def test_a_layer_with_states_of_the_same_form() -> None:
    after = converted(HEAD + BASES + NAMED.format(layer="GRU(hidden, 2)"))
    assert "begin_state(func=" in after
    assert "class Module(nn.HybridBlock)" in after


def test_a_cell_has_states_of_another_form() -> None:
    after = converted(HEAD + BASES + NAMED.format(layer="RNNCell(hidden)"))
    assert "def forward(self, x):\n        state = self.rnn.begin_state(x.shape[1], ctx=x.ctx)" in after


# `Base.__init__` of a Base without a constructor is Block's, which would leave HybridBlock's out.
BEHIND = """class Base(nn.Block):{constructor}
    def forward(self, x):
        return self.pick(x)


class Pick(Base):
    def pick(self, x):
        return x[x > 0]


class Net(Base):
    def __init__(self):
        Base.__init__(self)
        self.layer = nn.Dense(3)

    def forward(self, x):
        return np.tanh(self.layer(x))
"""
OWN = """
    def __init__(self):
        super().__init__()
"""


def test_a_base_that_is_named_and_has_no_constructor() -> None:
    assert "HybridBlock" not in converted(HEAD + BEHIND.format(constructor=""))


def test_a_base_that_is_named_and_hands_on() -> None:
    after = converted(HEAD + BEHIND.format(constructor=OWN))
    assert "class Net(Base, nn.HybridBlock)" in after


BELOW = """class Below(Net):
    def __init__(self):
        Base.__init__(self)
        self.layer = nn.Dense(3)
"""


def test_a_subclass_that_names_a_base_without_a_constructor() -> None:
    behind = BEHIND.format(constructor="").replace("Base.__init__(self)", "super().__init__()")
    assert "class Net(Base, nn.HybridBlock)" in converted(HEAD + behind)
    assert "HybridBlock" not in converted(HEAD + behind + "\n\n" + BELOW)
