EXPECT = "flag"
REASON = "one construction hands in a class that stays a Block"
import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Host(nn.Block):
    def forward(self, x):
        return nd.array(x.asnumpy())


class Net(nn.Block):
    def __init__(self, act_layer=nn.SELU, **kwargs):
        super().__init__(**kwargs)
        self.act = act_layer()

    def forward(self, x):
        return nd.relu(self.act(x))


def make():
    return Net(act_layer=Host)


def inputs():
    return (nd.array(onp.random.randn(3, 4), dtype="float32"),)


def other():
    return (nd.array(onp.random.randn(5, 4), dtype="float32"),)
