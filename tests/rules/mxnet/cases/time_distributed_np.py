EXPECT = "convert"

import numpy as onp
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Net(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.fc = nn.Dense(5)

    def forward(self, x):
        b, t, d = x.shape
        y = self.fc(x.reshape((-1, d)))
        return y.reshape((*x.shape[:-1], -1))


def make():
    return Net()


def inputs():
    return (np.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),)


def other():
    return (np.array(onp.random.randn(*(5, 3, 4)), dtype="float32"),)
