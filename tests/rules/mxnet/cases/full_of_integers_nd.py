EXPECT = "convert"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def forward(self, x):
        return nd.full(x.shape, 0.5)


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randint(0, 5, size=(2, 3)), dtype='int32'),)


def other():
    return (nd.array(onp.random.randint(0, 5, size=(5, 3)), dtype='int32'),)
