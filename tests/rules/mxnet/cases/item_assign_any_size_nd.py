EXPECT = "convert"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def forward(self, x):
        b, t, d = x.shape
        a = x.reshape((b, -1)).reshape((b, t, d)) * 2
        a[:, 1] = x[:, 0]
        a[..., 0] *= 3
        a[:, :, 1:3] = -1
        return a + x


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),)


def other():
    return (nd.array(onp.random.randn(*(5, 3, 4)), dtype="float32"),)
