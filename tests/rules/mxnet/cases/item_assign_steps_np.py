EXPECT = "convert"

import numpy as onp
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Net(nn.Block):
    def __init__(self, steps=3, **kwargs):
        super().__init__(**kwargs)
        self.steps = steps

    def forward(self, x):
        b, t, d = x.shape
        a = np.zeros_like(x)
        a[:, 0] += x[:, 0]
        for i in range(1, self.steps):
            a[:, i] = np.tanh(a[:, i - 1] + x[:, i])
        return a


def make():
    return Net()


def inputs():
    return (np.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),)


def other():
    return (np.array(onp.random.randn(*(5, 3, 4)), dtype="float32"),)
