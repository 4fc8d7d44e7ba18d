"""Functions inside of methods, and those that are arguments, become methods: of each class its own."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from transpile_hybrid.api import rewrite
from transpile_hybrid.source.source import Source

HEAD = "import torch\nimport torch.utils.checkpoint as cp\nfrom torch import nn\n\n\n"
FAMILY = (
    HEAD
    + """class Base(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 3)

    def forward(self, x):
        def step(y):
            return self.fc(y)

        return step(x)


class Sub(Base):
    def plain(self, x):
        return super().forward(x)

    def forward(self, x):
        def step(y):
            return y * 2

        return step(x)
"""
)
TWICE = (
    HEAD
    + """class Net(nn.Module):
    def second(self, x):
        def step(y):
            return y * 3

        return step(x)

    def forward(self, x):
        def step(y):
            return y * 2

        return step(x) + self.second(x)
"""
)
GIVEN = (
    HEAD
    + """class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = nn.LayerNorm(3)

    def forward(self, x, sublayer):
        return x + sublayer(self.norm(x))


class Base(nn.Module):
    def __init__(self):
        super().__init__()
        self.residual = Residual()
        self.first, self.second = nn.Linear(3, 3), nn.Linear(3, 3)

    def forward(self, x):
        return self.residual(x, lambda y: self.first(y) * 2)


class Sub(Base):
    def plain(self, x):
        return super().forward(x)

    def forward(self, x):
        return self.residual(x, lambda y: self.second(y) * 3)
"""
)
CHECKPOINT = (
    HEAD
    + """class Net(nn.Module):
    def __init__(self, with_cp=True):
        super().__init__()
        self.with_cp = with_cp
        self.fc = nn.Linear(3, 3)

    def forward(self, x, scale=None):
        def inner(x):
            return self.fc(x) + x{more}

        if {test}:
            out = cp.checkpoint(inner, x, use_reentrant=False)
        else:
            out = inner(x)
        return out.relu()
"""
)


def rewritten(text: str) -> str:
    (report,) = rewrite([Source("case.py", text)], ["torch.script"])
    assert report.result is not None, report.error
    return report.result.after.text


def executed(text: str) -> dict[str, Any]:
    namespace: dict[str, Any] = {"__name__": "case"}
    exec(compile(text, "case.py", "exec"), namespace)
    return namespace


@pytest.mark.parametrize(("text", "method"), [(FAMILY, "_step"), (GIVEN, "_sublayer_of_residual")])
def test_each_class_of_a_family_calls_its_own(text: str, method: str) -> None:
    after = rewritten(text)
    assert f"def {method}_of_base(self, y)" in after and f"def {method}_of_sub(self, y)" in after
    x, results = torch.tensor([[1.0, 3.0, -2.0]]), []
    for one in (text, after):
        torch.manual_seed(0)
        net = executed(one)["Sub"]()
        results.append((net(x), net.plain(x)))
    torch.testing.assert_close(*results)


def test_two_methods_with_a_function_of_one_name() -> None:
    after = rewritten(TWICE)
    x = torch.ones(2, 3)
    assert torch.equal(executed(TWICE)["Net"]()(x), executed(after)["Net"]()(x))


@pytest.mark.parametrize(
    "test", ["self.with_cp and x.requires_grad", "self.with_cp or x.requires_grad", "self.with_cp"]
)
def test_a_checkpoint_in_a_branch_of_its_own(test: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    before = CHECKPOINT.format(more="", test=test)
    after = rewritten(before)
    assert (
        "cp.checkpoint(self._inner, x, use_reentrant=False)" in after and "not torch.jit.is_scripting() and " in after
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    results = []
    for name, text in (("case_before", before), ("case_after", after)):
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")  # TorchScript reads sources from files
        torch.manual_seed(0)
        net = __import__(name).Net()
        x = torch.ones(2, 3, requires_grad=True)
        out = net(x)
        out.sum().backward()
        results.append((out, x.grad, net.fc.weight.grad))
    torch.testing.assert_close(*results)
    torch.testing.assert_close(torch.jit.script(net)(x), out)


def test_a_checkpoint_of_what_reads_its_surroundings_stays() -> None:
    text = CHECKPOINT.format(more=" * x0", test="self.with_cp").replace(
        "        def inner", "        x0 = x\n\n        def inner"
    )
    assert "def inner(x)" in rewritten(text)


@pytest.mark.parametrize(
    "forward",
    [
        "def forward(self, x, **more):\n    f = lambda y: self.fc(y, **more)\n    return f(x)",
        "def forward(self, x, *more):\n    def f(y):\n        return self.fc(y) * len(more)\n    return f(x)",
    ],
)
def test_what_a_method_could_not_be_given_keeps_the_function_where_it_is(forward: str) -> None:
    lines = "".join(f"    {line}\n" for line in forward.splitlines())
    init = "    def __init__(self):\n        super().__init__()\n        self.fc = nn.Linear(4, 4)\n\n"
    text = f"{HEAD}class Net(nn.Module):\n{init}{lines}"
    assert "def _f(" not in rewritten(text)


INNER = """\
class Heads(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)
        self.n = 2

    def forward(self, x):
        b = x.size(0)

        def shape(y, d=2):
            return y.view(-1, self.n, d)

        def split(y):
            return shape(y) * b

        def project(y, n):
            y = split(self.fc(y)) + n
            return y

        return project(x, b) + split(x)

    def other(self, x):
        def shape(y):
            return y * 2

        return shape(x)
"""


def test_functions_that_call_one_another_and_have_defaults(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    before = HEAD + INNER
    after = rewritten(before)
    assert "def _shape_of_forward(self, y, d: int = 2):" in after and "def _split(self, y, b: int):" in after
    monkeypatch.syspath_prepend(str(tmp_path))
    results = []
    for name, text in (("heads_before", before), ("heads_after", after)):
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
        torch.manual_seed(0)
        net = __import__(name).Heads()
        x = torch.arange(8.0).view(2, 4)
        results += [net(x), net.other(x)]
    assert torch.equal(results[0], results[2]) and torch.equal(results[1], results[3])
    assert torch.equal(torch.jit.script(net)(x), results[0])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("        def project(y, n):\n", "        def project(y, b):\n            n = b\n"),
        ("return project(x, b) + split(x)", "return sum([split(x) for b in (1, 2)])"),
        ("def shape(y, d=2)", "def shape(y, d=self.n)"),
    ],
)
def test_a_call_where_a_name_means_something_else_keeps_the_function(old: str, new: str) -> None:
    assert old in INNER
    after = rewritten(HEAD + INNER.replace(old, new))
    assert "        def split(y):\n" in after
