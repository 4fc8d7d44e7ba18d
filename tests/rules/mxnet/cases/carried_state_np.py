EXPECT = "flag"
REASON = "carried state"

import numpy as onp
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Net(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.h = None

    def forward(self, x):
        h = x if self.h is None else self.h
        self.h = h * 0.5
        return h + 1


def make():
    return Net()


def inputs():
    return (np.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),)
