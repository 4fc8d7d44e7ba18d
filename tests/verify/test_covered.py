"""What calls leave out is given, and what no call covers is told."""

from __future__ import annotations

import ast
import types

import pytest

from transpile_hybrid.report.remarks import reservations
from transpile_hybrid.verify.verdict import NEVER_GIVEN, NEVER_REACHED
from transpile_hybrid.verify.worker.reach import Reach, shown

from .conftest import Run

TAGGER = """
import torch
from torch import nn


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.heads = nn.ModuleDict({"cls": nn.Linear(8, 3), "tag": nn.Linear(8, 5)})

    def forward(self, x, mask=None, task="cls", keep=False, scale=1.0, table=None, **more):
        if x.shape[1] > 100:
            raise ValueError("too long")
        if mask is not None:
            x = x.masked_fill(mask[..., None] == 0, 0.0)
        if task == "cls":
            x = x.mean(1)
        if table is not None:
            x = table["shift"] + x
        y = self.heads[task](x) * scale
        return (y, x) if keep else (y, x[..., :0])


def example_inputs(seed=0):
    return torch.randn((2, 6, 8), generator=torch.Generator().manual_seed(seed))
"""
FAULTS = {
    "mask": ("== 0, 0.0)", "== 0, 7.0)"),
    "task": ('if task == "cls":', 'if task != "zzz":'),
    "keep": ("if keep else", "if False else"),
    "scale": ("(x) * scale", "(x)"),
    "limit": ("> 100:", "> 100_000:"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_behind_an_optional_argument_is_found(fault: str, run: Run) -> None:
    before, after = FAULTS[fault]
    (verdict,) = run(TAGGER, TAGGER.replace(before, after))
    assert verdict.equivalent is False
    assert fault in verdict.reason or fault == "limit" and "too long" in verdict.reason


def test_what_no_call_covers_is_told(run: Run) -> None:
    (verdict,) = run(TAGGER, TAGGER.replace("table[", "0 * table["))
    assert verdict.equivalent is True, verdict.reason
    assert verdict.checks[NEVER_GIVEN] == "ok: table, **more"
    line = TAGGER.splitlines().index('            x = table["shift"] + x') + 1
    limit = TAGGER.splitlines().index('            raise ValueError("too long")') + 1
    assert verdict.checks[NEVER_REACHED] == f"ok: {limit}, {line}"
    told = reservations([verdict])
    assert any(text.endswith(f"never reached: {limit}, {line}") for text in told)
    assert any(text.endswith("never given: table, **more") for text in told)


def test_optional_arguments_of_what_is_compiled(run: Run) -> None:
    text = TAGGER.replace("**more", "").replace("table=None, ", "").replace("self.heads[task](x) * scale", "x * scale")
    text = text.replace('        if table is not None:\n            x = table["shift"] + x\n', "")
    text = text.replace("mask=None", "mask: Optional[torch.Tensor] = None").replace('task="cls"', 'task: str = "cls"')
    text = text.replace("keep=False, scale=1.0, ", "scale: float = 1.0").replace(
        "import torch\n", "import torch\nfrom typing import Optional\n", 1
    )
    text = text.replace("return (y, x) if keep else (y, x[..., :0])", "return y")
    (verdict,) = run(text, text, ["torch.script"])
    assert verdict.equivalent is True, verdict.reason
    assert verdict.checks["outputs with optional arguments"] == "ok"


MXNET = """
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Net(nn.Block):
    def __init__(self):
        super().__init__()
        self.fc = nn.Dense(3)

    def forward(self, x, mask=None, double=False):
        if mask is not None:
            x = x * mask
        return self.fc(x) * (2 if double else 1)


def example_inputs(seed=0):
    return np.ones((2, 6)) * (seed + 1)
"""


@pytest.mark.parametrize("fault", [("x * mask", "x + mask"), ("2 if double", "3 if double")])
def test_blocks_take_them_by_place(fault: tuple[str, str], run: Run) -> None:
    (verdict,) = run(MXNET, MXNET)
    assert verdict.equivalent is True and verdict.checks["gradients"] == "ok", verdict.reason
    assert NEVER_GIVEN not in verdict.checks and NEVER_REACHED not in verdict.checks
    (verdict,) = run(MXNET, MXNET.replace(*fault))
    assert verdict.equivalent is False


def test_reach_names_statements_that_never_ran() -> None:
    text = (
        "def f(x):\n    '''Text.'''\n    if x > 0:\n        y = (1 +\n             2)\n    elif x == 0:\n"
        "        y = 0\n        y += 1\n    else:\n        y = -1\n    try:\n        y /= 1\n"
        "    except ZeroDivisionError:\n        y = 7\n"
        "    for i in []:\n        pass\n    return y\n\n\ndef g():\n    return 1\n"
    )
    module = types.ModuleType("watched")
    exec(compile(text, "watched.py", "exec"), vars(module))
    reach = Reach("watched")
    with reach.watching():
        module.f(1)
    assert shown(reach.missed(ast.parse(text))) == "6-10, 14"
    with reach.watching():
        module.f(0)
        module.f(-1)
    assert shown(reach.missed(ast.parse(text))) == "14"


def test_what_a_compiler_typed_may_refuse_others_loudly(run: Run) -> None:
    before = (
        TAGGER.replace("**more", "").replace("table=None, ", "").replace("self.heads[task](x) * scale", "x * scale")
    )
    before = before.replace('        if table is not None:\n            x = table["shift"] + x\n', "")
    before = before.replace('task="cls", keep=False, scale=1.0, ', "scale=None").replace(
        "x * scale", "x if scale is None else x * scale"
    )
    before = before.replace('if task == "cls":\n            x', "x").replace("(y, x) if keep else (y, x[..., :0])", "y")
    before = before.replace("mask=None, ", "").replace(
        "        if mask is not None:\n            x = x.masked_fill(mask[..., None] == 0, 0.0)\n", ""
    )
    after = before.replace("scale=None", "scale: Optional[float] = None").replace(
        "import torch\n", "import torch\nfrom typing import Optional\n", 1
    )
    (verdict,) = run(before, after, ["torch.script"])
    assert verdict.equivalent is True, verdict.reason
    assert "is refused, loudly" in verdict.checks["exceptions"]
