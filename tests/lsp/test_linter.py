"""After any edit the findings are those of a lint from scratch, though little was judged again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from transpile_hybrid.config import Config
from transpile_hybrid.lsp.buffer import split_lines
from transpile_hybrid.lsp.links import Links
from transpile_hybrid.lsp.linter import Linter
from transpile_hybrid.lsp.slices import parse
from transpile_hybrid.run.judge import Judge
from transpile_hybrid.run.repository import Repository
from transpile_hybrid.source.source import Source

from .programs import edits, program


def scratch(path: str, text: str, config: Config) -> tuple[list[Any], str]:
    """Return what ``check`` finds in a text."""
    source = Source(path, text)
    judge = Judge(Repository([path], {path: source}), explicit=frozenset([path]))
    result = judge.file(path, config, source)
    rows = [
        (f.line, f.column, f.end_line, f.end_column, f.code, f.message, f.unit, f.targets, f.consequence, f.help,
         f.fix, f.edits)
        for f in result.found
    ]  # fmt: skip
    return sorted(rows, key=repr), result.error


def live(linter: Linter, text: str) -> list[Any]:
    """Return what the linter finds, in the same form."""
    source = Source(linter.path, text)
    rows = []
    for one, d in linter.findings():
        changes = ()
        if d.fix is not None and d.fix.safety != "display":
            changes = tuple(
                (*source.position(e.start + e.slice.start), *source.position(e.end + e.slice.start), "".join(e.parts))
                for e in d.fix.edits
            )
        place = (*source.position(d.span.start + one.start), *source.position(d.span.end + one.start))
        rows.append((*place, d.code, d.message, d.unit, d.targets, d.consequence.value, d.help,
                     d.fix.safety if d.fix else None, changes))  # fmt: skip
    return sorted(rows, key=repr)


def update(linter: Linter, text: str, config: Config) -> None:
    path = linter.path
    linter.update(split_lines(text), Judge(Repository([path], {path: Source(path, text)})), config)


@pytest.mark.parametrize("framework", ["torch", "mxnet", "tensorflow"])
def test_random_edits(framework: str, tmp_path: Path) -> None:
    path = str(tmp_path / "models.py")
    text = program(framework, 220)
    linter, config = Linter(path), Config()
    seen = judged = slices = 0
    for number, new in enumerate([text, *edits(text, 200, seed=len(framework))]):
        update(linter, new, config)
        want, error = scratch(path, new, config)
        if error:
            assert linter.problem is not None, error
            continue
        assert linter.problem is None
        assert live(linter, new) == want, f"edit {number}"
        seen += len(want)
        judged, slices = judged + linter.judged_slices, slices + len(linter.slices)
    assert seen > 200
    assert judged < slices / 2


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_settings_and_suppressions_count(newline: str, tmp_path: Path) -> None:
    path = str(tmp_path / "models.py")
    text = program("torch", 60).replace("\n", newline)
    plain, _ = scratch(path, text, Config())
    first = plain[0]
    lines = split_lines(text)
    lines[first[0] - 1] = lines[first[0] - 1].rstrip("\r\n") + f"  # hybrid: ignore[{first[4]}]{newline}"
    lines[0] = f"# hybrid: ignore[THT101]{newline}" + lines[0]
    suppressed = "".join(lines)
    whole = f"# hybrid: ignore-file[{first[4]}, THT999]{newline}" + text
    for config in (Config(), Config(ignore=("THT5",)), Config(per_file_ignores=(("*.py", (first[4],)),)),
                   Config(target=("torch.compile",))):  # fmt: skip
        linter = Linter(path)
        for new in (text, suppressed, whole, text, whole.replace("THT999", "THT101"), suppressed):
            update(linter, new, config)
            assert live(linter, new) == scratch(path, new, config)[0]


def test_text_that_does_not_parse_keeps_what_it_does_not_touch(tmp_path: Path) -> None:
    path = str(tmp_path / "models.py")
    text = program("torch", 120)
    linter = Linter(path)
    update(linter, text, Config())
    before = live(linter, text)
    lines = split_lines(text)
    middle = next(i for i in range(len(lines) // 2, len(lines)) if lines[i].startswith("        "))
    lines[middle] = "        x = (\n"
    update(linter, "".join(lines), Config())
    assert linter.problem is not None
    shown = [(view, d) for view in linter.views() for d in view.slice.shown or ()]
    lost = [row for row in before if row[0] - 1 <= middle <= row[2] - 1]
    kept = 0
    for view, d in shown:
        starts = view.slice.text[: d.span.start].count("\n")
        ends = view.slice.text[: d.span.end].count("\n")
        kept += view.first <= starts and ends < view.last
    assert kept == len(before) - len(lost) > 3
    update(linter, text, Config())
    assert linter.problem is None
    assert live(linter, text) == before


def test_an_edit_judges_only_what_hangs_together(tmp_path: Path) -> None:
    path = str(tmp_path / "models.py")
    parts = [f"class Net{i}(nn.Module):\n    def forward(self, x):\n        return x.item() + {i}\n" for i in range(30)]
    text = "import torch\nfrom torch import nn\n\n\n" + "\n\n".join(parts)
    linter = Linter(path)
    update(linter, text, Config())
    new = text.replace("+ 7\n", "+ 8\n")
    update(linter, new, Config())
    assert linter.judged_slices == 1
    assert live(linter, new) == scratch(path, new, Config())[0]
    used = new + "\n\ndef make():\n    return Net3()(torch.ones(2))\n"
    update(linter, used, Config())
    assert linter.judged_slices == 2
    update(linter, used.replace("import torch\n", "import torch as th\n", 1), Config())
    assert linter.judged_slices == len(linter.slices)


HELPERS = """import torch
from torch import nn


