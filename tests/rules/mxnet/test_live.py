"""Bases that keep a plain forward: Python would find it before the one that calls a hybrid_forward."""

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


class Mixin:
    def forward(self, x):
        return x * 3


class Plain(nn.HybridBlock):
    def forward(self, x):
        return x * len(x)


class Both(nn.HybridBlock):
    def forward(self, x):
        return super().forward(x, x * 2)

    def hybrid_forward(self, F, x, y):
        return x + y


class Fine(nn.HybridBlock):
    def forward(self, x):
        return nd.tanh(x)


class Says(Mixin, nn.HybridBlock):
    forward = nn.HybridBlock.forward

    def hybrid_forward(self, F, x):
        return F.tanh(x)

"""
NET = """
class Net({base}):
    def forward(self, x):
        return nd.relu(x) * 2
"""
MAKE = """

def make():
    return Net()


def inputs():
    return (nd.array(onp.random.normal(size=(4, 5))),)


def other():
    return (nd.array(onp.random.normal(size=(2, 5))),)
"""
FINE = ["Fine", "Says", "nn.Block, Mixin", "nn.HybridBlock, Mixin"]


def rewritten(text: str) -> tuple[str, str]:
    """Return what rewriting makes of a text, and why ``Net`` stays as it is (empty: it doesn't)."""
    (report,) = rewrite([Source("net.py", text)], ["mxnet.hybrid"])
    assert report.result is not None, report.error
    (again,) = rewrite([report.result.after], ["mxnet.hybrid"])
    assert not again.changed
    why = [d.why for d in report.result.remaining if d.code == "THM601" and d.unit == "Net"]
    return report.result.after.text, "; ".join(why)


@pytest.mark.parametrize(
    ("base", "reason"),
    [
        ("Plain", "Plain is a HybridBlock that can't be compiled (THM303"),
        ("Both", "its base Both has a plain forward, which would be found before that of HybridBlock"),
        ("Mixin, nn.HybridBlock", "its base Mixin has a plain forward"),
        ("Mixin, nn.Block", "its base Mixin has a plain forward"),
    ],
)
def test_base_keeps_its_forward(base: str, reason: str) -> None:
    """A forward of a base's own would run instead of what the class computes."""
    text, why = rewritten(HEAD + NET.format(base=base))
    assert reason in why
    assert text.endswith(NET.format(base=base))


def test_child_keeps_its_forward() -> None:
    """A HybridBlock with a plain forward that can't be converted is a child that no graph can hold."""
    parent = """
class Net(nn.Block):
    def __init__(self):
        super().__init__()
        self.child = {child}()

    def forward(self, x):
        return nd.relu(self.child(x))
"""
    assert (
        "its child `child`: Plain is a HybridBlock that can't be compiled"
        in rewritten(HEAD + parent.format(child="Plain"))[1]
    )
    below = "\n\nclass Below(Plain):\n    pass\n\n"
    assert "its child `child`: Below is a HybridBlock" in rewritten(HEAD + below + parent.format(child="Below"))[1]
    assert not rewritten(HEAD + parent.format(child="Fine"))[1]


def test_hybrid_forward_that_waits() -> None:
    """A subclass's hybrid_forward that is never called would be, once the base's forward has another name."""
    below = "\n\nclass Below(Net):\n    def hybrid_forward(self, F, x):\n        return x * 0\n"
    text, why = rewritten(HEAD + NET.format(base="nn.Block") + below)
    assert "its subclass Below has a hybrid_forward, which isn't called now" in why
    assert "class Net(nn.Block):" in text


def test_on_mxnet(tmp_path: Path) -> None:
    """The others are equal on MXNet."""
    texts = [HEAD + NET.format(base=base) + MAKE for base in FINE]
    assert [rewritten(text)[1] for text in texts] == [""] * len(FINE)
    file = tmp_path / "cases.json"
    cases = [(f"case{n}", text, rewritten(text)[0]) for n, text in enumerate(texts)]
    file.write_text(json.dumps(cases), encoding="utf-8")
    runner = Path(__file__).parent / "run_cases.py"
    done = subprocess.run([sys.executable, str(runner), str(file)], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == [f"case{n} ok" for n in range(len(FINE))], done.stderr[-2000:]
