EXPECT = "flag"
REASON = "an axis that need not be of length 1 is repeated"
import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def forward(self, x, y):
        b, t = x.shape
        return nd.tile(y.reshape((2, -1)), reps=(t, 1))


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(2,3), dtype='float32'), nd.array(onp.random.randn(4), dtype='float32'),)


def other():
    return (nd.array(onp.random.randn(3,3), dtype='float32'), nd.array(onp.random.randn(4), dtype='float32'),)
