"""Rounds that take only the steps that something changed for end where rounds that take every step do."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from transpile_hybrid.meaning.classes import Project
from transpile_hybrid.meaning.module import Module
from transpile_hybrid.rules.registry import all_rules
from transpile_hybrid.rules.tensorflow._kinds import Kinds
from transpile_hybrid.rules.tensorflow._rounds import Rounds, Step
from transpile_hybrid.source.source import Source

WRITTEN = {
    "a generator above and below": """
import tensorflow as tf

def above():
    return [part for part in parts(tf.ones(3))]

def parts(x):
    yield x
    yield above()

def below():
    return list(parts(1))
""",
    "functions that call one another": """
import tensorflow as tf

def even(x, n=0):
    return odd(x, n - 1) if n else x

def odd(x, n):
    return even(tf.square(x), n - 1)

even(tf.ones(3), 4)
even(2.0)
""",
    "lists in lists": """
import tensorflow as tf

def nest(x):
    held = [x]
    for _ in range(5):
        held = [held, tf.ones(3), (held,)]
    held.append([held])
    return held

nest(nest(nest(1)))
""",
    "attributes that a later method sets": """
import tensorflow as tf

class Net(tf.keras.Model):
    def call(self, x, scale=None, *rest):
        self.last = self.help(x, *rest)
        return self.last * self.scale if scale is None else self.last

    def help(self, x, y=(0, [1.0])):
        return (lambda a, b=y: a + b)(x)

    def prepare(self):
        self.scale = tf.Variable(1.0)
        self.help = self.help if self.scale else None
        return self(tf.ones(3), 2)
""",
}
CASES = sorted((Path(__file__).parent / "cases").glob("c*.py"))
TEXTS = {
    **WRITTEN,
    **{case.stem: case.read_text() for case in CASES},
    **{
        f"{rule.code}-{number}": text
        for rule in all_rules()
        if rule.framework == "tensorflow"
        for number, text in enumerate([*(example.before for example in rule.examples), *rule.valid])
    },
}


def _tables(kinds: Kinds) -> dict[str, Any]:
    names = ("names", "attrs", "params", "returns", "bound", "seeds", "evidence", "calls", "targets", "values")
    return {name: getattr(kinds, name) for name in names}


@pytest.mark.parametrize("name", TEXTS)
def test_all_steps_give_no_more(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module = Module(Source("case.py", TEXTS[name]))
    found = _tables(Kinds(module, Project([module])))
    some = Rounds.take

    def every(self: Rounds, steps: Iterable[Step]) -> None:
        for step in steps:
            step.due = True
        some(self, steps)

    monkeypatch.setattr(Rounds, "take", every)
    assert _tables(Kinds(module, Project([module]))) == found


def test_what_nothing_changes_for_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    functions = "".join(f"\ndef f{n}(x):\n    return f{n + 1}(x) + 1\n" for n in range(5))
    text = f"import tensorflow as tf\n{functions}\ndef f5(x):\n    return x\n\nf0(tf.ones(3))\n"
    module = Module(Source("case.py", text))
    taken: list[int] = []
    there: list[int] = []
    some = Rounds.take

    def counted(self: Rounds, steps: Iterable[Step]) -> None:
        listed = list(steps)
        taken.append(sum(step.due for step in listed))
        there.append(len(listed))
        some(self, listed)

    monkeypatch.setattr(Rounds, "take", counted)
    Kinds(module, Project([module]))
    assert len(taken) > 3
    assert taken[0] == there[0]
    assert taken[-1] < there[-1] / 4
