EXPECT = "flag"
REASON = "what the lambda adds is a number at one call, an array at the other"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def forward(self, x):
        k = 2
        shift = lambda v: v + k  # noqa: E731
        a = shift(x)
        k = x.mean(axis=1, keepdims=True)
        return a - shift(x)


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),)


def other():
    return (nd.array(onp.random.randn(*(5, 3, 4)), dtype="float32"),)
