"""Modules picked by a computed index: the same module is called, and the same error raised, compiled or not."""

from __future__ import annotations

from pathlib import Path

import pytest

from transpile_hybrid.api import check, rewrite
from transpile_hybrid.source.source import Source

from .running import run

HEAD = """import torch
from torch import nn


class Pair(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = nn.LayerNorm(4)

    def forward(self, x, scale: float = 1.0):
        return x * scale


class Net(nn.Module):
    def __init__(self, n=3):
        super().__init__()
        self.last = n - 1
        self.a = nn.ModuleList([nn.Linear(4, 4) for _ in range(n)])
        self.b = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 4))
        self.d = nn.ModuleDict({"left": nn.Linear(4, 4), "right-2": nn.Tanh()})
        self.pairs = nn.ModuleList([Pair() for _ in range(n)])
        self.grid = nn.ModuleList([nn.ModuleList([nn.Linear(4, 4), nn.Linear(4, 4)]) for _ in range(n)])

    def forward(self, x, i: int = 0, key: str = "left"):
"""


def net(forward: str, more: str = "") -> str:
    return HEAD + "".join(f"        {line}\n" for line in forward.splitlines()) + more


def rewritten(text: str) -> str:
    (report,) = rewrite([Source("case.py", text)], ["torch.script"])
    assert report.result is not None, report.internal or report.error
    return report.result.after.text


def codes(text: str) -> set[str]:
    (report,) = check([Source("case.py", text)], ["torch.script"])
    return {one.code for one in report.diagnostics}


FORMS = [
    "return self.a[i](x)",
    "return self.b[i - 1](x) * self.a[self.last](x)",
    "return self.d[key](x)",
    "for j in range(2):\n    for k in range(j, 2):\n        x = self.a[j - k](self.b[k](x))\nreturn x",
    "return torch.stack([self.a[i - 1](x) for _ in range(2)])",
    "return self.pairs[i](x, scale=2.0) + self.pairs[-i].norm(x)",
    "return self.pairs[i](\n    # why\n    x,\n    2.0,\n)",
    "layer = self.a[self.last - 1]\nx = layer(x) + 1\nlayer = self.a[i]\nreturn layer(layer(x))",
    "one = self.pairs[i]\nreturn one.norm(one(x))",
    "return self.a[2 - 1](x) + self.a[len(self.a) - 1](x)",
    "for i, layer in enumerate(self.a):\n    x = layer(x) + self.pairs[i](x)\nreturn x",
    "index = x.dim() - 1\nself_index = self.a[index](input=x)\nreturn self_index",
    "return self.grid[i][self.last - 1](x)",
]

SCRIPT = """
import itertools
import sys
import torch
import importlib

def outcome(net, *given):
    torch.manual_seed(1)
    try:
        return net(*given)
    except Exception as error:
        return "IndexError" if "IndexError" in repr(error) else "KeyError" if "KeyError" in repr(error) else repr(error)

def same(a, b):
    return torch.equal(a, b) if isinstance(a, torch.Tensor) and isinstance(b, torch.Tensor) else str(a) == str(b)

for number in range(int(sys.argv[1])):
    before, after = (importlib.import_module(f"{word}_{number}") for word in ("before", "after"))
    torch.manual_seed(0)
    old = before.Net().eval()
    new = after.Net().eval()
    assert list(old.state_dict()) == list(new.state_dict())
    new.load_state_dict(old.state_dict())
    scripted = torch.jit.script(new)
    whole = torch.compile(new, fullgraph=True, backend="eager")
    x = torch.rand(2, 4)
    for i, key in itertools.product((0, 1, 2, -1, -3, -4, 3), ("left", "right-2", "up")):
        wanted = outcome(old, x, i, key)
        assert same(wanted, outcome(new, x, i, key)), (number, i, key, wanted)
        got = outcome(scripted, x, i, key)
        assert same(wanted, got), (number, i, key, wanted, got)
    assert same(old(x), whole(x)), number
    calls = []
    for name, module in new.named_modules():
        module.register_forward_hook(lambda module, given, result, name=name: calls.append(name))
    new(x)
    assert len(calls) > 1
"""


def test_the_module_that_is_meant_is_called(tmp_path: Path) -> None:
    for number, forward in enumerate(FORMS):
        text = net(forward)
        after = rewritten(text)
        assert codes(after) == set(), after
        (tmp_path / f"before_{number}.py").write_text(text)
        (tmp_path / f"after_{number}.py").write_text(after)
    run(tmp_path, SCRIPT, str(len(FORMS)))


@pytest.mark.parametrize(
    "forward",
    [
        "return self.a[i](*[x])",
        "layer = self.a[i]\nif i > 0:\n    x = layer(x)\nreturn x",  # nothing would tell of an index out of range
        "layer = self.a[i]\ni = i + 1\nreturn layer(x) * i",
        "layer = self.a[i]\nx = layer(x)\nreturn x + layer.weight",
        "layer = self.a[i]\nfor j in range(2):\n    x = layer(x)\n    layer = self.a[j]\nreturn x",
    ],
)
def test_what_is_not_sure_is_told(forward: str) -> None:
    text = net(forward)
    assert "THT615" in codes(text)
    assert "def _call" not in rewritten(text)


def test_a_constant_of_the_class_is_a_literal() -> None:
    head = "class Net(nn.Module):\n"
    text = net("return self.a[self.last](x)").replace(head, f"{head}    __constants__ = ['last']\n")
    assert codes(text) == set()


def test_names_that_a_class_has_are_left_to_it() -> None:
    taken = "\n    def _call_a_at(self, x):\n        return x\n\n\n"
    taken += "class Other(Net):\n    def _call_a_at_2(self):\n        return 1\n"
    after = rewritten(net("return self.a[i](x) + self._call_a_at(x)", taken))
    assert "self._call_a_at_3(i, x)" in after


def test_calls_of_one_shape_share_a_method() -> None:
    after = rewritten(net("y = self.a[i](x)\nreturn self.a[i - 1](y) + self.a[i + 1](input=x)"))
    assert after.count("def _call_a_at") == 2
    assert "self._call_a_at(i - 1, y) + self._call_a_at_2(i + 1, input=x)" in after


def test_a_class_and_its_base_have_methods_of_their_own() -> None:
    more = "\n\nclass Sub(Net):\n    def forward(self, x, i: int = 0):\n        return self.a[i](x, x)\n"
    after = rewritten(net("return self.a[i](x)", more))
    assert "self._call_a_at(i, x)" in after
    assert "self._call_a_at_in_sub(i, x, x)" in after
