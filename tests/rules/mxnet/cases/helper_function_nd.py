EXPECT = "convert"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


def gate(h, power=2):
    return nd.sigmoid(h) ** power


def mix(a, b):
    return gate(a) * b


class Net(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.fc = nn.Dense(4)

    def forward(self, x):
        h = self.fc(x)
        return mix(h, gate(h, power=1))


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),)


def other():
    return (nd.array(onp.random.randn(*(5, 3, 4)), dtype="float32"),)
