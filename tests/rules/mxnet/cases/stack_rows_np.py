EXPECT = "flag"
REASON = "stack goes over the rows"

import numpy as onp
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Net(nn.Block):
    def forward(self, x):
        return np.stack(x)


def make():
    return Net()


def inputs():
    return (np.array(onp.random.uniform(size=(2, 3)).astype('float32')),)


def other():
    return (np.array(onp.random.uniform(size=(5, 3)).astype('float32')),)
