EXPECT = "convert"

import numpy as onp
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Net(nn.Block):
    def forward(self, x, y):
        return np.broadcast_to(y, x.shape), x * 2


def make():
    return Net()


def inputs():
    return (np.array(onp.random.uniform(size=(2, 3, 4)).astype('float32')), np.array(onp.random.randint(0, 5, size=(4,)), dtype='int32'),)


def other():
    return (np.array(onp.random.uniform(size=(5, 3, 4)).astype('float32')), np.array(onp.random.randint(0, 5, size=(4,)), dtype='int32'),)
