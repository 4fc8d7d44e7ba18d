EXPECT = "flag"
REASON = "a block that stays a Block is added to one of them"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Positive(nn.Block):
    def forward(self, x):
        return x[x > 0] if x.asnumpy().min() > 100 else x * 2


class Container(nn.Sequential):
    def forward(self, x):
        for block in self._children.values():
            x = block(x)
        return x


def make():
    net = Container()
    net.add(nn.Dense(4), Positive())
    return net


def inputs():
    return (nd.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),)


def other():
    return (nd.array(onp.random.randn(*(5, 3, 4)), dtype="float32"),)
