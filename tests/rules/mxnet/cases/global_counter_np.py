EXPECT = "flag"
REASON = "a global changes"

import numpy as onp
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


CALLS = []


class Net(nn.Block):
    def forward(self, x):
        CALLS.append(1)
        return x * 2


def make():
    return Net()


def inputs():
    return (np.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),)


def other():
    return (np.array(onp.random.randn(*(5, 3, 4)), dtype="float32"),)
