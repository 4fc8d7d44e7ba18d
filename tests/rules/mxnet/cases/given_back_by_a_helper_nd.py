EXPECT = "convert"
import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def keep(self, a, b):
        return a, nd.relu(b), self.one(a)

    def one(self, a):
        return a

    def forward(self, x, y):
        x = nd.broadcast_add(x, y)
        kept, b, again = self.keep(y, x)
        return self.keep(x, y), kept, b, again


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.randn(3, 4), dtype="float32"), nd.array(onp.random.randn(3, 4), dtype="float32"))


def other():
    return (nd.array(onp.random.randn(2, 4), dtype="float32"), nd.array(onp.random.randn(2, 4), dtype="float32"))
