EXPECT = "convert"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def __init__(self, heads=2, **kwargs):
        super().__init__(**kwargs)
        self.heads = heads

    def forward(self, x):
        b, t, d = x.shape
        y = x.reshape((*x.shape[:2], self.heads, -1)).transpose((0, 2, 1, 3))
        return y * 2, x.reshape(x.shape[:-1] + (2, 2))


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),)


def other():
    return (nd.array(onp.random.randn(*(5, 3, 4)), dtype="float32"),)
