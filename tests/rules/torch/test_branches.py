"""Branches on numbers in tensors: what is written for a graph gives the same, and near misses are left as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from .running import run
from .test_left_alone import codes, net, rewritten

TARGET = "torch.compile"


@pytest.mark.parametrize(
    "forward",
    [
        "if torch.rand([]) < self.kind:\n    x = x.sin()\nreturn x",  # the draw itself would be left out
        "p = torch.rand([])\nif p <= self.kind:\n    x = x.sin()\nreturn x",  # 0 <= 0
        "p = torch.rand(2, 2)\nif p < self.kind:\n    x = x.sin()\nreturn x",  # raises
        "p = torch.rand([])\np = p - 1\nif p < self.kind:\n    x = x.sin()\nreturn x",
        "p = torch.randn([])\nif p < self.kind:\n    x = x.sin()\nreturn x",
        "p = torch.rand([])\nif p < self.kind():\n    x = x.sin()\nreturn x",
        "p = torch.rand([])\nq = p < self.kind\nreturn x, q",
    ],
)
def test_other_draws_are_left(forward: str) -> None:
    text = net(forward, "self.kind = kind")
    assert rewritten(text, TARGET) == text


@pytest.mark.parametrize(
    "forward",
    [
        "if x.sum() > 0:\n    self.n = 1\n    raise ValueError('a')\nreturn x",
        "if self.kind and x.sum() > 0 and self.kind > 1:\n    raise ValueError('a')\nreturn x",
        "if self.kind or x.sum() > 0:\n    raise ValueError('a')\nreturn x",
        "if self.kind:\n    x = x * 2\nelif x.sum() > 0:\n    raise ValueError('a')\nreturn x",
        "if x.sum() > 0: raise ValueError('a')\nelse:\n    x = x * 3\nreturn x",
    ],
)
def test_other_guards_are_left(forward: str) -> None:
    text = net(forward, "self.kind = kind")
    assert rewritten(text, TARGET) == text
    assert "THT303" in codes(text, TARGET)


@pytest.mark.parametrize(
    "forward",
    [
        "if torch.isinf(x).any():\n    x = torch.clamp(x, max=x.mean())\nreturn x",
        "if torch.isinf(x).any():\n    x = torch.sqrt(x)\nreturn x",  # its derivative is infinite at 0
        "if torch.isinf(x).any():\n    x = x / 2\nreturn x",
        "if torch.isinf(x).any():\n    x = x * 1e999\nreturn x",
        "if torch.isinf(x).any():\n    x = x[:1]\nreturn x",
        "if torch.isinf(x).any():\n    x.clamp_(max=1)\nreturn x",
        "if torch.isinf(x).any(0):\n    x = torch.clamp(x, max=1)\nreturn x",
        "if x.sum():\n    x = torch.clamp(x, max=1)\nreturn x",
        "b = 1\nif torch.isinf(x).any():\n    b = 2\n    x = torch.clamp(x, max=b)\nreturn x * b",
        "if self.check(x) and torch.isinf(x).any():\n    x = torch.clamp(x, max=1)\nreturn x",
        "if x.sum():\n    y = x * 2\nelse:\n    y = x + 1\nreturn y",
        "if x.sum() > 0:\n    y = torch.tensor(self.a)\nelse:\n    y = torch.tensor(self.b)\nreturn x * y",
        "if x.sum() > 0:\n    y = torch.tensor(self.a, dtype=torch.int64)\nelse:\n"
        "    y = torch.tensor(self.b, dtype=torch.float32)\nreturn x * y",
    ],
)
def test_other_choices_are_left(forward: str) -> None:
    text = net(forward, "self.a, self.b = [1], [2, 3]", "\n    def check(self, x):\n        return len(x)\n")
    assert rewritten(text, TARGET) == text
    assert "THT303" in codes(text, TARGET)


SCRIPT = """
import torch
import before
import after

def result(net, x):
    torch.manual_seed(0)
    x = x.clone().requires_grad_(x.is_floating_point())
    try:
        out = net(x)
    except (ValueError, AssertionError, RuntimeError):
        return "raised"
    if out.requires_grad:
        out.float().nan_to_num().sum().backward()
    return out.detach(), x.grad

def same(a, b):
    if isinstance(a, str) or isinstance(b, str):
        return a is b or a == b
    return all(
        p is q is None or p.dtype == q.dtype and torch.equal(p.double().nan_to_num(9), q.double().nan_to_num(9))
        for p, q in zip(a, b)
    )

low, high = torch.tensor([0.0, 1.0, -2.0]), torch.tensor([0.0, 7e4, float("inf")])
for x in (low, high, low.half(), high.half(), torch.tensor([1, 2, 3]), torch.tensor([float("nan"), 0.0, 1.0])):
    for train in (True, False):
        old, new = before.Net().train(train), after.Net().train(train)
        torch._dynamo.reset()
        whole = torch.compile(new, backend="eager", fullgraph=x.is_floating_point())
        wanted = result(old, x)
        assert same(wanted, result(new, x)), (x, "eager")
        assert same(wanted, result(whole, x)), (x, "compiled")
