EXPECT = "convert"

import numpy as onp
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Net(nn.Block):
    def __init__(self, norm="batch", **kwargs):
        super().__init__(**kwargs)
        self.conv = nn.Conv2D(4, 1)
        if norm == "batch":
            self.norm = nn.BatchNorm()
        else:
            self.norm = nn.LayerNorm(axis=1)

    def forward(self, x):
        y = self.norm(self.conv(x))
        y += 1
        return y


def make():
    return Net()


def inputs():
    return (np.array(onp.random.randn(*(2, 3, 4, 4)), dtype="float32"),)


def other():
    return (np.array(onp.random.randn(*(3, 3, 4, 4)), dtype="float32"),)
