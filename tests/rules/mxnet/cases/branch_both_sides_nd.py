EXPECT = "convert"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


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
            g = nd.tanh(h) / 2
        return g * self.factor if h.sum() < g.sum() else -g


def make():
    return Gate()


def inputs():
    return (nd.array(onp.random.randn(2, 3, 4)),)


def other():
    return (nd.array(onp.random.randn(5, 2, 4)),)
