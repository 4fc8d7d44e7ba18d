EXPECT = "flag"
REASON = "which operator it is can't be told"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def __init__(self, act=str("tanh"), **kwargs):
        super().__init__(**kwargs)
        self.act = act

    def forward(self, x):
        return getattr(nd, self.act)(x)


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),)


def other():
    return (nd.array(onp.random.randn(*(5, 3, 4)), dtype="float32"),)
