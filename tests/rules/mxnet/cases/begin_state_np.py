EXPECT = "convert"

import numpy as onp
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Net(nn.Block):
    def __init__(self, hidden, **kwargs):
        super().__init__(**kwargs)
        self.hidden = hidden
        self.h2h = nn.Dense(hidden)
        self.i2h = nn.Dense(hidden)

    def forward(self, x, h=None):
        if h is None:
            h = np.zeros((x.shape[0], self.hidden), ctx=x.ctx)
        return np.tanh(self.h2h(h) + self.i2h(x))


def make():
    return Net(5)


def inputs():
    return (np.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),)


def other():
    return (np.array(onp.random.randn(*(5, 3, 4)), dtype="float32"),)
