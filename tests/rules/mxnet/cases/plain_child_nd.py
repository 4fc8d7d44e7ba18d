EXPECT = "flag"
REASON = "a child reads values on the host"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Rank(nn.Block):
    def forward(self, x):
        return nd.array(x.asnumpy().argsort(axis=-1))


class Net(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.fc = nn.Dense(4)
        self.rank = Rank()

    def forward(self, x):
        return self.rank(self.fc(x))


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),)


def other():
    return (nd.array(onp.random.randn(*(5, 3, 4)), dtype="float32"),)
