"""``rewrite --with-compiler``: what is written of the types that were seen, and what is told of refusals."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from transpile_hybrid.cli.main import cli
from transpile_hybrid.config import Config
from transpile_hybrid.rules.torch._observed import joined
from transpile_hybrid.run.compiler_loop import Loop, Looped, _taken
from transpile_hybrid.run.repository import Repository
from transpile_hybrid.source.source import Source
from transpile_hybrid.verify import VerifyOptions
from transpile_hybrid.verify.attempts import Attempt, Refusal

HEAD = """import torch
from torch import nn


class Settings:
    def __init__(self, **values):
        self.__dict__.update(values)


"""
INPUTS = """

def example_init(unit):
    return (Settings(sizes=[1, 2], scale=0.5),), {}


def example_inputs(seed):
    torch.manual_seed(seed)
    return torch.rand(3, 4)
"""
SEEN = (
    HEAD
    + """class Net(nn.Module):
    def __init__(self, settings):
        super().__init__()
        self.fc = nn.Linear(4, 4)
        self.sizes = settings.sizes
        self.scale = settings.scale
        self.steps = []

    def inner(self, x, sizes, scale):
        for size in sizes:
            x = x * size * scale
        self.steps.append(x)
        return x

    def forward(self, x):
        return self.inner(self.fc(x), self.sizes, self.scale)
"""
    + INPUTS
)


def looped(tmp_path: Path, text: str, targets: tuple[str, ...] = ("torch.script",)) -> Looped:
    path = tmp_path / "net.py"
    path.write_text(text)
    source = Source.read(str(path))
    config = Config(target=targets)
    loop = Loop(Repository([str(path)], {}), VerifyOptions(speed=False))
    return loop.run(loop._rewritten(source, config)[0], config, targets)


def test_types_that_are_seen_are_written(tmp_path: Path) -> None:
    done = looped(tmp_path, SEEN)
    text = done.source.text
    assert "def inner(self, x, sizes: List[int], scale: float):" in text
    assert "    steps: List[torch.Tensor]\n\n    def __init__" in text
    assert done.gained == ["Net"]
    assert not done.refusals
    assert done.taken == 1


def test_what_only_the_constructor_called_so_far(tmp_path: Path) -> None:
    """Forward compiles `table` too, and calls it for long inputs only."""
    text = (
        HEAD
        + """class Net(nn.Module):
    def __init__(self, settings):
        super().__init__()
        self.scale = settings.scale
        self.rows = self.table(self.doubled(5), self.scale)

    def doubled(self, n):
        return 2 * n

    @staticmethod
    def table(n, scale, first=None):
        return torch.arange(n) * scale

    def forward(self, x):
        rows = self.rows
        if len(x) > len(rows):
            rows = self.table(len(x), self.scale)
        return x + rows[: len(x), None]
"""
        + INPUTS
    )
    done = looped(tmp_path, text)
    assert done.gained == ["Net"]
    assert "scale: float" in done.source.text
    assert "def __init__(self, settings):" in done.source.text
    assert "def doubled(self, n):" in done.source.text


def test_types_that_differ_from_unit_to_unit_are_not(tmp_path: Path) -> None:
    """`inner` is given a list by one class and a tensor by the other: there is no one type."""
    other = """

class Other(Net):
    def forward(self, x):
        return self.inner(self.fc(x), x, self.scale)
"""
    text = SEEN.replace(INPUTS, other + INPUTS)
    done = looped(tmp_path, text)
    assert "sizes: List[int]" not in done.source.text
    assert "Net" not in done.gained
    assert {refusal.unit for refusal, _ in done.refusals} >= {"Net"}


def test_a_refusal_names_its_line_and_its_rule(tmp_path: Path) -> None:
    text = (
        HEAD
        + """class Net(nn.Module):
    def __init__(self, settings):
        super().__init__()
        self.settings = settings

    def forward(self, x):
        y = x + 1
        if y.sum() > 0:
            y = torch.relu(y)
            print("positive")
        return y * self.settings.scale
