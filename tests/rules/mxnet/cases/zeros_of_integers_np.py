EXPECT = "convert"

import numpy as onp
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Net(nn.Block):
    def forward(self, x):
        return np.ones(x.shape) / 2


def make():
    return Net()


def inputs():
    return (np.array(onp.random.randint(0, 5, size=(2, 3)), dtype='int32'),)


def other():
    return (np.array(onp.random.randint(0, 5, size=(5, 3)), dtype='int32'),)
