"""Arrays of a block that are trained or changed: they become inputs of the graph, which its forward hands over."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from transpile_hybrid.api import rewrite
from transpile_hybrid.source.source import Source

HEAD = """
import numpy as onp
from mxnet import autograd, np, npx
from mxnet.gluon import nn

npx.set_np()


def put_into(Class):
    def wrapper(obj):
        setattr(Class, obj.__name__, obj)
    return wrapper


class Module(nn.Block):
    def __init__(self):
        super().__init__()
        self.steps = 0

    def forward(self, x):
        return self.net(x)


class Rank(Module):
    def forward(self, x):
        return np.array(x.asnumpy().argsort())


class Holder(Module):
    def __init__(self):
        super().__init__()
        self.net = Rank()
"""
NET = """

class Net(Module):
    def __init__(self, n=5):
        super().__init__()
        self.w = np.array(onp.random.normal(size=(n, 3)), dtype="float32")
        self.b = np.zeros(3)
        for array in (self.w, self.b):
            array.attach_grad()

    def forward(self, x):
        return np.tanh(np.dot(x, self.w) + self.b)

    def loss(self, x):
        return (self(x) ** 2).sum() + (self.w ** 2).sum()
"""
ADDED = (
    NET.replace("    def forward(self, x):\n        return np.tanh(np.dot(x, self.w) + self.b)\n\n", "")
    + """

@put_into(Net)
def forward(self, x):
    return np.tanh(np.dot(x, self.w) + self.b)
"""
)
LEGACY = """
import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def __init__(self):
        super(Net, self).__init__()
        self.fc = nn.Dense(3)
        self.w = nd.array(onp.random.normal(size=(1, 3)))
        self.w.attach_grad()

    def forward(self, x, y):
        return self.fc(x) * self.w + y
"""
MAKE = """

def make():
    return Net()


def inputs():
    return (np.array(onp.random.uniform(size=(4, 5)), dtype="float32"),)


def other():
    return (np.array(onp.random.uniform(size=(2, 5)), dtype="float32"),)
"""
TWO = """

def make():
    return Net()


def inputs():
    return tuple(nd.array(onp.random.uniform(size=(4, 3))) for _ in range(2))


def other():
    return tuple(nd.array(onp.random.uniform(size=(2, 3))) for _ in range(2))
"""
CASES = {"own": HEAD + NET + MAKE, "added": HEAD + ADDED + MAKE, "legacy": LEGACY + TWO}
# Trains the block as it is and hybridized: by writing into its arrays, and by putting others in their place.
TRAIN = """

def train(hybridized):
    onp.random.seed(1)
    net = Net()
    if hybridized:
        net.hybridize(static_alloc=True, static_shape=True)
    seen = []
    for step in range(6):
        x = np.array(onp.random.uniform(size=(2 + step % 2, 5)), dtype="float32")
        with autograd.record():
            loss = net.loss(x)
        loss.backward()
        for array in (net.w, net.b):
            array -= 0.1 * array.grad
        if step == 2:
            net.w = net.w * 2
            net.w.attach_grad()
        seen += [float(loss), net(x).asnumpy().tolist()]
    return seen


eager = train(False)
assert len({str(one) for one in eager}) == len(eager)
assert all(onp.allclose(a, b, rtol=1e-5, atol=1e-6) for a, b in zip(eager, train(True)))
print("equal", isinstance(Net(), nn.HybridBlock), len(Net().collect_params().keys()))
"""


def rewritten(text: str, unit: str = "Net", *, unsafe: bool = True) -> tuple[str, str]:
    """Return what rewriting makes of a text, and why a class stays a Block (empty: it doesn't)."""
    (report,) = rewrite([Source("net.py", text)], ["mxnet.hybrid"], unsafe=unsafe)
    assert report.result is not None, report.error
    (again,) = rewrite([report.result.after], ["mxnet.hybrid"], unsafe=unsafe)
    assert not again.changed
    why = [d.why for d in report.result.remaining if d.code == "THM601" and d.unit == unit]
    return report.result.after.text, "; ".join(why)


def run(*arguments: str) -> list[str]:
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)
    return done.stdout.splitlines() or [done.stderr[-1500:]]


