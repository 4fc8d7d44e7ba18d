EXPECT = "convert"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


from typing import Optional


class Net(nn.Block):
    def forward(self, x: nd.NDArray, mask: Optional[nd.NDArray] = None) -> nd.NDArray:
        if mask is None:
            mask = nd.ones_like(x)
        return x * mask


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.uniform(size=(2, 3)).astype('float32')),)


def other():
    return (nd.array(onp.random.uniform(size=(5, 3)).astype('float32')),)
