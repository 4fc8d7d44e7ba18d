EXPECT = "convert"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.fc = nn.Dense(4)

    def forward(self, x, idx):
        return self.fc(x)[idx]


def make():
    return Net()


def inputs():
    return (
        nd.array(onp.random.randn(*(4, 3)), dtype="float32"),
        nd.array([0, 2], dtype="int32"),
    )


def other():
    return (
        nd.array(onp.random.randn(*(6, 3)), dtype="float32"),
        nd.array([1, 3, 0], dtype="int32"),
    )
