EXPECT = "flag"
REASON = "a subclass keeps another operator in the attribute"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Base(nn.Block):
    def __init__(self):
        super().__init__()
        self.act = nd.tanh

    def forward(self, x):
        return self.act(x)


class Net(Base):

    def __init__(self):
        super().__init__()
        self.act = nd.relu


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.uniform(size=(2, 3)).astype('float32')),)


def other():
    return (nd.array(onp.random.uniform(size=(5, 3)).astype('float32')),)
