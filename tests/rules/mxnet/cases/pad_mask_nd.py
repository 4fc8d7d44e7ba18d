EXPECT = "convert"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def forward(self, x, lengths):
        steps = nd.arange(x.shape[1], ctx=x.context)
        mask = nd.broadcast_lesser(steps.reshape((1, -1)), lengths.reshape((-1, 1)))
        return x * mask.expand_dims(axis=2)


def make():
    return Net()


def inputs():
    return (
        nd.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),
        nd.array([1, 3]),
    )


def other():
    return (
        nd.array(onp.random.randn(*(3, 3, 4)), dtype="float32"),
        nd.array([1, 3, 2]),
    )
