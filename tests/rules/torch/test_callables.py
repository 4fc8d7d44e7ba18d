"""What is given to functions to be called: what stays as it is, and what the copies do when they run."""

from __future__ import annotations

from pathlib import Path

import pytest

from transpile_hybrid.api import check, rewrite
from transpile_hybrid.source.source import Source

from .running import run

FRAME = """
import torch
from torch import nn


class Residual(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.norm = nn.LayerNorm(dim)

    def forward(self, x, sublayer, scale=2.0):
        {first}
        return x + sublayer(self.norm(x)) * scale


class Block(nn.Module):
    def __init__(self, dim=3):
        super().__init__()
        self.mix = nn.Linear(dim, dim)
        self.residual = Residual(dim)

    def forward(self, x, scale):
        {call}
"""
PLAIN = FRAME.format(first="scale = scale + 1", call="return self.residual(x, self.mix)")
OTHER_BLOCK = """

class Other(Block):
    def __init__(self):
        super().__init__()
        self.residual = {made}
"""
REBOUND = FRAME.format(first="sublayer = self.norm", call="return self.residual(x, self.mix)")
DEFAULT = FRAME.format(first="pass", call="return self.residual(x, lambda y, z=x: self.mix(y) + z)")
CHOSEN = FRAME.format(first="pass", call="return self.residual(x, self.mix if self.training else self.residual.norm)")
MAYBE = FRAME.format(
    first="pass",
    call="if scale.dim() == 2:\n            z = scale\n        return self.residual(x, lambda y: self.mix(y) * z)",
)
LATER = FRAME.format(first="pass", call="self.mix = nn.Linear(3, 3)\n        return self.residual(x, self.mix)")
OVERRIDDEN = """
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 3)

    def twice(self, x, layer):
        return layer(layer(x))

    def forward(self, x):
        return self.twice(x, self.fc)


class Once(Net):
    def twice(self, x, layer):
        return layer(x)
"""


def rewritten(text: str) -> str:
    (result,) = rewrite([Source("net.py", text)], ("torch.script",))
    assert result.result is not None, result.internal or result.error
    return result.result.after.text


@pytest.mark.parametrize("text", [REBOUND, DEFAULT, MAYBE, LATER, OVERRIDDEN, PLAIN + OTHER_BLOCK.format(made="None")])
def test_no_copy_is_made(text: str) -> None:
    (report,) = check([Source("net.py", text)], ("torch.script",))
    assert "THT616" in {one.code for one in report.diagnostics}
    assert "_with_" not in rewritten(text)
    assert "unused" not in rewritten(text)


def test_what_depends_on_a_condition_is_left_alone() -> None:
    assert "_with_" not in rewritten(CHOSEN)


def test_a_function_of_another_file_with_a_name_that_means_something_else_here() -> None:
    helper = "LIMIT = 3\n\n\ndef f(x, g):\n    return g(x) * LIMIT\n"
    text = (
        "from torch import nn\n\nfrom helper import f\n\nLIMIT = 4\n\n\nclass Net(nn.Module):\n"
        "    def __init__(self):\n        super().__init__()\n        self.fc = nn.Linear(3, 3)\n\n"
        "    def forward(self, x):\n        return f(x, self.fc)\n"
    )
    results = rewrite([Source("helper.py", helper), Source("net.py", text)], ("torch.script",))
    assert [one.result.after.text if one.result else "" for one in results] == [helper, text]


CLASH = FRAME.format(
    first='"""Add."""', call="return self.residual(x * 2, lambda y: self.mix(y) * scale + x, scale=3.0)"
)


def test_copies_compute_the_same_and_python_keeps_hooks(tmp_path: Path) -> None:
    (tmp_path / "old.py").write_text(CLASH)
    (tmp_path / "new.py").write_text(rewritten(CLASH))
    script = (
        "import old, new, torch\n"
        "a, b = old.Block().eval(), new.Block().eval()\n"
        "b.load_state_dict(a.state_dict())\n"
        "x, s = torch.rand(3, 3), torch.rand(3, 3)\n"
        "c = torch.jit.script(b)\n"
        "print(torch.equal(a(x, s), b(x, s)), torch.allclose(a(x, s), c(x, s), atol=1e-6))\n"
        "b.residual.register_forward_hook(lambda *rest: print('hook'))\n"
        "b(x, s)\n"
    )
    assert run(tmp_path, script).split() == ["True", "True", "hook"]


def test_a_list_that_takes_over_a_name_gets_another(tmp_path: Path) -> None:
    text = (
        "import torch\nfrom torch import nn\n\n\nclass Net(nn.Module):\n    def forward(self, x):\n        t = 3\n"
        "        a, b = map(lambda t: t + 1, (x, x * 2))\n        return a + b + t\n"
    )
    (tmp_path / "new.py").write_text(rewritten(text))
    assert "for t_2 in (x, x * 2)" in rewritten(text)
    script = "import new, torch\nx = torch.rand(2)\nprint(torch.equal(torch.jit.script(new.Net())(x), new.Net()(x)))"
    assert run(tmp_path, script).split() == ["True"]


def test_a_method_that_is_chosen_for_what_is_scripted(tmp_path: Path) -> None:
    text = (
        "import torch\nfrom torch import nn\n\n\nclass Net(nn.Module):\n    def __init__(self, kind='up'):\n"
        "        super().__init__()\n        if kind == 'up':\n            self.step = self.up\n"
        "        elif kind == 'down':\n            self.step = self.down\n"
        "        else:\n            raise ValueError(kind)\n\n"
        "    def up(self, x, by):\n        return x + by\n\n    def down(self, x, by):\n        return x - by\n\n"
        "    def forward(self, x):\n        return self.step(self.step(x, 2), by=3)\n"
    )
    new = rewritten(text)
    assert rewritten(new) == new
    (tmp_path / "new.py").write_text(new)
    script = (
        "import new, torch\nfor kind in ('up', 'down'):\n    net = new.Net(kind)\n"
        "    print(torch.jit.script(net)(torch.zeros(1)).item(), net(torch.zeros(1)).item())\n"
    )
    assert run(tmp_path, script).split() == ["5.0", "5.0", "-5.0", "-5.0"]
