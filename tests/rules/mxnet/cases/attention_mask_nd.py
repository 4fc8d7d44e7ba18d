EXPECT = "convert"

import math

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Attention(nn.Block):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.q = nn.Dense(units, flatten=False)
        self.k = nn.Dense(units, flatten=False)
        self.v = nn.Dense(units, flatten=False)

    def forward(self, x, mask=None):
        q, k, v = self.q(x), self.k(x), self.v(x)
        scores = nd.batch_dot(q, k, transpose_b=True) / math.sqrt(self.units)
        if mask is not None:
            scores = nd.where(mask, scores, nd.ones_like(scores) * -1e9)
        return nd.batch_dot(nd.softmax(scores, axis=-1), v)


def make():
    return Attention(5)


def inputs():
    return (
        nd.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),
        nd.ones((2, 3, 3)),
    )


def other():
    return (
        nd.array(onp.random.randn(*(3, 3, 4)), dtype="float32"),
        nd.ones((3, 3, 3)),
    )
