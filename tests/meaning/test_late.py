"""Attributes that methods other than the constructor assign, and how far code of other files is followed."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest

from transpile_hybrid.meaning import engine as engine_room
from transpile_hybrid.meaning.attributes import attr_value, class_attrs
from transpile_hybrid.meaning.engine import engine_of
from transpile_hybrid.meaning.infer import class_attrs as attributes_of
from transpile_hybrid.meaning.late import _stores
from transpile_hybrid.run.repository import Repository
from transpile_hybrid.run.view import View

from .build import Code

NET = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.n = 1

    def first(self, t: torch.Tensor):
        self.a = self.b
        self.c = t

    def second(self):
        self.b = self.a if self.n else 2

    def third(self):
        self.d = self.d + 1 if self.n else 0

    def never(self):
        self.e = print
"""
NAMES = "abcd"


def answers(order: tuple[str, ...]) -> dict[str, str]:
    code = Code(NET)
    engine = engine_of(code.project)
    info = code.project.classes["m.Net"]
    attrs = class_attrs(engine, info)
    return {name: str(attr_value(engine, attrs, name)) for name in order}


def test_what_is_asked_first_makes_no_difference() -> None:
    expected = answers(tuple(NAMES))
    assert "tensor" in expected["c"] and "int" in expected["d"]
    for order in permutations(NAMES):
        assert answers(order) == expected


def test_only_methods_that_assign_it_are_interpreted(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def counted(engine: object, attrs: object, name: str) -> object:
        asked.append(name)
        return _stores(engine, attrs, name)  # type: ignore[arg-type]

    monkeypatch.setattr("transpile_hybrid.meaning.late._stores", counted)
    code = Code(NET)
    held = attributes_of(code.project.classes["m.Net"], code.project)
    assert not asked
    assert held["c"].may_be_tensor
    assert set(asked) == {"first", "second"}  # `first` reads `b`


BASE = """import torch.nn as nn


def one():
    return two()


def two():
    return 3


class Base(nn.Module):
    def __init__(self):
        super().__init__()
        self.early = one()
{work}        self.late = one()
"""


@pytest.mark.parametrize(("lines", "known"), [(0, True), (200, False)])
def test_code_of_other_files_is_followed_for_a_while(tmp_path: Path, lines: int, known: bool) -> None:
    (tmp_path / "base.py").write_text(BASE.format(work="        x = 1\n" * lines))
    (tmp_path / "net.py").write_text(
        "from base import Base\n\n\nclass Net(Base):\n    def __init__(self):\n        super().__init__()\n"
    )
    repository = Repository([str(tmp_path / name) for name in ("base.py", "net.py")])
    module = repository.module(str(tmp_path / "net.py"))
    view = View(repository, module)
    held = attributes_of(view.classes["net.Net"], view)
    assert held["early"].known
    assert held["late"].known is known
    own = View(repository, repository.module(str(tmp_path / "base.py")))
    assert attributes_of(own.classes["base.Base"], own)["late"].known
    assert engine_room.OUTSIDE_BUDGET < 200
