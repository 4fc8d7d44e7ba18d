EXPECT = "flag"
REASON = "an early exit on a value"

import numpy as onp
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Net(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.a = nn.Dense(4)
        self.b = nn.Dense(4)

    def forward(self, x):
        h = self.a(x)
        return h if h.max() > 100 else self.b(h)


def make():
    return Net()


def inputs():
    return (np.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),)


def other():
    return (np.array(onp.random.randn(*(5, 3, 4)), dtype="float32"),)
