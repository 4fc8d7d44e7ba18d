EXPECT = "convert"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


def shuffle(x, groups):
    n, c, h, w = x.shape
    x = x.reshape((n, groups, c // groups, h, w))
    x = nd.swapaxes(x, 1, 2)
    return x.reshape((n, c, h, w))


class Net(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.conv = nn.Conv2D(4, 1)

    def forward(self, x):
        return shuffle(self.conv(x), 2)


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(*(2, 3, 4, 4)), dtype="float32"),)


def other():
    return (nd.array(onp.random.randn(*(3, 3, 4, 4)), dtype="float32"),)
