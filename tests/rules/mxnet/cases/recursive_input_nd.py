EXPECT = "convert"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def _double(self, data):
        if isinstance(data, (list, tuple)):
            return [self._double(d) for d in data]
        return nd.relu(data) * 2

    def forward(self, x):
        return self._double(x)


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),)


def other():
    return (nd.array(onp.random.randn(*(5, 3, 4)), dtype="float32"),)
