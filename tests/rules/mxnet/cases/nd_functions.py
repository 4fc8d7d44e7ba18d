EXPECT = "convert"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def forward(self, x, y):
        z = nd.concatenate([nd.add(x, y), nd.multiply(x, 2)], axis=1)
        return nd.maximum(z, nd.subtract(z, 1)), nd.greater(x, y)


def make():
    return Net()


def inputs():
    return (
        nd.array(onp.random.randn(*(2, 3)), dtype="float32"),
        nd.array(onp.random.randn(*(2, 3)), dtype="float32"),
    )


def other():
    return (
        nd.array(onp.random.randn(*(4, 3)), dtype="float32"),
        nd.array(onp.random.randn(*(4, 3)), dtype="float32"),
    )