print("same")
"""


@pytest.mark.parametrize(
    "forward",
    [
        "if torch.isinf(x).any() or torch.isnan(x).any():\n    b = torch.finfo(x.dtype).max - 1000\n"
        "    x = torch.clamp(x, min=-b, max=b)\nreturn x * 1",
        "if x.dtype == torch.float16 and not torch.isfinite(x).all():\n    x = x.nan_to_num(nan=1.0)\nreturn x * 1",
        "if self.training and x.max() > 10:\n    raise ValueError(f'{self.kind} is too large')\nreturn x * 2",
        "if x.min() < -1 or x.max() > 10:\n    raise ValueError('out of range')\nreturn x * 2",
        "assert (x < 10).all(), f'{self.kind} is too large'\nreturn x * 2",
        "if x.sum() + 1 > 3:\n    y = torch.tensor(self.a, dtype=x.dtype)\nelse:\n"
        "    y = torch.tensor(self.b, dtype=x.dtype)\nreturn x * y",
        "p = torch.rand([])\nif self.training and p < self.rate:\n    return x\nreturn x + torch.rand([])",
    ],
)
def test_it_gives_the_same(forward: str, tmp_path: Path) -> None:
    text = net(forward, "self.kind, self.rate = kind, 0.0\nself.a, self.b = [1, 2, 3], [4, 5, 6]")
    after = rewritten(text, TARGET)
    assert after != text
    (tmp_path / "before.py").write_text(text)
    (tmp_path / "after.py").write_text(after)
    assert run(tmp_path, SCRIPT) == "same\n"


def test_methods_that_derived_classes_inherit_do_not_warn_in_a_graph() -> None:
    text = """import warnings
from typing import Optional

import torch
from torch import Tensor, nn


class Masks:
    def widened(self, mask: Optional[Tensor], device=None):
        return Masks.moved(mask[:, None], device)

    @staticmethod
    def moved(mask, device):
        if device is not None:
            warnings.warn("`device` is not used", FutureWarning)
        return mask

    def loaded(self, path):
        print("loading", path)


class Base(nn.Module, Masks):
    pass
"""
    warning = '            warnings.warn("`device` is not used", FutureWarning)'
    guarded = f"            if not torch.compiler.is_compiling():\n    {warning}"
    assert rewritten(text, TARGET) == text.replace(warning, guarded)


def test_what_is_said_to_break_a_graph_does(tmp_path: Path) -> None:
    calls = {
        "torch.equal(x, x)", "torch.allclose(x, x)", "torch.is_nonzero(x.sum())", "torch.get_rng_state()",
        "torch.set_rng_state(state)", "torch.initial_seed()", "torch.get_num_threads()", "torch.set_num_threads(2)",
        "torch.save(x, '/dev/null')", "torch.backends.cudnn.flags(enabled=False)",
        "torch.backends.mkldnn.flags(enabled=False)", "torch.random.fork_rng()", "torch.autograd.detect_anomaly()",
        "torch.autograd.grad((x * w).sum(), w)", "torch.cuda.device_count()", "torch.jit.fork(torch.neg, x)",
        "x.equal(x)", "x.allclose(x)", "x.storage_offset()", "(x * w).sum().backward()", "(x * w).retain_grad()",
        "x.is_pinned()", "x.is_set_to(x)", "x.is_shared()", "x.apply_(abs)", "x.map_(x, max)", "x.share_memory_()",
        "copy.copy(x)", "copy.deepcopy(x)", "setattr(x[0], 'requires_grad', True)",
        "nn.Linear(3, 3)", "nn.Conv2d(1, 1, 1)", "nn.Embedding(3, 3)", "nn.LayerNorm(3)", "nn.PReLU()", "nn.GRU(3, 3)",
        "nn.BatchNorm1d(3)", "nn.MultiheadAttention(4, 2)", "nn.Bilinear(2, 2, 2)", "nn.GroupNorm(1, 2)",
        *(f"math.{word}(x.sum())" for word in ("exp", "log", "log2", "log10", "floor", "ceil", "sin", "cos", "tanh")),
        *(f"math.{word}(x.sum())" for word in ("sqrt", "fabs", "isinf", "isnan", "isfinite")),
        "math.pow(x.sum(), 2)", "range(x.long().sum())",
    }  # fmt: skip
    script = f"""
import copy, math, torch
from torch import nn
x, w, state = torch.ones(3, 3), torch.ones(3, requires_grad=True), torch.get_rng_state()
for call in {sorted(calls)!r}:
    with_ = any(word in call for word in ("flags", "fork_rng", "anomaly"))
    body = f"    with {{call}}:\\n        return x + 1" if with_ else f"    y = {{call}}\\n    return x + 1, y"
    names = dict(globals())
    exec("def f(x):\\n" + body, names)
    names["f"](x.clone())
    torch._dynamo.reset()
    try:
        torch.compile(names["f"], backend="eager", fullgraph=True)(x.clone())
    except Exception:
        continue
    print(call)
"""
    assert run(tmp_path, script) == ""
