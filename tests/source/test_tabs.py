"""Code for several tabs of a document."""

from __future__ import annotations

import ast

import pytest

from transpile_hybrid.api import rewrite
from transpile_hybrid.source.source import Source

SHARED = """
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Net(nn.Block):
    def __init__(self):
        super().__init__()
        if tab.selected('mxnet'):
            self.net = nn.Dense(2)
        elif tab.selected('pytorch', 'jax'):
            self.net = nn.LazyLinear(2)
        else:
            self.net = Dense(2)

    def forward(self, x):
        if tab.selected('pytorch') or tab.selected('tensorflow'):
            x = x.detach()
        return np.tanh(self.net(x))
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("if tab.selected('mxnet'):\n    a()\nelse:\n    b()", "a()"),
        ("if tab.selected('jax', 'tf'):\n    a()\nelse:\n    b()", "b()"),
        ("if not tab.selected('mxnet'):\n    a()\nc()", "c()"),
        ("if tab.selected('jax') or tab.selected('mxnet'):\n    if tab.selected('jax'):\n        a()\n    b()", "b()"),
        ("def f():\n    if tab.selected('jax'):\n        a()", "def f():\n    pass"),
        ("if x and tab.selected('jax'):\n    a()", "if x and tab.selected('jax'):\n    a()"),
        ("tab = Tab()\nif tab.selected('jax'):\n    a()", "tab = Tab()\nif tab.selected('jax'):\n    a()"),
    ],
)
def test_settled(text: str, expected: str) -> None:
    """What a tab decides is settled where the stream of that tab is read, and nowhere else."""
    assert ast.unparse(Source("doc.md#mxnet", text).tree) == expected
    assert ast.unparse(Source("doc.py", text).tree) == ast.unparse(ast.parse(text))


def test_rewritten() -> None:
    """Only the code of the tab is judged; the others stay as they are."""
    (report,) = rewrite([Source("doc.md#mxnet", SHARED)], ["mxnet.hybrid"])
    assert report.result is not None
    assert not report.result.remaining
    after = SHARED.replace("nn.Block", "nn.HybridBlock").replace(
        "def forward(self, x)", "def hybrid_forward(self, F, x)"
    )
    assert report.result.after.text == after.replace("np.tanh", "F.np.tanh")
