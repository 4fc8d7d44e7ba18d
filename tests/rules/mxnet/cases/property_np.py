EXPECT = "flag"
REASON = "a property is asked once"

import numpy as onp
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Net(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.steps = 0

    @property
    def temperature(self):
        return 1.0 + float(onp.random.rand()) * 0

    def forward(self, x):
        return x * self.temperature


def make():
    return Net()


def inputs():
    return (np.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),)


def other():
    return (np.array(onp.random.randn(*(5, 3, 4)), dtype="float32"),)
