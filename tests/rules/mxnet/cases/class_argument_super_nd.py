EXPECT = "flag"
import math
import numpy as onp
import mxnet as mx
from mxnet import autograd, gluon
from mxnet.gluon import nn, rnn
from mxnet import nd


def n(*s):
    return nd.array(onp.random.randn(*s), dtype="float32")


def i(h, *s):
    return nd.array(onp.random.randint(0, h, s), dtype="float32")


class Host(nn.Block):
    def forward(self, x):
        return nd.array(x.asnumpy())


class Base(nn.Block):
    def __init__(self, act=nn.SELU, **kw):
        super().__init__(**kw)
        self.act = act()

    def forward(self, x):
        return self.act(x) * 2


class Net(Base):
    def __init__(self, **kw):
        super().__init__(Host, **kw)


def make():
    return Net()


def inputs():
    return (n(2, 3),)


def other():
    return (n(4, 3),)
