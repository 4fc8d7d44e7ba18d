"""Which units a file has, where their inputs come from, and what the targets make of them."""

from __future__ import annotations

import ast
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from transpile_hybrid.report.remarks import reservations
from transpile_hybrid.verify import Verdict, VerifyError, VerifyOptions, verify_files, verify_texts
from transpile_hybrid.verify.plan import candidates, framework_of
from transpile_hybrid.verify.unrun import left_as_it_is
from transpile_hybrid.verify.worker.failing import describe
from transpile_hybrid.verify.worker.tensorflow_export import one_line

from .conftest import Run

FILE = """
import torch
from torch import nn


def add(a, b):
    return a + b


class Block(nn.Module):
    def __init__(self, dim, num_heads):
        super().__init__()
        self.fc = nn.Linear(dim, dim * num_heads)

    def forward(self, x):
        return torch.relu(self.fc(x))


class Config:
    pass


def get_net():
    net = nn.Sequential(Block(12, 2), nn.Linear(24, 3))
    return net


def _private(x):
    return x


if __name__ == "__main__":
    print(get_net())
"""


def test_candidates_are_read_without_running() -> None:
    assert candidates(ast.parse(FILE)) == {"add": "function", "Block": "class", "get_net": "factory"}


@pytest.mark.parametrize(
    ("text", "framework"),
    [
        ("import torch.nn as nn", "torch"),
        ("from d2l import mxnet as d2l", "mxnet"),
        ("from keras import layers", "tensorflow"),
        ("import numpy", ""),
    ],
)
def test_framework(text: str, framework: str) -> None:
    assert framework_of(ast.parse(text), "nowhere/x.py") == framework


def test_inputs_and_constructors_are_inferred(run: Run) -> None:
    found = {v.unit: v for v in run(FILE, FILE)}
    assert list(found) == ["Block", "get_net"]
    assert all(v.equivalent is True and v.inputs == "inferred" for v in found.values()), found


def test_what_was_changed_and_is_not_run_is_told(run: Run) -> None:
    helpers = """

def half(x):
    return x / 2


class Keeper:
    def __init__(self, net):
        self.net = net

    def step(self, x):
        return half(self.net(x))


KEEPER = Keeper(get_net())


def total(x: "torch.Tensor"):
    return KEEPER.step(x).sum()
"""
    text = FILE + helpers
    after = text.replace("return a + b", "return b + a").replace("/ 2", "* 0.5").replace(': "torch.Tensor"', "")
    found = {v.unit: v for v in run(text, after)}
    assert {name: v.equivalent for name, v in found.items()} == {
        "Block": True, "get_net": True, "add": None, "half": None,
    }  # fmt: skip
    assert found["half"].reason.startswith("not verified: it was changed"), found["half"].reason
    declared = "\n\ndef example_inputs(unit):\n    return torch.ones(2, 12) if unit == 'total' else None\n"
    found = {v.unit: v for v in run(text + declared, after.replace("step(x)).", "step(x).") + declared)}
    assert "half" not in {name for name, v in found.items() if v.reason.startswith("not verified: it was changed")}


STEPS = """
import torch


def _half(x):
    return x / 2


def scale(weights, by):
    for w in weights:
        w.mul_(by)


def shift(weights, by):
    for w in weights:
        w.add_(by)


def example_inputs(seed, shape=None, unit=None):
    if unit == "_half":
        return torch.ones(2, 3) + seed
    return ([torch.ones(2, 3), torch.ones(3)], 2.0 + seed) if unit == "scale" else None
"""


def test_inputs_make_units_of_private_functions_and_of_those_that_return_nothing(run: Run) -> None:
    assert candidates(ast.parse(STEPS)) == {"_half": "function", "scale": "function"}
    without = STEPS.replace("seed, shape=None, unit=None", "seed, shape=None")
    assert candidates(ast.parse(without)) == {}, "nobody asks for a unit: words say nothing of units"
    same = {
        v.unit: v.equivalent for v in run(STEPS, STEPS.replace("x / 2", "x * 0.5").replace("w.mul_(by)", "w *= by"))
    }
    assert same == {"_half": True, "scale": True}
    found = {v.unit: v for v in run(STEPS, STEPS.replace("x / 2", "x / 3").replace("w.mul_(by)", "w.add_(by)"))}
    assert {name: v.equivalent for name, v in found.items()} == {"_half": False, "scale": False}
    assert "changed in place" in found["scale"].reason, found["scale"].reason


def test_what_is_left_as_it_is() -> None:
    before = ast.parse(
        "def f(x: int):\n    return x\n\n\ndef g(x):\n    return x\n\n\n@wrap\ndef h(x):\n    return x\n"
    )
    after = ast.parse(
        "def f(x):\n    'same'\n    return x\n\n\ndef g(x):\n    return -x\n\n\n@wrap\ndef h(x):\n    return x\n"
    )
    found = {name: left_as_it_is(before, after, name) for name in "fghi"}
    assert found == {"f": True, "g": False, "h": False, "i": False}


