EXPECT = "flag"
REASON = "a function of the file takes no F"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


def scaled(x):
    return nd.tanh(x) * 2


class Net(nn.Block):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential()
        self.net.add(nn.Dense(4), nn.Lambda(scaled), nn.Dense(2))

    def forward(self, x):
        return self.net(x)


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.uniform(size=(2, 3)).astype('float32')),)


def other():
    return (nd.array(onp.random.uniform(size=(5, 3)).astype('float32')),)
