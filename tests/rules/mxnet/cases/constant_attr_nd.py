EXPECT = "convert"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Norm(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.mean = nd.array([0.1, 0.2, 0.3, 0.4])
        self.fc = nn.Dense(3)

    def forward(self, x):
        return self.fc(x - self.mean)


def make():
    return Norm()


def inputs():
    return (nd.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),)


def other():
    return (nd.array(onp.random.randn(*(5, 3, 4)), dtype="float32"),)
