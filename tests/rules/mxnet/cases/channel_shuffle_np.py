EXPECT = "convert"

import numpy as onp
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Net(nn.Block):
    def __init__(self, groups, **kwargs):
        super().__init__(**kwargs)
        self.groups = groups

    def forward(self, x):
        b, c, h, w = x.shape
        y = x.reshape(b, self.groups, -1, h, w).swapaxes(1, 2)
        return y.reshape(b, -1, h, w)


def make():
    return Net(2)


def inputs():
    return (np.array(onp.random.randn(*(2, 4, 3, 3)), dtype="float32"),)


def other():
    return (np.array(onp.random.randn(*(3, 4, 5, 5)), dtype="float32"),)
