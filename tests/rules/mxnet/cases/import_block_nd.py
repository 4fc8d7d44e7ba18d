EXPECT = "convert"

from mxnet.gluon import Block

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Net(Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.conv = nn.Conv2D(4, 3, padding=1)
        self.bn = nn.BatchNorm()

    def forward(self, x):
        return nd.Activation(self.bn(self.conv(x)), act_type="relu")


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(*(2, 3, 6, 6)), dtype="float32"),)


def other():
    return (nd.array(onp.random.randn(*(4, 3, 6, 6)), dtype="float32"),)
