EXPECT = "convert"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class LSTMCell(nn.Block):
    def __init__(self, hidden, **kwargs):
        super().__init__(**kwargs)
        self.hidden = hidden
        self.i2h = nn.Dense(4 * hidden)
        self.h2h = nn.Dense(4 * hidden)

    def forward(self, x, h, c):
        gates = self.i2h(x) + self.h2h(h)
        i, f, g, o = nd.split(gates, num_outputs=4, axis=1)
        c = nd.sigmoid(f) * c + nd.sigmoid(i) * nd.tanh(g)
        h = nd.sigmoid(o) * nd.tanh(c)
        return h, c


def make():
    return LSTMCell(5)


def inputs():
    return (
        nd.array(onp.random.randn(*(2, 3)), dtype="float32"),
        nd.array(onp.random.randn(*(2, 5)), dtype="float32"),
        nd.array(onp.random.randn(*(2, 5)), dtype="float32"),
    )


def other():
    return (
        nd.array(onp.random.randn(*(4, 3)), dtype="float32"),
        nd.array(onp.random.randn(*(4, 5)), dtype="float32"),
        nd.array(onp.random.randn(*(4, 5)), dtype="float32"),
    )
