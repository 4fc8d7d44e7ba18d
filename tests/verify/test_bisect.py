"""Where outputs differ, the first sub-model that differs is named."""

from __future__ import annotations

import pytest

from .conftest import Run
from .planted import changed
from .planted_mxnet import BASE as MXNET
from .planted_tensorflow import BASE as KERAS
from .planted_torch import BASE as TORCH

CASES = {
    "torch": (TORCH, ("nn.BatchNorm1d(8)", "nn.BatchNorm1d(8, eps=1e-2)"), "; first in bn: output differs at "),
    "torch, own code": (TORCH, ("y = y * self.scale", "y = y * self.scale + 1"), "; the 4 parts that it calls give"),
    "torch, order": (TORCH, ("torch.relu(self.fc1(x))", "torch.tanh(self.fc1(x))"), "; first in bn: output differs"),
    "mxnet": (MXNET, ("nn.BatchNorm()", "nn.BatchNorm(epsilon=1e-2)"), "; first in bn: output differs at "),
    "tensorflow": (
        KERAS, ("BatchNormalization()", "BatchNormalization(epsilon=1e-1)"), "; first in bn: output differs at ",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_the_first_part_is_named(run: Run, name: str) -> None:
    before, edit, expected = CASES[name]
    (verdict,) = run(before, changed(before, (edit,)), unit="Model", bisect=True)
    assert verdict.equivalent is False and expected in verdict.reason
