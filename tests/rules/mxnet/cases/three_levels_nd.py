EXPECT = "convert"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Base(nn.Block):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.fc = nn.Dense(units)

    def forward(self, x):
        return self.post(self.fc(x))

    def post(self, h):
        return nd.relu(h)


class Net(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.a = Base(8)
        self.b = Base(4)

    def forward(self, x):
        return nd.concat(self.a(x), self.b(x), dim=1)


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),)


def other():
    return (nd.array(onp.random.randn(*(5, 3, 4)), dtype="float32"),)
