EXPECT = "convert"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


class Net(nn.Block):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Dense(2, activation='relu')
        self.fc2 = nn.Dense(4, activation='sigmoid')

    def forward(self, x):
        w = nd.contrib.AdaptiveAvgPooling2D(x, output_size=1)
        w = self.fc2(self.fc1(nd.flatten(w)))
        return x * w.reshape((x.shape[0], x.shape[1], 1, 1))


def make():
    return Net()


def inputs():
    return (nd.array(onp.random.uniform(size=(2, 4, 3, 3)).astype('float32')),)


def other():
    return (nd.array(onp.random.uniform(size=(5, 4, 3, 3)).astype('float32')),)
