EXPECT = "flag"
REASON = "a Symbol takes no negative number alone"

import numpy as onp
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Net(nn.Block):
    def forward(self, x):
        total = 0 * x[0]
        for i in range(2):
            total = total + x[i - 1]
        return total


def make():
    return Net()


def inputs():
    return (np.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),)


def other():
    return (np.array(onp.random.randn(*(5, 3, 4)), dtype="float32"),)
