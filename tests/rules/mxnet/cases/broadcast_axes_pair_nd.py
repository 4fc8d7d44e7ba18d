EXPECT = "convert"
import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def forward(self, x, y):
        b, c, h, w = x.shape
        z = y.reshape((-1, 1, 1))
        return x.sum(axis=0) + z.broadcast_axes(axis=(1, 2), size=(h, x.shape[3]))


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(2,3,5,6), dtype='float32'), nd.array(onp.random.randn(3), dtype='float32'),)


def other():
    return (nd.array(onp.random.randn(3,3,5,6), dtype='float32'), nd.array(onp.random.randn(3), dtype='float32'),)
