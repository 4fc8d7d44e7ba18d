"""Hooks and gradients of gradients, which a graph has not."""

from __future__ import annotations

import pytest

from transpile_hybrid.api import rewrite
from transpile_hybrid.source.source import Source

HEAD = """
from mxnet import autograd, nd
from mxnet.gluon import nn


class Net(nn.Block):
    def __init__(self):
        super().__init__()
        self.fc = nn.Dense(3)

    def forward(self, x):
        return nd.relu(self.fc(x))


net = nn.Sequential()
net.add(nn.Dense(4), nn.Dense(3))
net.initialize()
"""


def rewritten(text: str) -> tuple[str, list[str]]:
    (report,) = rewrite([Source("net.py", text)], ["mxnet.hybrid"])
    assert report.result is not None, report.error
    return report.result.after.text, [f"{d.help} {d.why}" for d in report.result.remaining]


@pytest.mark.parametrize(
    "line",
    ["", "layer = nn.Dense(3)\nlayer.register_forward_hook(print)", "g = autograd.grad(y, [x], create_graph=False)"],
)
def test_hybridized(line: str) -> None:
    text, left = rewritten(HEAD + line + "\n")
    assert left == []
    assert "net.hybridize(" in text
    assert "class Net(nn.HybridBlock)" in text


@pytest.mark.parametrize(
    ("line", "converts"),
    [
        ("net[0].register_forward_hook(print)", False),
        ("def watch(block):\n    block.register_forward_pre_hook(print)", False),
        ("layer = nn.Sequential()\nlayer.register_forward_hook(print)", False),
        ("g = autograd.grad(y, [x], create_graph=True)", True),
    ],
)
def test_left(line: str, converts: bool) -> None:
    text, left = rewritten(HEAD + line + "\n")
    assert any("a graph runs no hooks" in one for one in left)
    assert any("hooks are registered at line" in one for one in left) != converts
    assert "net.hybridize(" not in text
    assert ("class Net(nn.HybridBlock)" in text) == converts
