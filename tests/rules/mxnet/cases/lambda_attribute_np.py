EXPECT = "convert"

import numpy as onp
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Net(nn.Block):
    def __init__(self):
        super().__init__()
        self.act = lambda x: x * npx.sigmoid(x)
        self.d = nn.Dense(3)

    def forward(self, x):
        return self.act(self.d(x))


def make():
    return Net()


def inputs():
    return (np.array(onp.random.uniform(size=(2, 3)).astype('float32')),)


def other():
    return (np.array(onp.random.uniform(size=(5, 3)).astype('float32')),)
