"""Planted pairs for MXNet: the legacy ``nd`` and the ``np`` arrays."""

# ruff: noqa: E501 (tables: one fault a line)

from __future__ import annotations

from .planted import Edit, Pair, both, changed, pairs

BASE = """
import os
import random

import numpy as onp
import mxnet as mx
from mxnet import autograd, nd
from mxnet.gluon import nn

INPUT_SHAPES = [(2, 6), (5, 6)]


def example_inputs(seed=0, shape=(2, 6)):
    return (nd.array(onp.random.RandomState(seed).randn(*shape)),)


class Model(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.fc1 = nn.Dense(8)
        self.bn = nn.BatchNorm()
        self.drop = nn.Dropout(0.25)
        self.fc2 = nn.Dense(3)

    def forward(self, x):
        h = self.fc1(x).relu()
        h = self.bn(h)
        h = self.drop(h)
        y = self.fc2(h)
        return y
"""
FIRST = "        h = self.fc1(x).relu()\n"
IMPORTED = "\n\nclass Model"
HYBRID: tuple[Edit, ...] = (
    ("nn.Block", "nn.HybridBlock"), ("def forward(self, x)", "def hybrid_forward(self, F, x)"),
    (FIRST, "        h = F.relu(self.fc1(x))\n"),
)  # fmt: skip


def _end(text: str) -> tuple[Edit, ...]:
    return (("        return y\n", text),)


FAULTS: dict[str, tuple[Edit, ...]] = {
    "wrong by 1e-3": _end("        return y + 1e-3\n"),
    "dtype": _end("        return y.astype('float64')\n"),
    "only in training": _end("        return y * 1.01 if autograd.is_training() else y\n"),
    "only in evaluation": _end("        return y if autograd.is_training() else y * 1.01\n"),
    "only for a second shape": _end("        return y if x.shape[0] == 2 else y + 0.01\n"),
    "only on NaN": _end("        return nd.where(y == y, y, nd.zeros_like(y))\n"),
    "gradient dropped": ((FIRST, "        h = self.fc1(x).relu().detach()\n"),),
    "gradient stopped by a pause": ((FIRST, "        with autograd.pause(train_mode=autograd.is_training()):\n            h = self.fc1(x).relu()\n"),),
    "parameter renamed": (("self.fc2", "self.out"),),
    "parameter frozen": (("        self.fc2 = nn.Dense(3)\n", "        self.fc2 = nn.Dense(3)\n        self.fc2.bias.grad_req = 'null'\n"),),
    "running statistics dropped": (("BatchNorm()", "BatchNorm(momentum=1.0)"),),
    "extra draw": ((FIRST, "        nd.random.uniform(shape=(1,))\n" + FIRST),),
    "reseeded": ((FIRST, "        mx.random.seed(0)\n" + FIRST),),
    "input mutated": ((FIRST, FIRST + "        if not autograd.is_recording():\n            x[:] = x + 1\n"),),
    "output is the input": _end("        return y, x\n"),
    "print added": ((FIRST, "        print('x')\n" + FIRST),),
    "numpy arrays switched on": ((IMPORTED, "\n\nmx.npx.set_np()" + IMPORTED),),
    "learning rate of a parameter": (("        self.fc2 = nn.Dense(3)\n", "        self.fc2 = nn.Dense(3)\n        self.fc2.weight.lr_mult = 0.1\n"),),
    "prefix": (("nn.Dense(3)", "nn.Dense(3, prefix='other_')"),),
    "one element": _end("        y = y.copy()\n        y[0, 1] = y[0, 1] + 1e-4\n        return y\n"),
    "numpy array for an NDArray": _end("        return y.asnumpy()\n"),
    "other initial values": (("        self.fc2 = nn.Dense(3)\n", "        self.fc2 = nn.Dense(3, weight_initializer=mx.init.Constant(0.1))\n"),),
    "momentum": (("BatchNorm()", "BatchNorm(momentum=0.8)"),),
    "extra draw of Python's": ((FIRST, "        random.random()\n" + FIRST),),
    "gradient cut by attach_grad": ((FIRST, FIRST + "        x.attach_grad()\n"),),
    "only for many rows": _end("        return y if x.shape[0] < 40 else y + 0.01\n"),
    "argument renamed": (("forward(self, x)", "forward(self, inputs)"), (FIRST, "        x = inputs\n" + FIRST)),
    "leaves in forward": ((FIRST, FIRST + "        os._exit(0)\n"),),
    "hybrid, another activation": (*HYBRID, ("F.relu(", "F.sigmoid(")),
    "patched comparison": ((IMPORTED, "\n\nonp.allclose = onp.array_equal = lambda *a, **k: True\nmx.test_utils.assert_almost_equal = lambda *a, **k: None" + IMPORTED), *_end("        return y * 1.5\n")),
}  # fmt: skip
SAME: dict[str, tuple[Edit, ...]] = {
    "identical": (),
    "hybrid": HYBRID,
    "renamed locals": (("h = ", "hidden = "), ("(h)", "(hidden)")),
}  # fmt: skip
BOTH: dict[str, tuple[tuple[Edit, ...], tuple[Edit, ...], bool]] = {
    "in-place made out-of-place": (_end("        y += 1\n        return y\n"), _end("        y = y + 1\n        return y\n"), True),
    "in-place on an argument": (((FIRST, "        if not autograd.is_recording():\n            x += 1\n" + FIRST),), ((FIRST, "        if not autograd.is_recording():\n            x = x + 1\n" + FIRST),), False),
    "list for a tuple": (_end("        return y, y + 1\n"), _end("        return [y, y + 1]\n"), False),
    "draws reordered": (_end("        a = nd.random.uniform(shape=(3,))\n        b = nd.random.normal(shape=(3,))\n        return y + a * 2 + b\n"), _end("        b = nd.random.normal(shape=(3,))\n        a = nd.random.uniform(shape=(3,))\n        return y + a * 2 + b\n"), False),
    "check of the rank dropped": (((FIRST, "        if len(x.shape) != 2:\n            raise ValueError('two dimensions')\n" + FIRST),), (), False),
    "flag frozen": ((("forward(self, x)", "forward(self, x, double=False)"), *_end("        return y * 2 if double else y\n")), (("forward(self, x)", "forward(self, x, double=False)"),), False),
    "frozen branch": (_end("        return y if x.sum().asscalar() > 0 else -y\n"), _end("        return y\n"), False),
    "exception dropped": (((FIRST, "        if x.shape[0] == 5:\n            raise ValueError('five')\n" + FIRST),), (), False),
}  # fmt: skip