def test_a_function_with_given_inputs(run: Run) -> None:
    (verdict,) = run(FILE, FILE.replace("return a + b", "return a - b"), unit="add", inputs=[[2, 3], {"shape": [2, 3]}])
    assert verdict.equivalent is False and verdict.inputs == "given"
    (verdict,) = run(FILE, FILE, unit="add", inputs=[[2, 3], [2, 3]])
    assert verdict.equivalent is True


def test_several_units_and_plain_values(run: Run) -> None:
    verdicts = run(FILE, FILE, unit=("add", "Block"), inputs=[[2, 3], 2.5])
    assert [v.unit for v in verdicts] == ["add", "Block"] and verdicts[0].equivalent is True, verdicts[0].reason
    with pytest.raises(VerifyError, match="is no shape"):
        run(FILE, FILE, unit="add", inputs=[2, 3])


def test_given_inputs_that_do_not_fit(run: Run) -> None:
    (verdict,) = run(FILE, FILE, unit="get_net", inputs=[[2, 5]])
    assert verdict.equivalent is None and "mat1 and mat2" in verdict.reason


def test_inputs_that_settings_give(tmp_path: Path) -> None:
    path, config = tmp_path / "net.py", tmp_path / ".transpile-hybrid.toml"
    path.write_text(FILE)
    other = FILE.replace("return a + b", "return a - b if len(a) == 5 else a + b")

    def verdict(**more: Any) -> Verdict:
        options = VerifyOptions(unit="add", python=sys.executable, speed=False, timeout=120.0, **more)
        (found,) = verify_texts(FILE, other, path=path, options=options)
        return found

    config.write_text('[verify.inputs]\nadd = [[5, 3], [5, 3]]\n"other.py:add" = [[2, 3], [2, 3]]\n')
    found = verdict()
    assert found.equivalent is False and found.inputs == "given"
    config.write_text('[verify.inputs]\nadd = [[5, 3], [5, 3]]\n"net.py:add" = [[2, 3], [2, 3]]\n')
    assert verdict().equivalent is True
    assert verdict(inputs=[[5, 3], [5, 3]]).equivalent is False  # the command line is stronger
    config.write_text('[verify.inputs]\nadd = ["wide"]\n')
    with pytest.raises(VerifyError, match="verify.inputs.add: 'wide' is no shape"):
        verdict()
    config.write_text("[verify]\ninput = 3\n")
    with pytest.raises(VerifyError, match="verify: must be a table such as"):
        verdict()


DECLARED = (
    FILE
    + """

INPUT_SHAPES = [(2, 12), (3, 4, 12)]


def example_init(unit):
    return ((12, 2), {}) if unit == "Block" else None


def example_inputs(seed, shape, unit):
    torch.manual_seed(seed)
    return (torch.randn(shape), torch.randn(shape)) if unit == "add" else torch.randn(shape)
"""
)


def test_declared_inputs_by_unit_and_torch_targets(run: Run) -> None:
    found = run(DECLARED, DECLARED, ["torch.script", "torch.export", "tf.function"])
    assert [(v.unit, v.target) for v in found] == [
        (unit, target) for unit in ("add", "Block", "get_net") for target in ("torch.script", "torch.export")
    ]
    assert all(v.equivalent is True and v.inputs == "declared" for v in found), [v.reason for v in found]


def test_a_unit_that_cannot_be_compiled(run: Run) -> None:
    text = FILE.replace("torch.relu(self.fc(x))", "torch.relu(self.fc(x, **{}))")
    (verdict,) = run(text, text, ["torch.script"], unit="Block")
    assert verdict.equivalent is False and verdict.reason.startswith("cannot be compiled: ")
    assert verdict.state == "cannot compile"


def test_a_counter_frozen_by_the_compiler(run: Run) -> None:
    counted = FILE.replace("self.fc = nn", "self.n = 0\n        self.fc = nn").replace(
        "        return torch.relu", "        self.n += 1\n        return torch.relu"
    )
    (verdict,) = run(counted, counted, ["torch.export"], unit="get_net")
    assert verdict.equivalent is False


def test_attributes_that_the_compiler_types_otherwise(run: Run) -> None:
    text = """
import numpy as np
from torch import nn


class Conv(nn.Conv2d):
    def __init__(self):
        super().__init__(3, 4, 3, padding=1)
        self.scale = np.sqrt(2.0) / 3

    def forward(self, x):
        return self._conv_forward(x * self.scale, self.weight, self.bias)
"""
    (verdict,) = run(text, text, ["torch.script"], unit="Conv")  # a float, and a list where Conv2d has a tuple
    assert verdict.equivalent is True, verdict.reason
    other = text.replace("np.sqrt(2.0) / 3", "float(np.sqrt(2.0) / 3)")
    (verdict,) = run(text, other, unit="Conv")
    assert verdict.equivalent is False and verdict.reason.startswith("attributes"), verdict.reason


