EXPECT = "flag"
REASON = "the axes come back in another order"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def forward(self, x):
        b, t, d = x.shape
        y = x.reshape((b * t, d)) * 2
        return y.reshape((t, b, -1))


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),)


def other():
    return (nd.array(onp.random.randn(*(5, 3, 4)), dtype="float32"),)
