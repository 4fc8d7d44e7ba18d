EXPECT = "convert"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


COEFFICIENTS = nd.array([1.0, 0.5, 0.25, 0.125])


class Net(nn.Block):
    def forward(self, x):
        return x * COEFFICIENTS


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),)


def other():
    return (nd.array(onp.random.randn(*(5, 3, 4)), dtype="float32"),)
