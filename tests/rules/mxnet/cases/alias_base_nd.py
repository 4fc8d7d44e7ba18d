EXPECT = "convert"
REASON = "the base is named by other names, which are given twice, in a class, and by the module itself"

import sys

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn

here = sys.modules[__name__]
Base = nn.Block


class First(here.Base):
    def forward(self, x):
        return nd.relu(x)


class Parts:
    Inner = nn.Block

    class Second(Inner):
        def forward(self, x):
            return nd.tanh(x)


Base = nn.Block


class Net(Base):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.first = First()
        self.second = Parts.Second()

    def forward(self, x):
        return self.first(x) + self.second(x)


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),)


def other():
    return (nd.array(onp.random.randn(*(5, 3, 4)), dtype="float32"),)
