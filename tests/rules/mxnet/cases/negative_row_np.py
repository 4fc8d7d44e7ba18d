EXPECT = "convert"

import numpy as onp
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Net(nn.Block):
    def __init__(self, last=-1, **kwargs):
        super().__init__(**kwargs)
        self.last = last

    def forward(self, x):
        b, t, d = x.shape
        rows = [x[i - 1] * i for i in range(2)]
        return rows[0] + rows[1] + x[self.last], x[:, self.last]


def make():
    return Net()


def inputs():
    return (np.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),)


def other():
    return (np.array(onp.random.randn(*(5, 3, 4)), dtype="float32"),)
