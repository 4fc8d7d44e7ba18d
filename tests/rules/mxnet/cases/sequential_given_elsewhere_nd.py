EXPECT = "flag"
REASON = "what the function puts into its Sequential is given to it, elsewhere a Block"
import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Clip(nn.Block):
    def forward(self, x):
        return nd.array(x.asnumpy().clip(0, 1))


def body(last):
    net = nn.Sequential()
    net.add(nn.Dense(4), last)
    return net


def another():
    return body(Clip())


class Net(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.body = body(nn.Dense(3))

    def forward(self, x):
        return self.body(nd.relu(x))


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(2,5), dtype='float32'),)


def other():
    return (nd.array(onp.random.randn(3,5), dtype='float32'),)
