"""Classes that become hybrid though their base stays a Block: HybridBlock is put behind the base."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from transpile_hybrid.api import rewrite
from transpile_hybrid.source.source import Source

# Its base can't be hybrid: other classes that derive from it compute on the host, or hold what does.
BASE = """
import numpy as onp
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Keeps:
    def keep(self):
        return dict(vars(self))


class Module(nn.Block, Keeps):
    def __init__(self, rate=0.1):
        super().__init__()
        self.rate = rate

    def forward(self, x, scale=None):
        assert hasattr(self, "net"), "no net"
        return self.net(x) if scale is None else self.net(x) * scale

    def accuracy(self, x):
        return float(self(x).mean())


class Rank(Module):
    def forward(self, x):
        return np.array(x.asnumpy().argsort())


class Holder(Module):
    def __init__(self, ranks):
        super().__init__()
        self.ranks = ranks

    def forward(self, x):
        return self.ranks(x)


HELD = Holder(Rank())
"""
INHERITS = """

class Net(Module):
    def __init__(self, rate=0.2):
        super().__init__(rate)
        self.net = nn.Sequential()
        self.net.add(nn.Dense(8, activation="relu"), nn.Dense(3))  # two layers
"""
OWN = """

class Net(Module):
    \"\"\"Has a forward of its own.\"\"\"

    def __init__(self):
        super(Net, self).__init__()
        self.net = nn.Dense(3)
        self.bias = self.params.get("bias", shape=(3,))

    def forward(self, x):
        return np.tanh(self.net(x)) + self.bias.data()  # bounded

    def loss(self, y, t):
        return ((y - t) ** 2).mean()
"""
DEEPER = (
    INHERITS.replace("Net(", "First(")
    + """

class Middle(First):
    pass


class Net(Middle):
    def __init__(self):
        super().__init__(0.5)
        self.net.add(nn.Dense(2))
"""
)
ADDED = """

def put_into(Class):
    def wrapper(obj):
        setattr(Class, obj.__name__, obj)
    return wrapper


class Net(Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Dense(3)


@put_into(Net)
def forward(self, x):
    return np.tanh(self.net(x)) + x.mean(axis=1, keepdims=True)
"""
MAKE = """

def make():
    return Net()


def inputs():
    return (np.array(onp.random.uniform(size=(4, 5)), dtype="float32"),)


def other():
    return (np.array(onp.random.uniform(size=(2, 5)), dtype="float32"),)
"""
CASES = {"inherits": INHERITS, "own": OWN, "deeper": DEEPER, "added": ADDED}


def rewritten(text: str) -> tuple[str, str]:
    """Return what rewriting makes of a text, and why ``Net`` stays a Block (empty: it doesn't)."""
    (report,) = rewrite([Source("net.py", text)], ["mxnet.hybrid"])
    assert report.result is not None, report.error
    (again,) = rewrite([report.result.after], ["mxnet.hybrid"])
    assert not again.changed
    why = [d.why for d in report.result.remaining if d.code == "THM601" and d.unit == "Net"]
    return report.result.after.text, "; ".join(why)


def test_text() -> None:
    """An inherited forward is called by its own name, a forward of one's own becomes the hybrid_forward."""
    text, why = rewritten(BASE + INHERITS)
    assert not why
    assert text == BASE + INHERITS.replace("Net(Module)", "Net(Module, nn.HybridBlock)").replace(
        "nn.Sequential", "nn.HybridSequential"
    ) + (
        "\n    forward = nn.HybridBlock.forward\n\n    def hybrid_forward(self, F, x, scale=None):\n"
        "        return super().forward(x, scale)\n"
    )
    text, why = rewritten(BASE + OWN)
    assert not why
    assert "# bounded\n\n    forward = nn.HybridBlock.forward\n\n    def loss" in text
    assert "def hybrid_forward(self, F, x, bias):" in text


def test_on_mxnet(tmp_path: Path) -> None:
    """All are equal on MXNet: eagerly, hybridized, in their gradients, exported and reloaded."""
    file = tmp_path / "cases.json"
    cases = [(name, BASE + text + MAKE, rewritten(BASE + text + MAKE)[0]) for name, text in CASES.items()]
    file.write_text(json.dumps(cases), encoding="utf-8")
    runner = Path(__file__).parent / "run_cases.py"
    done = subprocess.run([sys.executable, str(runner), str(file)], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == [f"{name} ok" for name in CASES], done.stderr[-2000:]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("        super().__init__()\n        self.rate", "        nn.Block.__init__(self)\n        self.rate"),
        ("self.net(x) * scale", "np.tanh(self.net(x)) * scale"),
        ("self.net(x) * scale", "self.net(x.asnumpy()) * scale"),
        ("    def accuracy(self, x):", "    def __setattr__(self, name, value):"),
        ("    def accuracy(self, x):", "    def hybridize(self, x):"),
        ("class Module(nn.Block, Keeps):", "class Module(nn.Sequential, Keeps):"),
        ("nn.Dense(8, activation=\"relu\")", "Rank()"),
        ("self.net = nn.Sequential()", "self.net = rate"),
        ("class Net(Module):", "class Net(Module, Keeps):"),
    ],
)  # fmt: skip
def test_left(old: str, new: str) -> None:
    """Where HybridBlock would not be reached, would hide something, or the forward isn't one for Symbols."""
    assert old in BASE + INHERITS
    text, why = rewritten((BASE + INHERITS).replace(old, new))
    assert why
    assert "forward = nn.HybridBlock" not in text


def test_base_stays() -> None:
    """A base whose plain forward a hybrid_forward calls isn't made hybrid later."""
    text = rewritten(BASE + INHERITS)[0]
    alone = text[: text.index("class Rank")] + text[text.index("class Net") :]
    after = rewritten(alone.replace("self.net(x) if scale is None else self.net(x) * scale", "x * 2"))[0]
    assert "class Module(nn.Block, Keeps):" in after
