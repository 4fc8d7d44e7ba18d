EXPECT = "convert"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Base(nn.Block):
    def __init__(self):
        super().__init__()
        self.d = nn.Dense(3)

    def forward(self, x):
        return nd.relu(self.d(x))


class Net(Base):

    def forward(self, x):
        return super().forward(x) + x


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.uniform(size=(2, 3)).astype('float32')),)


def other():
    return (nd.array(onp.random.uniform(size=(5, 3)).astype('float32')),)
