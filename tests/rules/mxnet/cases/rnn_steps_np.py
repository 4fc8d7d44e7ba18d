EXPECT = "convert"

import numpy as onp
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Net(nn.Block):
    def __init__(self, steps, **kwargs):
        super().__init__(**kwargs)
        self.steps = steps
        self.i2h = nn.Dense(5)
        self.h2h = nn.Dense(5)

    def forward(self, x, h):
        out = []
        for t in range(self.steps):
            h = np.tanh(self.i2h(x[:, t]) + self.h2h(h))
            out.append(h)
        return np.stack(out, axis=1), h


def make():
    return Net(3)


def inputs():
    return (
        np.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),
        np.array(onp.random.randn(*(2, 5)), dtype="float32"),
    )


def other():
    return (
        np.array(onp.random.randn(*(6, 3, 4)), dtype="float32"),
        np.array(onp.random.randn(*(6, 5)), dtype="float32"),
    )
