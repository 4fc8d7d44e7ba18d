EXPECT = "convert"

import numpy as onp
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class LSTMCell(nn.Block):
    def __init__(self, hidden, **kwargs):
        super().__init__(**kwargs)
        self.hidden = hidden
        self.i2h = nn.Dense(4 * hidden)
        self.h2h = nn.Dense(4 * hidden)

    def forward(self, x, h, c):
        gates = self.i2h(x) + self.h2h(h)
        n = self.hidden
        i = npx.sigmoid(gates[:, :n])
        f = npx.sigmoid(gates[:, n : 2 * n])
        g = np.tanh(gates[:, 2 * n : 3 * n])
        o = npx.sigmoid(gates[:, 3 * n :])
        c = f * c + i * g
        return o * np.tanh(c), c


def make():
    return LSTMCell(5)


def inputs():
    return (
        np.array(onp.random.randn(*(2, 3)), dtype="float32"),
        np.array(onp.random.randn(*(2, 5)), dtype="float32"),
        np.array(onp.random.randn(*(2, 5)), dtype="float32"),
    )


def other():
    return (
        np.array(onp.random.randn(*(4, 3)), dtype="float32"),
        np.array(onp.random.randn(*(4, 5)), dtype="float32"),
        np.array(onp.random.randn(*(4, 5)), dtype="float32"),
    )
