EXPECT = "convert"
import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def __init__(self, channels, **kwargs):
        super().__init__(**kwargs)
        self.fine = nn.Conv2D(channels, 3, padding=1)
        self.coarse = nn.Conv2D(channels, 3, strides=2)

    def forward(self, x):
        fine = self.fine(x)
        coarse = self.coarse(fine)
        up = nd.contrib.BilinearResize2D(coarse, height=fine.shape[2], width=fine.shape[3])
        return fine + up, coarse


def make():
    return Net(4)


def inputs():
    return (nd.array(onp.random.randn(2,3,7,8), dtype='float32'),)


def other():
    return (nd.array(onp.random.randn(3,3,7,8), dtype='float32'),)