@pytest.mark.parametrize("name", CASES)
def test_text(name: str) -> None:
    """The forward hands the arrays over; what else reads them reads them as before."""
    text, why = rewritten(CASES[name])
    assert not why
    given = "x, y, self.w" if name == "legacy" else "x, self.w, self.b"
    assert f"        return nn.HybridBlock.forward(self, {given})\n" in text
    assert "forward = nn.HybridBlock" not in text
    if name != "legacy":
        assert "hybrid_forward(self, F, x, w, b):" in text
        assert "(self.w ** 2).sum()" in text
        assert ("@put_into(Net)\ndef hybrid_forward" in text) == (name == "added")


def test_on_mxnet(tmp_path: Path) -> None:
    """All are equal on MXNet, in the gradients of their arrays too, and when the exported graph is given them."""
    file = tmp_path / "cases.json"
    file.write_text(json.dumps([(name, text, rewritten(text)[0]) for name, text in CASES.items()]), encoding="utf-8")
    assert run(str(Path(__file__).parent / "run_cases.py"), str(file)) == [f"{name} ok" for name in CASES]


@pytest.mark.parametrize("name", ["own", "added"])
def test_trains(name: str, tmp_path: Path) -> None:
    """A hybridized block sees what is written into its arrays, and others that are put in their place."""
    aliases = "import numpy\nnumpy.bool = bool\n"
    text = rewritten(CASES[name])[0]
    file = tmp_path / "train.py"
    file.write_text(aliases + text + TRAIN, encoding="utf-8")
    assert run(str(file)) == ["equal True 0"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("def forward(self, x):", "def forward(self, x, scale=1):"),
        ("def forward(self, x):", "def forward(self, *x):"),
        ("    def loss(self, x):", "    def collect_params(self):\n        return [self.w]\n\n    def loss(self, x):"),
        ("    def loss(self, x):", "    def again(self, w):\n        self.w = None\n\n    def loss(self, x):"),
        ("return np.tanh(np.dot(x, self.w) + self.b)", "w = 2\n        return np.tanh(np.dot(x, self.w) + self.b) * w"),
    ],
)
def test_left(old: str, new: str) -> None:
    """Where the forward can't hand the array over, or HybridBlock couldn't ask for the parameters."""
    assert old in NET
    text, why = rewritten(HEAD + NET.replace(old, new, 1))
    assert why
    assert "HybridBlock.forward" not in text


@pytest.mark.parametrize("name", CASES)
def test_unsafe(name: str) -> None:
    """What is exported wants the arrays as inputs: nothing that safe fixes may do."""
    text, why = rewritten(CASES[name], unsafe=False)
    assert "THM606" in why
    assert text == CASES[name]


def test_subclass_with_forward() -> None:
    """A subclass with a forward of its own would be handed arrays that it doesn't take."""
    text = HEAD + NET + "\n\nclass Other(Net):\n    def {name}(self, x):\n        return np.dot(x, self.w) * 2\n"
    assert rewritten(text.format(name="forward"))[1]
    assert not rewritten(text.format(name="more"))[1]


def test_parent_stays() -> None:
    """No graph can hold such a block, before it is rewritten and after."""
    parent = """

class Parent(nn.Block):
    def __init__(self):
        super().__init__()
        self.net = Net()

    def forward(self, x):
        return self.net(x) * 2
"""
    text, why = rewritten(HEAD + NET + parent, "Parent")
    assert "Net hands arrays of its own to its graph" in why
    assert "class Parent(nn.Block):" in text
    assert "class Net(Module, nn.HybridBlock):" in text
    after, why = rewritten(text, "Parent")
    assert "Net hands arrays of its own to its graph" in why
    assert after == text


def test_second_forward() -> None:
    """Where a forward is replaced by one that is added, the first would come back once the second has another name."""
    first = "\n\n@put_into(Net)\ndef forward(self, x):\n    return np.dot(x, self.w)\n"
    assert "takes the place of another one" in rewritten(HEAD + ADDED + first)[1]
    assert "takes the place of another one" in rewritten(HEAD + NET + first)[1]


def test_named_alone() -> None:
    """A function that is put into a class and called by its own name keeps that name."""
    assert "by its own name" in rewritten(HEAD + ADDED + "\n\nprint(forward)\n")[1]
