"""Functions under a decorator that calls them: Python does what it did, and TorchScript computes the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from transpile_hybrid.api import rewrite
from transpile_hybrid.source.source import Source

from .running import run

TOOLS = '''
import functools

import torch


def reduced(loss, reduction: str = "mean"):
    if reduction == "mean":
        return loss.mean()
    return loss.sum()


def weighted(loss_func):
    """Weigh and reduce what a loss gives."""

    @functools.wraps(loss_func)
    def wrapper(pred, target, weight=None, reduction="mean", **kwargs):
        loss = loss_func(pred, target, **kwargs)
        if weight is not None:
            loss = loss * weight
        return reduced(loss, reduction)

    return wrapper
'''
LOSSES = '''
import torch
from torch import nn

from tools import weighted


@weighted
def gap(pred, target):
    """Return the gap."""
    return (pred - target).abs()


@weighted
def masked(pred, target, mask, power=2, reduction="none"):
    # where the mask says so
    return ((pred - target) * mask) ** power


class Gap(nn.Module):
    def __init__(self, reduction="mean"):
        super().__init__()
        self.reduction = reduction

    def forward(self, pred, target, weight=None):
        return 0.5 * gap(pred, target, weight, self.reduction)


class Masked(nn.Module):
    def forward(self, pred, target, weight):
        mask = pred > target
        return masked(pred, target, weight, mask=mask, power=3) + masked(pred, target, mask=mask)
'''
SCRIPT = """
import inspect
import json
import sys

import torch

sys.path.insert(0, sys.argv[1])
import losses

torch.manual_seed(0)
found = []
for function in (losses.gap, losses.masked):
    found += [function.__name__, function.__doc__, list(inspect.signature(function).parameters)]
for net, count in ((losses.Gap(), 2), (losses.Gap("sum"), 3), (losses.Masked(), 3)):
    given = [torch.rand(4, 3) for _ in range(count)]
    given[0].requires_grad_()
    result = net(*given)
    (slope,) = torch.autograd.grad(result, given[0])
    found += [result.item(), slope.tolist()]
    if sys.argv[2:]:
        scripted = torch.jit.script(net)(*given)
        (other,) = torch.autograd.grad(scripted, given[0])
        assert torch.equal(scripted, result) and torch.equal(other, slope)
print(json.dumps(found))
"""


@pytest.mark.parametrize("together", [False, True])
def test_what_a_decorator_does_is_written_out(tmp_path: Path, together: bool) -> None:
    texts = {"tools.py": TOOLS, "losses.py": LOSSES}
    if together:
        texts = {"losses.py": TOOLS + LOSSES.replace("from tools import weighted\n", "")}
    reports = rewrite([Source(name, text) for name, text in texts.items()], ["torch.script"])
    for folder in ("before", "after"):
        (tmp_path / folder).mkdir()
    for report in reports:
        assert report.result is not None, report.internal or report.error
        name = Path(report.result.before.path).name
        (tmp_path / "before" / name).write_text(texts[name])
        (tmp_path / "after" / name).write_text(report.result.after.text)
    after = (tmp_path / "after" / "losses.py").read_text()
    assert "_scripted_masked(pred, target, weight=weight, mask=mask, power=3)" in after
    assert ("from tools import reduced" in after) is not together
    assert run(tmp_path, SCRIPT, "after", "script") == run(tmp_path, SCRIPT, "before")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("loss_func(pred, target, **kwargs)", "loss_func(pred, target, **kwargs) + loss_func(pred, target)"),
        ("loss_func(pred, target, **kwargs)", "loss_func(*kwargs.values())"),
        ("    return wrapper\n", "    wrapper.kind = 1\n    return wrapper\n"),
        ("@weighted\ndef gap(pred, target)", "@weighted\ndef gap(pred, target, **more)"),
        ("@functools.wraps(loss_func)", "@functools.wraps(loss_func)\n    @functools.cache"),
    ],
)
def test_a_decorator_that_does_more_is_left(old: str, new: str) -> None:
    text = TOOLS + LOSSES.replace("from tools import weighted\n", "")
    assert old in text
    (report,) = rewrite([Source("losses.py", text.replace(old, new))], ["torch.script"])
    assert report.result is not None, report.internal or report.error
    assert "_scripted_gap" not in report.result.after.text
