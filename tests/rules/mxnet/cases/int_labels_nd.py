EXPECT = "convert"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.embed = nn.Embedding(10, 4)
        self.out = nn.Dense(3)

    def forward(self, tokens):
        e = self.embed(tokens)
        pooled = nd.max(e, axis=1)
        return self.out(pooled), nd.one_hot(tokens, 10).sum(axis=1)


def make():
    return Net()


def inputs():
    return (nd.array([[1, 2, 3], [4, 5, 6]]),)


def other():
    return (nd.array([[1, 2, 3], [4, 5, 6], [7, 8, 9]]),)
