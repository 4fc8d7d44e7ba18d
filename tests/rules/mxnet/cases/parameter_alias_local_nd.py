EXPECT = "convert"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.weight = self.params.get("weight", shape=(4, 3))

    def forward(self, x):
        w = self.weight.data()
        return nd.dot(x, w) + nd.dot(x, w) * 2


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(*(2, 4)), dtype="float32"),)


def other():
    return (nd.array(onp.random.randn(*(3, 4)), dtype="float32"),)
