EXPECT = "convert"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.fc = nn.Dense(3)

    def forward(self, x, mask=None):
        y = self.fc(x)
        if mask is not None:
            y = y * mask
        return nd.softmax(y)


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(*(2, 4)), dtype="float32"),)


def other():
    return (nd.array(onp.random.randn(*(5, 4)), dtype="float32"),)
