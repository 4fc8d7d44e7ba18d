EXPECT = "convert"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def forward(self, x):
        outs = []

        def center(v, axis=1):
            outs.append(v * 2)
            return v - v.mean(axis=axis, keepdims=True)

        first = lambda v: v[0]  # noqa: E731
        y = center(center(x), axis=2)
        return first(y) * 2, nd.concat(*outs, dim=1)


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),)


def other():
    return (nd.array(onp.random.randn(*(5, 3, 4)), dtype="float32"),)
