EXPECT = "convert"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.fc = nn.Dense(5)

    def forward(self, x):
        """Each step by itself."""
        b, t, d = x.shape
        x = x.reshape((b * t, d))
        x = self.fc(x)
        return nd.relu(x).reshape((b, t, -1))


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),)


def other():
    return (nd.array(onp.random.randn(*(5, 3, 4)), dtype="float32"),)
