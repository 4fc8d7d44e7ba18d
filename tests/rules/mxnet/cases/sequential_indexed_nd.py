EXPECT = "convert"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def __init__(self):
        super().__init__()
        self.seq = nn.Sequential()
        for i in range(3):
            self.seq.add(nn.Dense(3))

    def forward(self, x):
        return self.seq[0](x) + self.seq[1](x) * self.seq[-1](x)


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.uniform(size=(2, 3)).astype('float32')),)


def other():
    return (nd.array(onp.random.uniform(size=(5, 3)).astype('float32')),)
