EXPECT = "convert"
import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.mean = nd.array([5.0, 6.0])

    def forward(self, x):
        return nd.relu(x), nd.array([1, 2]), self.mean


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(3, 4), dtype="float32"),)


def other():
    return (nd.array(onp.random.randn(2, 4), dtype="float32"),)
