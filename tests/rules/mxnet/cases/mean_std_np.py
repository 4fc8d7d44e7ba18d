EXPECT = "convert"

import numpy as onp
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Net(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.mean = np.array([0.5, 0.4, 0.3]).reshape(1, 3, 1, 1)
        self.std = np.array([0.2, 0.2, 0.1]).reshape(1, 3, 1, 1)
        self.conv = nn.Conv2D(4, 3)

    def forward(self, x):
        return self.conv((x - self.mean) / self.std)


def make():
    return Net()


def inputs():
    return (np.array(onp.random.randn(*(2, 3, 5, 5)), dtype="float32"),)


def other():
    return (np.array(onp.random.randn(*(3, 3, 5, 5)), dtype="float32"),)
