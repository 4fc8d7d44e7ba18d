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
