"""A ``forward`` with stars beside one for TorchScript: Python does what it did, and TorchScript takes the other."""

from __future__ import annotations

from pathlib import Path

import pytest

from .running import run
from .test_left_alone import HEAD, codes, rewritten

WRAPPERS = """
class Wrapper(nn.Module):
    def __init__(self, model=None):
        super().__init__()
        self.module = model or nn.Linear(3, 3)

    def forward(self, *input, **kwargs):
        \"\"\"Hand everything on.\"\"\"
        return self.module(*input, **kwargs)


class Norm(nn.Module):
    def __init__(self, fn=None):
        super().__init__()
        self.norm = nn.LayerNorm(3)
        self.fn = fn or nn.Linear(3, 3)

    def forward(self, x, **kwargs):
        mask = kwargs.get("mask", None)
        scale = kwargs["scale"] if "scale" in kwargs else 2.0
        if "shift" in kwargs.keys() and kwargs["shift"] is not None:
            kwargs.update(shift=kwargs["shift"] + 1)
        if mask is not None:
            x = x * mask
        return self.fn(self.norm(x) * scale, **kwargs)


class Repeated(nn.Sequential):
    def forward(self, *args):
        for layer in self:
            args = layer(*args)
        return args


class Layer(nn.Module):
    def forward(self, x, mask):
        return x * mask, mask + 1


def repeat(n):
    return Repeated(*[Layer() for _ in range(n)])


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = repeat(2)

    def forward(self, x):
        x, mask = self.layers(x, x * 2)
        return x + mask


class Keep(nn.Module):
    def forward(self, x, shift=0, scale=1, mask=None):
        return x + shift


class Three(nn.Module):
    def forward(self, x, y, z=0):
        return x + y * 2 + z
"""


def test_python_runs_the_whole_and_torchscript_the_other(tmp_path: Path) -> None:
    text = HEAD + WRAPPERS
    after = rewritten(text)
    assert after.count("@compiled_for_less(") == 3
    (tmp_path / "before.py").write_text(text)
    (tmp_path / "after.py").write_text(after)
    run(
        tmp_path,
        """
import inspect, torch, before, after
x = torch.randn(2, 3)
for name in ("Wrapper", "Norm", "Net"):
    torch.manual_seed(0)
    old = getattr(before, name)()
    torch.manual_seed(0)
    new = getattr(after, name)()
    assert old.state_dict().keys() == new.state_dict().keys()
    assert torch.equal(old(x), new(x)), name
    assert torch.equal(old(x), torch.jit.script(new)(x)), name
    assert inspect.signature(old.forward) == inspect.signature(new.forward), name
for given in ((x, x), (x, x, x)):
    assert torch.equal(before.Wrapper(before.Three())(*given), after.Wrapper(after.Three())(*given))
assert torch.equal(before.Wrapper(before.Three())(x, y=x, z=1), after.Wrapper(after.Three())(x, y=x, z=1))
for more in ({"mask": x}, {"scale": 3.0}, {"shift": x}, {"shift": None}, {"mask": x, "shift": x}):
    one, other = before.Norm(before.Keep()), after.Norm(after.Keep())
    try:
        wanted = one(x, **more)
    except TypeError:
        wanted = None
        try:
            other(x, **more)
        except TypeError:
            continue
        raise AssertionError(more)
    assert torch.equal(wanted, other(x, **more)), more
assert torch.equal(before.Repeated(before.Layer())(x, x)[0], after.Repeated(after.Layer())(x, x)[0])
""",
    )


@pytest.mark.parametrize(
    "body",
    [
        "for name in kwargs:\n    x = x + kwargs[name]\nreturn x",
        "kwargs['a'] = 1\nreturn self.fn(x, **kwargs)",
        "kwargs.setdefault('a', 1)\nreturn self.fn(x, **kwargs)",
        "if 'a' not in kwargs:\n    x = x + 1\nreturn self.fn(x, **kwargs)",
        "if x.sum() > 0 and 'a' in kwargs:\n    x = x + kwargs['a']\nreturn x",
        "a = kwargs.pop('a')\nreturn x + a",
        "a = kwargs.get('a', self.fn(x))\nreturn x + a",
        "return self.fn(x, kwargs)",
        "f = lambda y: self.fn(y, **kwargs)\nreturn f(x) + kwargs.get('a', 1)",
        "return x + kwargs.get('a', 1) + len(locals())",
    ],
)
def test_keywords_that_are_used_otherwise_are_left(body: str) -> None:
    lines = "".join(f"        {line}\n" for line in body.splitlines())
    init = "    def __init__(self, fn=None):\n        super().__init__()\n        self.fn = fn\n\n"
    text = f"{HEAD}class Net(nn.Module):\n{init}    def forward(self, x, **kwargs):\n{lines}"
    assert "compiled_for_less" not in rewritten(text)
    assert "THT501" in codes(text)


def test_an_abstract_forward_and_a_decorated_function_lose_the_stars_that_they_ignore(tmp_path: Path) -> None:
    text = (
        f"import functools\nfrom abc import abstractmethod\n{HEAD}"
        "def named(name):\n    def decorate(f):\n        f.name = name\n        return f\n    return decorate\n\n\n"
        "@named('error')\ndef error(a, b, p: int = 2, **kwargs):\n    return (a - b).abs().pow(p).mean()\n\n\n"
        "class Loss(nn.Module):\n    def forward(self, a, b):\n        return error(a, b, p=3)\n\n\n"
        "class Base(nn.Module):\n"
        "    @abstractmethod\n    def forward(self, *inputs):\n        raise NotImplementedError\n"
    )
    after = rewritten(text)
    assert "@named('error')\n@takes_more_keywords\ndef error(a, b, p: int = 2):" in after
    assert "    @abstractmethod\n    @takes_more_arguments\n    def forward(self):" in after
    (tmp_path / "after.py").write_text(after)
    run(
        tmp_path,
        """
import torch, after
a, b = torch.randn(3), torch.randn(3)
assert after.error.name == "error" and after.Base.forward.__isabstractmethod__
assert torch.equal(after.error(a, b, p=3, other=1), torch.jit.script(after.Loss())(a, b))
""",
    )


def test_the_decorator_stands_above_its_function_also_where_that_is_the_first_of_the_file() -> None:
    text = f"{HEAD}def error(a, **kwargs):\n    return a.mean()\n\n\nclass Loss(nn.Module):\n"
    after = rewritten(text + "    def forward(self, a):\n        return error(a)\n")
    assert "\n\n\n@takes_more_keywords\ndef error(a):\n" in after
    assert "\n\n\ndef takes_more_keywords(_function):\n" in after


def test_a_function_that_is_given_more_is_left() -> None:
    text = (
        f"{HEAD}def error(a, b, **kwargs):\n    return (a - b).mean()\n\n\n"
        "class Loss(nn.Module):\n    def forward(self, a, b):\n        return error(a, b, p=3)\n"
    )
    assert rewritten(text) == text
