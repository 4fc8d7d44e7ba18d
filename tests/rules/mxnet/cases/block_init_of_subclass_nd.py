EXPECT = "flag"
REASON = "a subclass calls Block's constructor by its name, and would lack what a HybridBlock needs"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def __init__(self):
        super().__init__()
        self.fc = nn.Dense(4)

    def forward(self, x):
        return nd.tanh(self.fc(x))


class Rank(Net):
    def __init__(self):
        nn.Block.__init__(self)
        self.fc = nn.Dense(2)

    def forward(self, x):
        return nd.array(self.fc(x).asnumpy().argsort())


def make():
    return Rank()


def inputs():
    return (nd.array(onp.random.uniform(size=(2, 3)).astype("float32")),)
