EXPECT = "flag"
REASON = "a subclass overrides the helper"

import numpy as onp
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Base(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.fc = nn.Dense(3)

    def post(self, h):
        return h

    def forward(self, x):
        return self.post(self.fc(x))


class Net(Base):
    def post(self, h):
        return np.tanh(h)


def make():
    return Net()


def inputs():
    return (np.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),)


def other():
    return (np.array(onp.random.randn(*(5, 3, 4)), dtype="float32"),)
