"""What constructors and calls hand on: types that go through several classes, keywords that calls give."""

from __future__ import annotations

from transpile_hybrid.api import check, rewrite
from transpile_hybrid.source.source import Source

HEADS = """
from torch import nn


def split(x, heads):
    return x.view(x.shape[0], x.shape[1], heads, x.shape[2] // heads)


class Attention(nn.Module):
    def __init__(self, size, heads):
        super().__init__()
        self.heads = heads

    def forward(self, x):
        return split(x, self.heads)


class Layer(nn.Module):
    def __init__(self, size, heads):
        super().__init__()
        self.attention = Attention(size, heads)

    def forward(self, x):
        return self.attention(x)


class Net(nn.Module):
    def __init__(self, size=8, heads=2):
        super().__init__()
        self.layers = nn.ModuleList([Layer(size, heads) for _ in range(2)])

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x
"""
GIVEN = """
from torch import nn


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.MultiheadAttention(8, 2)
        self.norm = nn.LayerNorm(8)

    def forward(self, x, **kwargs):
        y = self.norm(x)
        for _ in range(2):
            y = self.norm(y)
        for _ in range(2):
            y = self.norm(y)
        for _ in range(2):
            y = self.norm(y)
        for _ in range(2):
            y = self.norm(y)
        return self.inner(y, y, y, **kwargs)[0]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([Layer()])

    def forward(self, x):
        for layer in self.layers:
            x = layer(x, need_weights=False)
        return x
"""


def _codes(text: str) -> list[str]:
    (report,) = check([Source("net.py", text)], ["torch.script"])
    return [found.code for found in report.diagnostics]


def test_a_number_is_followed_through_constructors() -> None:
    assert _codes(HEADS) == ["THT507"]
    assert _codes(HEADS.replace("heads=2", "heads")) == []


def test_keywords_that_a_module_is_called_with_are_kept() -> None:
    for text, dropped in ((GIVEN, False), (GIVEN.replace(", need_weights=False", ""), True)):
        (report,) = rewrite([Source("net.py", text)], ["torch.script"], unsafe=True)
        assert report.result is not None
        assert ("**kwargs" not in report.result.after.text) is dropped
