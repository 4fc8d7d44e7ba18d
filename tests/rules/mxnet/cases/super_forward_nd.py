EXPECT = "convert"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Base(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.fc = nn.Dense(6)

    def forward(self, x):
        return nd.tanh(self.fc(x))


class Net(Base):
    def forward(self, x):
        return super().forward(x) * 2


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),)


def other():
    return (nd.array(onp.random.randn(*(5, 3, 4)), dtype="float32"),)
