EXPECT = "convert"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def forward(self, x):
        a = x[:, 0]
        b = x[:, 1:3]
        c = x[:, :, ::2]
        d = x[:, ::-1]
        return nd.concat(a.expand_dims(1), b, d, dim=1), c, x[..., 0], x[:, None], x[0:1]


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),)


def other():
    return (nd.array(onp.random.randn(*(5, 3, 4)), dtype="float32"),)
