EXPECT = "flag"
REASON = "one of two children reads values on the host; the other converts"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Rank(nn.Block):
    def forward(self, x):
        return nd.array(x.asnumpy().argsort(axis=-1))


class Keep(nn.Block):
    def forward(self, x):
        return x * 2


class Net(nn.Block):
    def __init__(self, rank=False, **kwargs):
        super().__init__(**kwargs)
        if rank:
            self.last = Rank()
        else:
            self.last = Keep()

    def forward(self, x):
        return self.last(nd.relu(x))


def make():
    return Net(True)


def inputs():
    return (nd.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),)


def other():
    return (nd.array(onp.random.randn(*(5, 3, 4)), dtype="float32"),)
