EXPECT = "flag"
REASON = "the array is written into from outside"
import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Shift(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.mean = nd.array([1.0, 2.0, 3.0])

    def forward(self, x):
        return nd.broadcast_sub(x, self.mean)


def start_at_zero(net):
    first = net.mean[0:1]
    first[:] = 0


def make():
    return Shift()


def inputs():
    return (nd.array(onp.random.randn(2,3), dtype='float32'),)


def other():
    return (nd.array(onp.random.randn(3,3), dtype='float32'),)
