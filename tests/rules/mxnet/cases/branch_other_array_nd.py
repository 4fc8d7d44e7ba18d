EXPECT = "flag"
REASON = "the gradient of an array that only one side uses would be nought times infinity"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Gate(nn.Block):
    def forward(self, x):
        h = nd.tanh(x)
        g = nd.log(x)
        if h.sum() > 0:
            return h * 2
        return g * 3


def make():
    return Gate()


def inputs():
    return (nd.array(onp.abs(onp.random.randn(2, 3))),)