def test_a_keras_model_whose_call_has_another_flag(run: Run) -> None:
    text = """
import tensorflow as tf


class Net(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.fc = tf.keras.layers.Dense(3)

    def __call__(self, x, is_training=False):
        return self.fc(x) if is_training else tf.nn.softmax(self.fc(x))
"""
    (verdict,) = run(text, text, unit="Net", inputs=[[2, 4]])
    assert verdict.equivalent is True, verdict.reason


SCOPED = """
from mxnet.gluon import nn


def get_net():
    net = nn.Sequential()
    with net.name_scope():
        net.add(nn.Dense(16, activation="relu"))
        net.add(nn.Dense(4))
    return net
"""


def test_full_names_of_parameters(run: Run) -> None:
    hybrid = SCOPED.replace("nn.Sequential", "nn.HybridSequential")
    (verdict,) = run(SCOPED, hybrid, ["mxnet.hybrid"], unit="get_net")
    assert verdict.equivalent is True, verdict.reason
    said = "sequential#_dense#_weight is hybridsequential#_dense#_weight now"
    assert any(said in line for line in reservations([verdict]))
    (verdict,) = run(SCOPED, hybrid.replace("nn.Dense(4)", "nn.Dense(4, prefix='out_')"), unit="get_net")
    assert verdict.equivalent is False and "1.weight was called sequential#_dense#_weight" in verdict.reason


def test_export_is_read_back(run: Run) -> None:
    (verdict,) = run(DECLARED, DECLARED, ["torch.script"], unit="Block", export=True)
    assert verdict.export is not None and verdict.export["ok"] is True and verdict.export["bytes"] > 0
    assert verdict.export["files"] == ["model.pt"]


def test_mxnet_hybridized_and_a_block_that_is_none(run: Run) -> None:
    from .planted import changed
    from .planted_mxnet import BASE, HYBRID

    after = changed(BASE, HYBRID)
    (verdict,) = run(BASE, after, ["mxnet.hybrid"], unit="Model", export=True)
    assert verdict.equivalent is True and verdict.export is not None and verdict.export["ok"], verdict
    (verdict,) = run(BASE, BASE, ["mxnet.hybrid"], unit="Model")
    assert verdict.equivalent is False and "still a Block" in verdict.reason


LATE = {
    "mxnet.hybrid": """from mxnet import nd
from mxnet.gluon import nn


class Inner(nn.HybridBlock):
    def __init__(self, channels=6):
        super().__init__()
        self.conv = nn.Conv2D(channels, kernel_size=1)

    def hybrid_forward(self, F, x):
        return self.conv(x) + x


class Outer(nn.HybridBlock):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv2D(6, kernel_size=1)
        self.inner = Inner()

    def hybrid_forward(self, F, x):
        return self.inner(self.first(x))


def example_inputs():
    return nd.ones((2, 3, 4, 4))
""",
    "tf.function": """import tensorflow as tf


class Inner(tf.keras.layers.Layer):
    def __init__(self, channels=6):
        super().__init__()
        self.conv = tf.keras.layers.Conv2D(channels, 1)

    def call(self, x):
        return self.conv(x)[..., :6] * tf.ensure_shape(x, [None, 4, 4, 6])


class Outer(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.first = tf.keras.layers.Conv2D(6, 1)
        self.inner = Inner()

    def call(self, x):
        return self.inner(self.first(x))


def example_inputs():
    return tf.ones((2, 4, 4, 3))
""",
}


@pytest.mark.parametrize("target", LATE)
def test_what_was_built_for_inputs_of_another_unit_is_made_anew(target: str, tmp_path: Path) -> None:
    """A layer that takes its sizes from its first inputs keeps them also where the rest of that call fails."""
    path, text = tmp_path / "net.py", LATE[target]
    path.write_text(text)
    shape = [2, 6, 4, 4] if target == "mxnet.hybrid" else [2, 4, 4, 6]
    inputs = {"args": [{"shape": shape, "dtype": "float32", "kind": "tensor"}], "kwargs": {}}
    known = {"version": 1, "files": {"net.py": {"Inner": {"init": None, "inputs": [inputs]}}}}
    (tmp_path / ".transpile-hybrid-recorded.json").write_text(json.dumps(known))
    options = VerifyOptions(python=sys.executable, speed=False, timeout=120.0, unit="Inner")
    (verdict,) = verify_files(path, path, targets=[target], options=options)
    assert verdict.equivalent is True and verdict.inputs == "recorded", verdict
    assert "does not fit" in verdict.checks["inputs"]


