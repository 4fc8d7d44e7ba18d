EXPECT = "convert"

import numpy as onp
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Gate(nn.Block):
    def __init__(self):
        super().__init__()
        self.dense = nn.Dense(4, flatten=False)
        self.factor = 3

    def forward(self, x):
        h = self.dense(x)
        if h.mean() > 0.1:
            g = h * 2.0 - 1
        else:
            g = np.tanh(h) / 2
        if h.sum() < g.sum():
            return g * self.factor
        return -g


def make():
    return Gate()


def inputs():
    return (np.array(onp.random.randn(2, 3, 4), dtype="float32"),)


def other():
    return (np.array(onp.random.randn(5, 2, 4), dtype="float32"),)
