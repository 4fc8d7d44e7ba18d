EXPECT = "flag"
REASON = "the helper changes its argument, which the caller uses"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def _add(self, h):
        h += 1
        return h

    def forward(self, x):
        a = x * 2
        b = self._add(a)
        return a * b


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),)


def other():
    return (nd.array(onp.random.randn(*(5, 3, 4)), dtype="float32"),)