class One(nn.Module):
    def split(self, x, size):
        return x.item()

    def forward(self, x):
        return self.split(x, 2)


class Two(nn.Module):
    def split(self, x, size):
        return x

    def forward(self, x):
        return self.split(x, 2)


class Three(Two):
    def split(self, x, size):
        return x.numpy()


class Four(nn.Module):
    def forward(self, x):
        return self.split(x, 2)
"""


def test_methods_of_one_name_link_only_where_one_can_stand_for_the_other(tmp_path: Path) -> None:
    path, config = str(tmp_path / "models.py"), Config()
    linter = Linter(path)
    update(linter, HELPERS, config)
    judged = {}
    changes = {
        "One": ("x.item()", "x.item() + 1"),
        "Two": ("return x\n", "return x + 1\n"),
        "Three": ("x.numpy()", "x.item()"),
    }
    for name, (old, new) in changes.items():
        text = HELPERS.replace(old, new)
        update(linter, text, config)
        judged[name] = linter.judged_slices
        assert live(linter, text) == scratch(path, text, config)[0]
        update(linter, HELPERS, config)
    # Four calls one that nobody knows, which may be any; One and Two hang together through it
    assert judged == {"One": 4, "Two": 4, "Three": 4}
    alone = HELPERS[: HELPERS.index("class Four")]
    update(linter, alone, config)
    update(linter, alone.replace("x.item()", "x.item() + 1"), config)
    assert linter.judged_slices == 1
    update(linter, alone.replace("x.numpy()", "x.item()"), config)
    assert linter.judged_slices == 3  # One, set back, and the two that inherit


@pytest.mark.parametrize(
    ("one", "other", "linked"),
    [
        ("self.weight = self.params.get('weight')", "def f(self):\n        return self.weight", True),
        ("self.weight = make('weight')", "def f(self):\n        self.weight = 1\n        return self.weight", False),
        ("self.weight = make()", "def f(self, net):\n        return net.weight", True),
        ("self.weight = Thing()", "def f(self, net):\n        net.weight = None", True),
        ("self.weight = Thing()", "def f(self):\n        self.weight = None", False),
        ("self.weight = Thing()", "@helper\n    def f(net):\n        net.weight = None", True),
        ("self.step()\n    def step(self): pass", "def f(self):\n        return getattr(self, 'step')", True),
        ("self.step()\n    def step(self): pass", "def f(self):\n        self.step = self.make('step')", False),
    ],
)
def test_which_attributes_link(one: str, other: str, linked: bool) -> None:
    text = f"class One:\n    def __init__(self):\n        {one}\n\nclass Other:\n    {other}\n"
    first, second = [part for part in parse(split_lines(text)) or [] if part.nodes]
    links = Links()
    for part in (first, second):
        links.add(part)
    assert (second in links.neighbours(first)) == (first in links.neighbours(second)) == linked


def test_a_whole_run_that_disagrees_is_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(tmp_path / "models.py")
    text = program("torch", 120)
    linter = Linter(path)
    update(linter, text, Config())
    judge = Judge(Repository([path], {path: Source(path, text)}))
    assert linter.validate(judge)
    next(one for one in linter.slices if one.found).found.clear()  # as if the parts had missed something
    assert not linter.validate(judge)
    assert live(linter, text) == scratch(path, text, Config())[0]
    new = text.replace("return", "return  ", 1)
    update(linter, new, Config())
    assert linter.judged_slices == len(linter.slices)


def test_a_file_of_no_framework_is_left_alone(tmp_path: Path) -> None:
    linter = Linter(str(tmp_path / "plain.py"))
    text = "import os\n\n\ndef f(x):\n    return x.item()\n"
    update(linter, text, Config())
    assert not linter.relevant
    assert linter.findings() == []
    update(linter, "import torch\n" + text, Config())
    assert linter.relevant
