EXPECT = "convert"

import numpy as onp
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Net(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.conv = nn.Conv2D(4, 3, padding=1)

    def forward(self, x):
        y = self.conv(x)
        return y[..., 0] + y[..., -1], y[..., 1:]


def make():
    return Net()


def inputs():
    return (np.array(onp.random.randn(*(2, 3, 5, 5)), dtype="float32"),)


def other():
    return (np.array(onp.random.randn(*(3, 3, 5, 5)), dtype="float32"),)
