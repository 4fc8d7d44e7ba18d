EXPECT = "convert"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.fc = nn.Dense(4)
        self.bn = nn.BatchNorm()

    def forward(self, x):
        return self.bn(self.fc(x)) * 2


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(*(4, 3)), dtype="float32"),)


def other():
    return (nd.array(onp.random.randn(*(6, 3)), dtype="float32"),)
