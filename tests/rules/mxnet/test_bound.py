"""Methods under more than one name, and names with more than one method: what would come back, or be called wrongly."""

from __future__ import annotations

import pytest

from transpile_hybrid.api import rewrite
from transpile_hybrid.source.source import Source

HEAD = """
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def __init__(self, narrow=True):
        super().__init__()
        self.fc = nn.Dense(3)

    def act(self, x):
        return nd.relu(x)

    def forward(self, x):
        return self.act(self.fc(x))
"""
FORWARD = "    def forward(self, x):\n"
HELPED = "        return self.act(self.fc(x))\n"
BUILT = "        self.fc = nn.Dense(3)\n"


def why(text: str, unit: str = "Net") -> str:
    """Return why a class stays a Block (empty: it doesn't); a text in which it does is the same after rewriting."""
    (report,) = rewrite([Source("net.py", text)], ["mxnet.hybrid"])
    assert report.result is not None, report.error
    found = "; ".join(d.why for d in report.result.remaining if d.code == "THM601" and d.unit == unit)
    assert not found or f"class {unit}(nn.Block)" in report.result.after.text
    return found


def test_converts() -> None:
    """The class itself, of which the others here differ in one thing each."""
    assert not why(HEAD)
    assert not why(HEAD + "\n\nclass Other(nn.Block):\n    def __init__(self):\n        self.act = nn.Dense(3)\n")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (FORWARD, FORWARD + "        return nd.tanh(x)\n\n" + FORWARD, "its `forward` is defined more than once"),
        (HELPED, HELPED + "\n    if nd:\n        def forward(self, x):\n            return x\n", "more than once"),
        (HELPED, HELPED + "\n    predict = forward\n", "its `forward` is used by that name in the body of Net"),
        (HELPED, HELPED + "\n    squash = act\n", "its `act` is used by that name in the body of Net"),
        (HELPED, HELPED + "\n\nNet.forward = lambda self, x: x\n", "is put in the place of its `forward`"),
        (HELPED, HELPED + "\n\nNet.act = lambda self, x: x\n", "is put in the place of its `act`"),
        (HELPED, HELPED + "\n\nnet = Net()\nnet.act = nn.Dense(3)\n", "its `act` is set too, at line"),
        (BUILT, BUILT + "        if narrow:\n            self.act = nn.Dense(3)\n", "its `act` is set too, at line"),
        (HELPED, HELPED + "\n\nclass Sub(Net):\n    act = staticmethod(nd.tanh)\n", "Sub has another `act`"),
        (
            HELPED,
            HELPED + "\n\nclass Sub(Net):\n    def __init__(self):\n        super().__init__()\n"
            "        self.act = nn.Dense(3)\n",
            "its `act` is set too, at line",
        ),
        ("self.act(self.fc(x))", 'getattr(self, "act")(x)', "THM608"),
        ("self.act(self.fc(x))", 'getattr(self, f"a{x}")(x)', "THM608"),
    ],
)  # fmt: skip
def test_left(old: str, new: str, reason: str) -> None:
    assert HEAD.count(old) == 1
    assert reason in why(HEAD.replace(old, new))


@pytest.mark.parametrize(
    "body",
    [
        "    forward = lambda self, x: x * len(x)\n",
        "    def use(self):\n        self.forward = self.act\n",
    ],
)
def test_child_with_another_forward(body: str) -> None:
    """Instances of a subclass compute something else than the hybrid_forward that it inherits."""
    text = HEAD + "\n\nclass Sub(Net):\n" + body + (
        "\n\nclass Parent(nn.Block):\n    def __init__(self):\n        super().__init__()\n        self.net = Sub()\n\n"
        "    def forward(self, x):\n        return nd.relu(self.net(x))\n"
    )  # fmt: skip
    assert "its child `net`: Sub" in why(text, "Parent")
    assert not why(text.replace("self.net = Sub()", "self.net = Net()"), "Parent")


def test_blocks_by_getattr() -> None:
    """Blocks that are reached by a name that is computed are followed, as before."""
    text = HEAD.replace("self.fc = nn.Dense(3)", 'setattr(self, "fc0", nn.Dense(3))')
    assert not why(text.replace("self.fc(x)", 'getattr(self, "fc%d" % 0)(x)'))