"""
        + INPUTS
    )
    done = looped(tmp_path, text, ("torch.script", "torch.compile"))
    told = {refusal.target: (refusal, code) for refusal, code in done.refusals}
    lines = done.source.text.splitlines()
    refusal, code = told["torch.compile"]
    assert "if y.sum() > 0" in lines[refusal.line - 1]
    assert code == "THT303"
    refusal, _ = told["torch.script"]
    assert "self.settings" in lines[refusal.line - 1]


def test_a_unit_that_does_not_run_says_why(tmp_path: Path) -> None:
    text = SEEN.replace("return torch.rand(3, 4)", "raise RuntimeError('no data here')")
    done = looped(tmp_path, text)
    assert done.unrun and done.unrun[0][0] == "Net" and "no data here" in done.unrun[0][1]
    assert (
        done.source.text
        == Loop(Repository([], {}), VerifyOptions())
        ._rewritten(Source(str(tmp_path / "net.py"), text), Config(target=("torch.script",)))[0]
        .text
    )


def test_memory_that_nobody_wrote_is_no_difference(tmp_path: Path) -> None:
    text = SEEN.replace(
        "        self.steps = []\n", "        self.steps = []\n        self.w = nn.Parameter(torch.Tensor(4))\n"
    )
    text = text.replace("self.inner(self.fc(x),", "self.inner(self.fc(x) + self.w,")
    done = looped(tmp_path, text)
    assert done.gained == ["Net"]
    assert not done.refusals


def test_a_process_that_dies_takes_no_other_unit_with_it(tmp_path: Path) -> None:
    dying = """

class Dying(nn.Module):
    def __init__(self, settings):
        super().__init__()

    def forward(self, x):
        import os, signal
        os.kill(os.getpid(), signal.SIGSEGV)
"""
    done = looped(tmp_path, SEEN.replace(INPUTS, dying + INPUTS))
    assert done.gained == ["Net"]
    assert [unit for unit, _ in done.unrun] == ["Dying"]


def test_command_line(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(SEEN)
    run = CliRunner().invoke(
        cli, ["rewrite", "--with-compiler", "--target", "torch.script", "--allow-dirty", "--no-cache", str(path)]
    )
    assert run.exit_code == 0, run.output
    assert "scale: float" in path.read_text()
    assert "compiles now, with types that were seen" in run.output
    before = path.read_text()
    again = CliRunner().invoke(
        cli, ["rewrite", "--with-compiler", "--target", "torch.script", "--allow-dirty", "--no-cache", str(path)]
    )
    assert again.exit_code == 0
    assert path.read_text() == before


@pytest.mark.parametrize(
    ("seen", "written"),
    [
        (["int"], "int"),
        (["none", "tensor"], "Optional[Tensor]"),
        ([["list", ""], ["list", "tensor"]], "List[Tensor]"),
        ([["tuple", "int", ["list", "int"]]], "Tuple[int, List[int]]"),
        ([["list", ""]], "?"),
        ([["dict", "str", ""]], "?"),
        (["int", "tensor"], "?"),
        (["int", "float"], "?"),
        (["none"], "?"),
        ([""], "?"),
        ([["tuple", "int"], ["tuple", "int", "int"]], "?"),
    ],
)
def test_one_type_of_several(seen: list[object], written: str) -> None:
    assert str(joined(seen)) == written


def test_a_target_that_refuses_nothing_any_more_loses_nothing() -> None:
    """What is kept depends on the difference: all targets count, also those that refuse no unit."""
    targets = ("torch.script", "torch.compile")
    refused = {target: Refusal("A", target, "no") for target in targets}
    before = [Attempt("A", refused=refused), Attempt("B")]
    after = [Attempt("A"), Attempt("B")]
    assert _taken(after, targets) - _taken(before, targets) == {("A", target) for target in targets}
    assert not _taken(before, targets) - _taken(after, targets)
