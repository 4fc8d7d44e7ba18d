EXPECT = "convert"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def forward(self, inputs):
        return inputs[0] + inputs[1]


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(*(2, 3)), dtype="float32"),)


def other():
    return (nd.array(onp.random.randn(*(4, 3)), dtype="float32"),)