def test_why_no_guess_runs_is_told_in_the_words_that_say_it() -> None:
    keras = ValueError(
        "Exception encountered when calling Net.call().\n\n\x1b[1mno such axis\x1b[0m\n\nArguments received"
    )
    mxnet = RuntimeError("Traceback (most recent call last):\n  File 'a.cc', line 2\nMXNetError: Check failed: 1 == 2")
    assert describe(keras) == one_line(keras) == "ValueError: no such axis"
    assert describe(mxnet) == "RuntimeError: MXNetError: Check failed: 1 == 2"


GUESSED = """import torch
from torch import nn


class Configured(nn.Module):
    def __init__(self, config, fn):
        super().__init__()
        self.fc = nn.Linear(config.hidden_size, config["num_classes"])
        self.fn = fn

    def forward(self, x):
        return self.fn(self.fc(x))


class Loss(nn.Module):
    def forward(self, logits, target):
        return nn.functional.cross_entropy(logits, target) * len(target)


class Made(nn.Module):
    def __init__(self, make, size):
        super().__init__()
        self.part = make(size[0], size[1])

    def forward(self, x):
        b, c, h, w = x.shape
        return self.part(x) * h


class Scores(nn.Module):
    def __init__(self, dim, hidden_act):
        super().__init__()
        self.key = nn.Linear(dim, 4)
        self.act = getattr(nn.functional, hidden_act)

    def forward(self, items, query):
        b, n, d = items.shape
        b, d = query.shape
        return torch.bmm(self.act(self.key(items)), self.key(query)[:, :, None])


class Warped(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(6, 2)

    def forward(self, x, step):
        return self.fc(x) * 2 if step > 0 else self.fc(x)


class Conditioned(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3 + 5, 2, 1)

    def forward(self, image, label):
        label = label.view(label.size(0), label.size(1), 1, 1).repeat([1, 1, image.size(2), image.size(3)])
        return self.conv(torch.cat([image, label], dim=1))


class Table(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(3))

    def forward(self):
        return self.weight * 2
"""


def test_objects_layers_and_labels_are_guessed(run: Run) -> None:
    found = {v.unit: v for v in run(GUESSED, GUESSED)}
    assert list(found) == ["Configured", "Loss", "Made", "Scores", "Warped", "Conditioned", "Table"]
    assert all(v.equivalent for v in found.values()), found
    assert {v.inputs for v in found.values()} == {"inferred"}
    (verdict,) = run(GUESSED, GUESSED.replace("self.fn(self.fc(x))", "self.fc(x) * 2"), unit="Configured")
    assert verdict.equivalent is False and "output differs" in verdict.reason


CONVOLUTIONS = """import mxnet as mx
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Net(nn.HybridBlock):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2D(6, 5, padding=2, activation="relu")
        self.conv2 = nn.Conv2D(16, 5, activation="relu")
        self.out = nn.Dense(10)

    def hybrid_forward(self, F, x):
        return self.out(self.conv2(self.conv1(x)))


def example_inputs(seed=0, shape=(1, 1, 28, 28)):
    mx.random.seed(seed)
    return (np.random.normal(size=shape),)
"""


def test_mxnet_convolutions_take_the_original_weights(run: Run) -> None:
    """oneDNN keeps their weights in an order of its own, into which no host memory can be written."""
    (verdict,) = run(CONVOLUTIONS, CONVOLUTIONS, ["mxnet.hybrid"])
    assert verdict.equivalent is True
    (verdict,) = run(CONVOLUTIONS, CONVOLUTIONS.replace("self.conv1(x)", "self.conv1(x) * 1.01"), ["mxnet.hybrid"])
    assert verdict.equivalent is False


def test_mxnet_convolutions_are_timed(run: Run) -> None:
    """Both sides in one process take the weights too.  The budget is ample: a busy machine needs more of it."""
    text = (Path(__file__).parents[2] / "benchmarks" / "models" / "mxnet" / "text_cnn.py").read_text()
    (verdict,) = run(text, text, speed=True, budget=20.0)
    assert verdict.equivalent is True
    assert verdict.speed is not None and verdict.speed.ratio is not None, verdict.speed


def test_lines_are_counted_as_python_counts_them(run: Run) -> None:
    scripted = (
        "import torch\n\n\ndef first(*many):\n    return many\n\f\n\n@torch.jit.script\ndef double(x: torch.Tensor):\n"
        "    return x * 2\n\n\nclass Net(torch.nn.Module):\n    def forward(self, x):\n        return double(x)\n"
    )
    (verdict,) = run(scripted, scripted + "\n", unit="Net", inputs=[[2, 3]])
    assert verdict.equivalent is True, verdict.reason
