EXPECT = "convert"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def __init__(self, units=1, other=3):
        super().__init__()
        self.s = nn.Sequential()
        for n in [units, other]:
            self.s.add(nn.Dense(n))

    def forward(self, x):
        out = []
        for l in self.s:
            out.append(l(x))
        return out[0] * out[1]


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.uniform(size=(2, 3)).astype('float32')),)


def other():
    return (nd.array(onp.random.uniform(size=(5, 3)).astype('float32')),)
