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


SCRIPTED = """import torch
from torch import nn


def example_inputs(seed=0):
    return torch.randn(2, 4, generator=torch.Generator().manual_seed(seed))


class Gate(nn.Module):
    def forward(self, x):
        if torch.jit.is_scripting():
            return x * 2
        return x


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(4, 4)
        self.gate = Gate()
        self.last = nn.Linear(4, 2)

    def forward(self, x):
        return self.last(self.gate(self.first(x)))
"""
COUNTED = """from mxnet import nd
from mxnet.gluon import nn


def example_inputs(seed=0):
    return nd.arange(8).reshape((2, 4)) + seed


class Gate(nn.HybridBlock):
    def __init__(self):
        super().__init__()
        self.calls = 0

    def hybrid_forward(self, F, x):
        self.calls += 1
        return x * self.calls


class Model(nn.HybridBlock):
    def __init__(self):
        super().__init__()
        self.first, self.gate, self.last = nn.Dense(4), Gate(), nn.Dense(2)

    def hybrid_forward(self, F, x):
        return self.last(self.gate(self.first(x)))
"""
EAGERLY = """import tensorflow as tf


def example_inputs(seed=0):
    return tf.random.stateless_normal((2, 4), seed=(seed, 0))


class Gate(tf.keras.layers.Layer):
    def call(self, x):
        return x if tf.executing_eagerly() else x * 2


class Model(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.first, self.gate, self.last = tf.keras.layers.Dense(4), Gate(), tf.keras.layers.Dense(2)

    def call(self, x):
        return self.last(self.gate(self.first(x)))
"""


@pytest.mark.parametrize(
    ("text", "target"), [(SCRIPTED, "torch.script"), (COUNTED, "mxnet.hybrid"), (EAGERLY, "tf.function")]
)
def test_the_first_part_that_a_compiler_changes_is_named(run: Run, text: str, target: str) -> None:
    (verdict,) = run(text, text, [target], unit="Model", bisect=True)
    assert verdict.equivalent is False and "; first in gate, compiled alone: output differs" in verdict.reason


def test_a_change_that_no_part_makes_alone_is_left_at_that(run: Run) -> None:
    text = SCRIPTED.replace("return self.last(", "return (2 if torch.jit.is_scripting() else 1) * self.last(")
    text = text.replace("            return x * 2\n", "            return x\n")
    (verdict,) = run(text, text, ["torch.script"], unit="Model", bisect=True)
    assert verdict.equivalent is False and "output differs" in verdict.reason and "; first in" not in verdict.reason
