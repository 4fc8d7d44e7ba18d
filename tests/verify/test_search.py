"""Arguments that are found by trial, for constructors and calls alike."""

from __future__ import annotations

import time
import types

import pytest

from transpile_hybrid.verify.worker.choices import described, mended, tensor_node, words_of
from transpile_hybrid.verify.worker.infer import GuessedConfig, as_node
from transpile_hybrid.verify.worker.search import Choice, Slot, Stuck, climb, reached

from .conftest import Run


def slot(name: str, *values: object) -> Slot:
    first, *others = [{"v": value} for value in values]
    return Slot(name, first, lambda *_: others)


def level(error: Exception) -> tuple[int, ...]:
    return reached(error, __name__)


def lock(choice: Choice) -> list[object]:
    """Open only for one choice in all, and tell by where it fails how many are right."""
    one, two, three = (node["v"] for node in choice)
    if one != "a":
        raise ValueError("one")
    if two not in (2, 7):
        raise ValueError("two")
    if two == 2 and three != "never":
        raise ValueError("a dead end, which two leads to first")
    if three is not None:
        raise ValueError("three")
    return [one, two, three]


def test_what_gets_further_is_gone_on_from() -> None:
    many = [slot("one", *range(50), "a"), slot("two", *range(10, 60), 2, 7), slot("three", *range(50), None)]
    # far fewer trials than the 50 * 50 * 50 of all combinations, also behind a dead end
    trials = 0

    def attempt(choice: Choice) -> list[object]:
        nonlocal trials
        trials += 1
        return lock(choice)

    assert climb(many, attempt, level, time.monotonic() + 60) == ["a", 7, None]
    assert trials < 600


def test_the_error_of_what_got_furthest_is_told() -> None:
    with pytest.raises(Stuck, match="two"):
        climb([slot("one", 0, "a"), slot("two", 0), slot("three", 0)], lock, level, time.monotonic() + 60)
    with pytest.raises(Stuck, match="one"):
        climb([slot("one", 0, "a"), slot("two", 0), slot("three", 0)], lock, level, time.monotonic() - 1)


def test_the_words_of_a_class() -> None:
    module = types.ModuleType("words")
    text = """
TABLE = {"small": 1, "large": 2}
class Other: pass
class Net:
    def forward(self, x):
        return "later"
    def __init__(self, mode, size):
        if mode not in ("mean", "max"):
            raise ValueError(mode)
        if size == 34:
            self.sizes = [TABLE[n] for n in mode]
"""
    exec(text, vars(module))
    constants, classes = words_of(module.Net, module)
    assert [c for c in constants if isinstance(c, str)][:2] == ["mean", "max"]
    assert {34, "small", "large", "later"} <= set(constants) and classes == ["Other"]


def test_choices_are_told_and_mended() -> None:
    pair = {"list": [tensor_node((2, 8)), tensor_node((2, 3), "int64")]}
    assert described(pair) == "[float32 [2, 8], int64 [2, 3]]" and described(as_node(1)) == "1"
    error = RuntimeError("mat1 and mat2 shapes cannot be multiplied (2x8 and 5x3)")
    assert mended((tensor_node((2, 8)),), error) == (tensor_node((2, 5)),)
    assert mended((pair,), error) == (pair,)
    with pytest.raises(TypeError, match="not iterable"):
        list(GuessedConfig(8))


MODELS = """import torch
from torch import nn

MODES = {"wide": 2, "narrow": 1}


class Plain(nn.Module):
    def __init__(self, inp, out):
        super().__init__()
        self.conv = nn.Conv2d(inp, out, 3, padding=1)

    def forward(self, x):
        return torch.relu(self.conv(x))


class Stack(nn.Module):  # a class of the file, and as many sizes as it has stages
    def __init__(self, block, layers):
        super().__init__()
        self.first = nn.Sequential(*[block(3, 3) for _ in range(layers[0])])
        self.last = nn.Sequential(*[block(3, 3) for _ in range(layers[3])])

    def forward(self, x):
        return self.last(self.first(x))


class Mode(nn.Module):  # a key of a table and a mode that is compared
    def __init__(self, dim, kind, reduction):
        super().__init__()
        self.fc = nn.Linear(dim, dim * MODES[kind])
        if reduction not in ("amax", "amin"):
            raise NotImplementedError(reduction)
        self.reduction = reduction

    def forward(self, x):
        return getattr(torch, self.reduction)(self.fc(x), dim=-1)


class Digits(nn.Module):  # images of one size only
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 5, stride=2)
        self.fc = nn.Linear(4 * 10 * 10, 3)

    def forward(self, x):
        return self.fc(torch.relu(self.conv(x)).flatten(1))


class Pyramid(nn.Module):  # a list of tensors
    def __init__(self, *, dim):
        super().__init__()
        self.fc = nn.Linear(dim, 3)

    def forward(self, features):
        first, second, third = features
        return self.fc(first) + self.fc(second) * self.fc(third)


class Sections(nn.Module):  # a configuration within a configuration
    def __init__(self, config):
        super().__init__()
        encoder = config["encoder"]
        self.fc = nn.Linear(encoder["dim"], config.hidden)

    def forward(self, x):
        return self.fc(x)


class Called(nn.Module):  # what the constructor keeps and only the call tells of
    def __init__(self, dim, op):
        super().__init__()
        self.fc = nn.Linear(dim, dim)
        self.op = op

    def forward(self, x):
        return self.op(self.fc(x)) + 1
"""


def test_models_that_want_other_arguments_than_the_likeliest(run: Run) -> None:
    found = {v.unit: v for v in run(MODELS, MODELS)}
    assert list(found) == ["Plain", "Stack", "Mode", "Digits", "Pyramid", "Sections", "Called"]
    assert all(v.equivalent is True and v.inputs == "inferred" for v in found.values()), found
    told = found["Mode"].checks["inputs"]
    assert told.startswith("ok: built with guessed arguments: ") and "kind='wide', reduction='amax'" in told
    assert "block=Plain" in found["Stack"].checks["inputs"] and "inputs" not in found["Digits"].checks


def test_both_sides_are_given_the_same(run: Run) -> None:
    after = MODELS.replace("self.op(self.fc(x)) + 1", "self.op(self.fc(x)) + 2").replace("(first) +", "(first) -")
    after = after.replace("torch.relu(self.conv(x))\n", "torch.relu(self.conv(x)) * 2\n").replace('"amax", ', "")
    found = {v.unit: v for v in run(MODELS, after)}
    differ = {name for name, v in found.items() if v.equivalent is False}
    assert {"Plain", "Stack", "Pyramid", "Called"} <= differ and found["Digits"].equivalent is True, found
