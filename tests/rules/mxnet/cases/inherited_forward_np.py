EXPECT = "convert"

import numpy as onp
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Base(nn.Block):
    def __init__(self, units=4, **kwargs):
        super().__init__(**kwargs)
        self.fc = nn.Dense(units)

    def forward(self, x):
        return np.exp(-self.fc(x))


class Net(Base):
    def __init__(self, **kwargs):
        super().__init__(units=7, **kwargs)
        self.extra = nn.Dense(3, in_units=7)


def make():
    return Net()


def inputs():
    return (np.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),)


def other():
    return (np.array(onp.random.randn(*(5, 3, 4)), dtype="float32"),)
