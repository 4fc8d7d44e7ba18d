"""A default of another type than what calls give: the function is divided where that changes nothing, and told else."""

from __future__ import annotations

from pathlib import Path

import pytest

from .running import run
from .test_left_alone import HEAD, codes, rewritten

FORMS = '''
def mean_of_powers(x, p=3, eps=1e-6):
    """Return the generalized mean."""
    # above the smallest
    x = x.clamp(min=eps)
    return x.pow(p).mean(-1).pow(1.0 / p)


class Pool(nn.Module):
    def __init__(self):
        super().__init__()
        self.p = nn.Parameter(torch.ones(1) * 3)

    def forward(self, x):
        return mean_of_powers(x, p=self.p)


def convolve(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    rows = (weight.size(2) - 1) * dilation[0] + stride[0] - 1
    return F.conv2d(input, weight - weight.mean(), bias, stride, (padding[0] + rows, 1), dilation, groups)


class Conv(nn.Conv2d):
    def __init__(self):
        super().__init__(2, 2, 3, stride=2, padding=1)

    def forward(self, x):
        return convolve(x, self.weight, self.bias, self.stride, self.padding, self.dilation, self.groups)
'''


def test_what_is_compiled_is_a_function_of_its_own(tmp_path: Path) -> None:
    text = HEAD + FORMS
    after = rewritten(text)
    assert "THT502" not in codes(after)
    (tmp_path / "before.py").write_text(text)
    (tmp_path / "after.py").write_text(after)
    run(
        tmp_path,
        """
import inspect, torch, before, after
x = torch.rand(2, 2, 8, 8)
for name in ("Pool", "Conv"):
    torch.manual_seed(0)
    old = getattr(before, name)()
    torch.manual_seed(0)
    new = getattr(after, name)()
    assert torch.equal(old(x), new(x)) and torch.equal(old(x), torch.jit.script(new)(x)), name
for name in ("mean_of_powers", "convolve"):
    old, new = getattr(before, name), getattr(after, name)
    assert inspect.signature(old) == inspect.signature(new) and old.__doc__ == new.__doc__
assert torch.equal(before.mean_of_powers(x), after.mean_of_powers(x))
assert torch.equal(before.mean_of_powers(x, 2, eps=0.1), after.mean_of_powers(x, 2, eps=0.1))
""",
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("p=self.p)", "p=self.p) + mean_of_powers(x, 2)"),  # both
        ("def forward(self, x):", "def forward(self, x, p):"),  # and what follows: nothing tells what it is
        ("class Pool", "def _mean_of_powers(x):\n    return x\n\n\nclass Pool"),
        ("eps=1e-6):\n", "eps=1e-6, *more):\n"),
        ("def mean_of_powers", "@named\ndef mean_of_powers"),
        ("p=self.p)", "**{'p': self.p})"),
        ("p=self.p)", "p=[self.p])"),
        (
            "    x = x.clamp(min=eps)",
            "    @named\n    def f():\n        return x\n    x = x.clamp(min=eps)",
        ),
    ],
)
def test_where_it_would_not_be_the_same_nothing_is_divided(old: str, new: str) -> None:
    text = (HEAD + FORMS[: FORMS.index("def convolve")]).replace(old, new)
    if "x, p" in new:
        text = text.replace("p=self.p)", "p=p)")
    assert "    return _mean_of_powers(" not in rewritten(text)
