"""Methods that a class is given after its body, and blocks that something else holds."""

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
from mxnet import nd
from mxnet.gluon import nn


def put_into(Class):
    def wrapper(obj):
        setattr(Class, obj.__name__, obj)
    return wrapper


class Rank(nn.Block):
    def forward(self, x):
        return nd.array(x.asnumpy().argsort())

"""
NET = """
class Net(nn.Block):
    def first(self):
        body = nn.Sequential()
        body.add(nn.Dense(8))
        return body

    def forward(self, x):
        return nd.tanh(self.net(x))


@put_into(Net)
def last(self, width):
    body = nn.Sequential()
    body.add(nn.Dense(width))
    return body


@put_into(Net)
def __init__(self, width=3):
    super(Net, self).__init__()
    self.net = nn.Sequential()
    self.net.add(self.first(), self.last(width))
"""
MAKE = """

def make():
    return Net()


def inputs():
    return (nd.array(onp.random.uniform(size=(4, 5))),)


def other():
    return (nd.array(onp.random.uniform(size=(2, 5))),)
"""


def rewritten(text: str) -> tuple[str, list[str]]:
    """Return what rewriting makes of a text, and the reasons of what stays."""
    (report,) = rewrite([Source("net.py", text)], ["mxnet.hybrid"])
    assert report.result is not None, report.error
    return report.result.after.text, [d.why for d in report.result.remaining if d.code == "THM601" and d.unit == "Net"]


def test_added_constructor(tmp_path: Path) -> None:
    """A constructor that is added is read as one, with the methods that it calls; the result is equal on MXNet."""
    text, why = rewritten(HEAD + NET + MAKE)
    assert not why
    net = NET.replace("nn.Sequential", "nn.HybridSequential").replace("nn.Block", "nn.HybridBlock")
    net = net.replace("forward(self, x)", "hybrid_forward(self, F, x)").replace("nd.tanh", "F.tanh")
    assert text == HEAD + net + MAKE
    file = tmp_path / "cases.json"
    file.write_text(json.dumps([("added", HEAD + NET + MAKE, text)]), encoding="utf-8")
    runner = Path(__file__).parent / "run_cases.py"
    done = subprocess.run([sys.executable, str(runner), str(file)], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == ["added ok"], done.stderr[-2000:]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("body.add(nn.Dense(width))", "body.add(Rank())", "Rank stays a Block"),
        ("def last(self, width)", "def forward(self, width)", "takes the place of another one"),
    ],
)
def test_left(old: str, new: str, reason: str) -> None:
    """A plain block in an added method, and a forward that replaces the one that would be converted."""
    text, why = rewritten(HEAD + NET.replace(old, new))
    assert len(why) == 1
    assert reason in why[0]
    assert "class Net(nn.Block)" in text
    assert text.count("HybridSequential") < 3


def test_held_by_another() -> None:
    """A Sequential in an attribute of something else is left: what is added to it there isn't seen."""
    text = HEAD + "\ndef fill(holder):\n    holder.body = nn.Sequential()\n    holder.body.add(Rank())\n"
    (report,) = rewrite([Source("net.py", text)], ["mxnet.hybrid"])
    assert report.result is not None
    assert not report.changed
    assert any("attribute of something else" in d.why for d in report.result.remaining if d.code == "THM602")


HELPED = """
class Net(nn.Block):
    def __init__(self):
        super().__init__()
        self.fc = nn.Dense(4)

    def squash(self, x):
        return nd.relu(x)

    def forward(self, x):
        return self.scale(self.squash(self.fc(x)))


@put_into(Net)
def scale(self, x):
    return nd.tanh(x) * 2
"""


def test_added_helper(tmp_path: Path) -> None:
    """A helper that is added gains an F where it stands; the result is equal on MXNet."""
    text, why = rewritten(HEAD + HELPED + MAKE)
    assert why == []
    assert "    def hybrid_forward(self, F, x):\n        return self.scale(F, self.squash(F, self.fc(x)))\n" in text
    assert "@put_into(Net)\ndef scale(self, F, x):\n    return F.tanh(x) * 2\n" in text
    file = tmp_path / "cases.json"
    file.write_text(json.dumps([("case", HEAD + HELPED + MAKE, text)]), encoding="utf-8")
    runner = Path(__file__).parent / "run_cases.py"
    done = subprocess.run([sys.executable, str(runner), str(file)], capture_output=True, text=True, check=False)
    assert done.stdout == "case ok\n", done.stderr[-2000:]


def test_helper_called_by_name() -> None:
    """Where the function that is added is called by its own name too, its F may be left out."""
    text, why = rewritten(HEAD + HELPED + MAKE + "\n\nprint(scale(None, nd.ones(2)))\n")
    assert why == []
    assert "def scale(self, x, F=nd):\n    return F.tanh(x) * 2\n" in text
    assert "return self.scale(self.squash(F, self.fc(x)), F=F)" in text


def test_helper_replaced() -> None:
    """A helper that another one takes the place of is not the one that runs."""
    text, why = rewritten(HEAD + HELPED.replace("def scale(", "def squash(").replace("self.scale(", "("))
    assert len(why) == 1
    assert "`squash` is given to Net after its body" in why[0]
    assert "class Net(nn.Block)" in text
