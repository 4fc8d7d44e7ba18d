EXPECT = "convert"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Two(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.fc = nn.Dense(4)

    def forward(self, x):
        h = self.fc(x)
        return nd.relu(h), nd.sigmoid(h)


class Net(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.two = Two()

    def forward(self, x):
        pair = self.two(x)
        return pair[0] * pair[1]


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),)


def other():
    return (nd.array(onp.random.randn(*(5, 3, 4)), dtype="float32"),)
