EXPECT = "flag"
REASON = "a comparison of the legacy API gives numbers, which choose rows"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def forward(self, x):
        a = x * 2
        a[x > 0] = 0
        return a


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),)


def other():
    return (nd.array(onp.random.randn(*(5, 3, 4)), dtype="float32"),)
