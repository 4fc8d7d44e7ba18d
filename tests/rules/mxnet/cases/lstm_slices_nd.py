EXPECT = "convert"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class LSTMCell(nn.Block):
    def __init__(self, hidden, **kwargs):
        super().__init__(**kwargs)
        self._n = hidden
        self.i2h = nn.Dense(4 * hidden)

    def forward(self, x, c):
        gates = self.i2h(x)
        n = self._n
        i = nd.sigmoid(gates[:, :n])
        f = nd.sigmoid(gates[:, n : 2 * n])
        g = nd.tanh(gates[:, 2 * n : 3 * n])
        o = nd.sigmoid(gates[:, 3 * n :])
        c = f * c + i * g
        return o * nd.tanh(c), c


def make():
    return LSTMCell(5)


def inputs():
    return (
        nd.array(onp.random.randn(*(2, 3)), dtype="float32"),
        nd.array(onp.random.randn(*(2, 5)), dtype="float32"),
    )


def other():
    return (
        nd.array(onp.random.randn(*(4, 3)), dtype="float32"),
        nd.array(onp.random.randn(*(4, 5)), dtype="float32"),
    )
