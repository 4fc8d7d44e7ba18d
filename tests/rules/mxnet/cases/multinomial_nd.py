EXPECT = "convert"
import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def forward(self, x):
        mean, var = nd.moments(x, axes=(1,))
        return nd.random.multinomial(nd.softmax(x)), nd.random.multinomial(nd.softmax(x), 3), mean * 2, var


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(3, 4), dtype="float32"),)


def other():
    return (nd.array(onp.random.randn(2, 4), dtype="float32"),)
