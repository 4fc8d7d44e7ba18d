EXPECT = "convert"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def __init__(self, hidden, **kwargs):
        super().__init__(**kwargs)
        self.hidden = hidden
        self.i2h = nn.Dense(hidden)
        self.h2h = nn.Dense(hidden)

    def forward(self, x):
        batch = x.shape[0]
        h = nd.zeros((batch, self.hidden), ctx=x.context)
        for t in range(3):
            h = nd.tanh(self.i2h(x[:, t, :]) + self.h2h(h))
        return h


def make():
    return Net(5)


def inputs():
    return (nd.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),)


def other():
    return (nd.array(onp.random.randn(*(5, 3, 4)), dtype="float32"),)
