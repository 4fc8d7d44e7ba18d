"""``pytest --hybrid-verify`` on the real framework."""

from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]

GOOD = """
import torch
from torch import nn


class Flat(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 2)

    def forward(self, x):
        size = x.size()[:1] + (8,)
        return self.fc(x.view(*size))


INPUT_SHAPES = [(3, 2, 4)]


def example_inputs(seed=0, shape=(3, 2, 4)):
    return (torch.ones(shape),)
"""
BAD = GOOD.replace("(x.view(*size))", "(x.view(*size)) + len(globals())").replace("Flat", "Bad")


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    # pytest-lsp 1.0 takes every item for a function
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\naddopts = -p no:pytest-lsp\n")
    pytester.makepyfile(good=GOOD, bad=BAD, plain="x = 1\n", test_other="import torch\n\n\ndef test_one():\n    pass\n")
    return pytester


def test_units_become_tests(project: pytest.Pytester) -> None:
    ran = project.runpytest_subprocess("-p", "no:cacheprovider", "--hybrid-verify", "-v")
    ran.assert_outcomes(passed=2, failed=1)
    ran.stdout.fnmatch_lines(["*good.py::Flat?torch.script? PASSED*"])
    ran.stdout.fnmatch_lines(["*bad.py::Bad?torch.script? FAILED*"])
    ran.stdout.fnmatch_lines(["*Bad*"])
    assert "Traceback" not in ran.stdout.str()


def test_nothing_happens_unasked(project: pytest.Pytester) -> None:
    ran = project.runpytest_subprocess("-p", "no:cacheprovider")
    ran.assert_outcomes(passed=1)


def test_targets_are_chosen_and_checked(project: pytest.Pytester) -> None:
    listed = project.runpytest_subprocess(
        "--hybrid-verify", "--hybrid-target", "torch.export", "--hybrid-target", "torch.compile", "good.py",
        "--collect-only", "-q",
    )  # fmt: skip
    assert listed.stdout.str().splitlines()[:2] == ["good.py::Flat[torch.compile]", "good.py::Flat[torch.export]"]
    wrong = project.runpytest_subprocess("--hybrid-verify", "--hybrid-target", "torch.skript", "good.py")
    assert wrong.ret == pytest.ExitCode.USAGE_ERROR
    assert "did you mean 'torch.script'" in wrong.stdout.str() + wrong.stderr.str()