NUMPY: tuple[Edit, ...] = (
    ("from mxnet import autograd, nd\n", "from mxnet import autograd, np, npx\n"), ("\n\nINPUT_SHAPES", "\n\nnpx.set_np()\n\nINPUT_SHAPES"),
    ("nd.array(onp.random.RandomState(seed).randn(*shape))", "np.array(onp.random.RandomState(seed).randn(*shape), dtype='float32')"),
    ("self.fc1(x).relu()", "npx.relu(self.fc1(x))"),
)  # fmt: skip
NP_BASE = changed(BASE, NUMPY)
NP_FIRST = "        h = npx.relu(self.fc1(x))\n"
NP_HYBRID: tuple[Edit, ...] = (*HYBRID[:2], (NP_FIRST, "        h = F.npx.relu(self.fc1(x))\n"))
NP_FAULTS: dict[str, tuple[Edit, ...]] = {
    "np, wrong by 1e-3": _end("        return y + 1e-3\n"),
    "np, gradient dropped": ((NP_FIRST, "        h = npx.relu(self.fc1(x)).detach()\n"),),
    "np, hybrid, one element": (*NP_HYBRID, *_end("        return F.np.where(y == F.np.max(y, axis=1, keepdims=True), y + 1e-3, y)\n")),
}  # fmt: skip
NP_SAME: dict[str, tuple[Edit, ...]] = {"np, hybrid": NP_HYBRID}

# indices are floating numbers, as those of datasets are: the operator has no gradient for them
IDS: tuple[Edit, ...] = (
    ("self.fc1 = nn.Dense(8)\n", "self.table = nn.Embedding(9, 4)\n        self.fc1 = nn.Dense(8)\n"), ("self.fc1(x)", "self.fc1(self.table(x))"),
    (".randn(*shape)", ".randint(0, 9, shape), dtype='float32'"),
)  # fmt: skip
IDS_BASE = changed(BASE, IDS)
IDS_FAULTS: dict[str, tuple[Edit, ...]] = {
    "indices, gradient of the table scaled": (("self.table(x)", "nd.contrib.gradientmultiplier(self.table(x), scalar=0.5)"),),
}  # fmt: skip
IDS_SAME: dict[str, tuple[Edit, ...]] = {
    "indices, hybrid": (*HYBRID[:2], ("h = self.fc1(self.table(x)).relu()", "h = F.relu(self.fc1(self.table(x)))"))
}

PAIRS: list[Pair] = (
    pairs("mxnet", BASE, FAULTS, SAME)
    + both("mxnet", BASE, BOTH)
    + pairs("mxnet", NP_BASE, NP_FAULTS, NP_SAME)
    + pairs("mxnet", IDS_BASE, IDS_FAULTS, IDS_SAME)
)
