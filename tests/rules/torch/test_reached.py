"""Errors that a traced call never comes to: those of other instances, or of other calls."""

from __future__ import annotations

import pytest
import torch

from transpile_hybrid.api import check
from transpile_hybrid.diagnostics import Consequence
from transpile_hybrid.source.source import Source

HEAD = "import torch\nfrom torch import nn\n\n\n"
CLASS = (
    HEAD
    + """class Net(nn.Module):
    def __init__(self, width, keep=False, mode="All"):
        super().__init__()
        self.keep = keep
        self.mode = mode.lower()
        self.width = width
        self.linear = nn.Linear(width, width)

    def forward(self, x, mask=None, wide=False):
        y = self.linear(x)
{body}
        return y
"""
)
MADE = "\n\nnet = Net(3)\n"


def consequences(body: str, after: str = "", target: str = "torch.export", rest: str = "") -> list[Consequence]:
    text = CLASS.format(body="\n".join("        " + line for line in body.splitlines())) + rest + after
    (report,) = check([Source("net.py", text)], [target])
    return [one.consequence for one in report.diagnostics if one.code in ("THT101", "THT303", "THT411", "THT805")]


@pytest.mark.parametrize(
    "body",
    [
        "if mask is not None and mask.any().item():\n    y = y * mask",
        "if self.keep:\n    print(y.detach().numpy())",
        "if not self.keep:\n    return y\nif y.sum() > 0:\n    y = -y",
        "if self.mode == 'flat':\n    y = torch.FloatTensor([y.sum()])",
        "if wide and y.sum() > 0:\n    y = -y",
        "if self.mode in ('all', 'mean'):\n    y = y + 1\nelif y.sum() > 0:\n    y = -y",
        "y = -y if self.keep and y.sum() > 0 else y",
    ],
)
def test_what_the_defaults_pass_by(body: str) -> None:
    assert consequences(body, MADE) == [Consequence.SETTINGS]
    namespace: dict[str, object] = {}
    exec(CLASS.format(body="\n".join("        " + line for line in body.splitlines())), namespace)
    net = namespace["Net"](3).eval()  # type: ignore[operator]
    torch.export.export(net, (torch.ones(2, 3),))  # and it is right


@pytest.mark.parametrize(
    "body",
    [
        "if y.sum() > 0:\n    y = -y",
        "if self.width > 2 and y.sum() > 0:\n    y = -y",  # what every instance is given
        "if self.training and y.sum() > 0:\n    y = -y",
        "if x.shape[0] > 2 and y.sum() > 0:\n    y = -y",
        "if self.keep:\n    self.mode = 'flat'\nif self.mode == 'flat' and y.sum() > 0:\n    y = -y",  # set meanwhile
    ],
)
def test_what_they_may_come_to(body: str) -> None:
    assert consequences(body, MADE) == [Consequence.ERROR]


def test_calls_that_give_more() -> None:
    body = "if mask is not None and mask.any().item():\n    y = y * mask"
    for after in (MADE + "net(torch.ones(2, 3), torch.ones(2, 3) > 0)\n", MADE + "net(*sys.argv)\n"):
        assert consequences(body, after) == [Consequence.ERROR]
    assert consequences(body, MADE + "net(torch.ones(2, 3))\n") == [Consequence.SETTINGS]


def test_helpers_are_come_to_by_their_calls() -> None:
    rest = """
    def flip(self, y, keep):
        if keep:
            if y.sum() > 0:
                y = -y
        return y
"""
    assert consequences("y = self.flip(y, self.keep)", MADE, rest=rest) == [Consequence.SETTINGS]
    assert consequences("y = self.flip(y, True)", MADE, rest=rest) == [Consequence.ERROR]
    assert consequences("if self.keep:\n    y = self.flip(y, True)", MADE, rest=rest) == [Consequence.SETTINGS]


def test_torchscript_reads_all_branches() -> None:
    body = "if self.keep:\n    print(y.detach().numpy())"
    assert consequences(body, MADE, target="torch.script") == [Consequence.ERROR]
