"""Attributes that are None at first, settings of a module that helpers get, and what is left alone of both."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rules.torch.running import run
from tests.rules.torch.test_found_on_real_code import HEAD, codes, module, rewritten

CACHE = "self.kept = None"

CACHED = [
    "if self.kept is None or self.kept.size(0) != x.size(0):\n    self.kept = x * 2\nreturn x + self.kept",
    "self.kept = x\nself.kept += 1\ny = torch.cat([x, self.kept])\nreturn y * self.kept.sum()",
    "self.kept = x * 2\nself.kept = self.kept * 3\nfor i in range(2):\n    x = x + self.kept\nreturn x",
    "if self.kept is not None:\n    return self.kept[0] + x\nself.kept = x\nreturn x * 2",
    "if self.kept is not None and self.kept.dim() == 2:\n    x = x + 1\nself.kept = x\nreturn self.kept[0]",
]

SCRIPT = """
import importlib, sys, torch
for number in range(int(sys.argv[1])):
    before, after = (importlib.import_module(f"{word}_{number}").Net() for word in ("before", "after"))
    scripted = torch.jit.script(importlib.import_module(f"after_{number}").Net())
    for size in (3, 3, 4):
        x = torch.rand(size, 3)
        wanted = before(x.clone())
        for net in (after, scripted):
            assert torch.equal(net(x.clone()), wanted), (number, size)
            assert torch.equal(net.kept, before.kept), (number, size)
"""


def body(text: str) -> str:
    return "def forward(self, x):\n" + "".join(f"    {line}\n" for line in text.splitlines())


def test_caches_compute_the_same_compiled(tmp_path: Path) -> None:
    for number, forward in enumerate(CACHED):
        text = module(body(forward), CACHE)
        after = rewritten(text)
        assert codes(after) == set(), after
        (tmp_path / f"before_{number}.py").write_text(HEAD + text)
        (tmp_path / f"after_{number}.py").write_text(after)
    run(tmp_path, SCRIPT, str(len(CACHED)))


def test_a_method_that_may_assign_ends_what_a_variable_stands_for() -> None:
    forward = "def put(self, x):\n    self.kept = x * 2\n\n" + body(
        "self.put(x)\ny = x + self.kept\nself.put(y)\nreturn self.kept + y"
    )
    after = rewritten(module(forward, CACHE))
    assert after.count("= self.kept\n") == 2


def test_nothing_is_put_above_an_elif() -> None:
    text = module(
        body("self.kept = x\nif x.dim() == 1:\n    x = x + 1\nelif self.kept.sum() > 0:\n    x = x * 2\nreturn x"),
        CACHE,
    )
    assert "elif self.kept.sum() > 0:" in rewritten(text)


def helper(parameters: str, lines: str, call: str) -> str:
    text = "".join(f"    {line}\n" for line in lines.splitlines())
    net = module(f"def forward(self, x):\n    return work(x, {call})", "self.a = a")
    return f"def work(x, {parameters}):\n{text}\n\n" + net.replace("a=None", "a")


@pytest.mark.parametrize(
    ("lines", "call", "annotation"),
    [
        ("if n:\n    x = x + 1\nreturn x", "self.a", "n: bool"),
        ("return x.reshape(n, -1)", "self.a", "n: int"),
        ("return x[: n // 2]", "self.a", "n: int"),
        ("return x.repeat([1, n])", "self.a", "n: int"),
        ("return x + n", "self.a", ""),  # a tensor, an int or a float
        ("if n:\n    x = x + n\nreturn x", "self.a", ""),
        ("n = n + 1\nreturn x.reshape(n, -1)", "self.a", ""),
        ("if n:\n    x = x + 1\nreturn x", "x.sum() > 0", ""),
    ],
)  # fmt: skip
def test_what_a_setting_is_used_for_tells_its_type(lines: str, call: str, annotation: str) -> None:
    after = rewritten(helper("n", lines, call))
    assert (annotation or "def work(x, n):") in after


def test_a_function_that_compiles_on_import_keeps_its_parameters() -> None:
    text = helper("n", "return x + n", "self.kept").replace("def work", "@torch.jit.script\ndef work")
    text = text.replace("self.a = a", "self.kept = None")
    assert "def work(x, n):" in rewritten(text)


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("sizes = list(x.shape)\nsizes[1:] = [1, 1]\nreturn x.reshape(sizes)", "sizes = sizes[:1] + [1, 1]"),
        ("sizes = list(x.shape)\nsizes[:-1] = [1, 1]\nreturn x.reshape(sizes)", "sizes = [1, 1] + sizes[-1:]"),
        ("sizes = list(x.shape)\nkept = sizes\nsizes[1:] = [1]\nreturn x.reshape(kept)", "sizes[1:] = [1]"),
        ("sizes = list(x.shape)\nsizes[0:1] = [1]\nreturn x.reshape(sizes)", "sizes[0:1] = [1]"),
    ],
)  # fmt: skip
def test_slices_of_lists(lines: str, told: str) -> None:
    text = module(body(lines))
    assert "THT201" in codes(text)
    assert told in rewritten(text)


def test_a_name_that_a_definition_takes_over() -> None:
    text = module("def forward(self, x):\n    return work(x)").replace(
        "import torch\n", "import torch\nwork = None\n", 1
    )
    called = "\n\ndef work(x, n=2.0):\n    return x * n\n"
    assert "n: float = 2.0" in rewritten(text + called)
