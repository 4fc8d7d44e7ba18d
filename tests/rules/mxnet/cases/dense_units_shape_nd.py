EXPECT = "convert"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def __init__(self, groups, units, **kwargs):
        super().__init__(**kwargs)
        self.groups = groups
        self.units = units
        self.fc = nn.Dense(groups * units)

    def forward(self, x):
        y = self.fc(x)
        y = y.reshape((y.shape[0], self.groups, self.units))
        z = nd.swapaxes(y, 1, 2).reshape(y.shape[0], y.shape[1] * y.shape[2])
        return z, y.max(axis=1)


def make():
    return Net(2, 3)


def inputs():
    return (nd.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),)


def other():
    return (nd.array(onp.random.randn(*(5, 3, 4)), dtype="float32"),)
