EXPECT = "convert"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.fc = nn.Dense(4)

    def forward(self, x, *args):
        y = self.fc(x)
        for extra in args:
            y = y + self.fc(extra)
        return y


def make():
    return Net()


def inputs():
    return (
        nd.array(onp.random.randn(*(2, 3)), dtype="float32"),
        nd.array(onp.random.randn(*(2, 3)), dtype="float32"),
    )


def other():
    return (
        nd.array(onp.random.randn(*(4, 3)), dtype="float32"),
        nd.array(onp.random.randn(*(4, 3)), dtype="float32"),
    )
