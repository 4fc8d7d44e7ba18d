EXPECT = "flag"
REASON = "how often the loop runs is a shape"

import numpy as onp
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Net(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.cell = nn.Dense(4)

    def forward(self, x):
        h = np.zeros_like(x[:, 0])
        for t in range(x.shape[1]):
            h = np.tanh(self.cell(x[:, t]) + h)
        return h


def make():
    return Net()


def inputs():
    return (np.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),)


def other():
    return (np.array(onp.random.randn(*(5, 3, 4)), dtype="float32"),)
