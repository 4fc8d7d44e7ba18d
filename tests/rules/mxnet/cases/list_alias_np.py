EXPECT = "flag"
REASON = "the list holds the same array three times"

import numpy as onp
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Net(nn.Block):
    def forward(self, x):
        h = x * 1
        steps = []
        for i in range(3):
            h += i
            steps.append(h)
        return np.stack(steps)


def make():
    return Net()


def inputs():
    return (np.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),)


def other():
    return (np.array(onp.random.randn(*(5, 3, 4)), dtype="float32"),)
