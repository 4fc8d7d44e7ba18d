EXPECT = "convert"

import numpy as onp
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class Encoder(nn.Block):
    def forward(self, x):
        return np.tanh(x)


class Model(nn.Block):
    def __init__(self):
        super().__init__()
        self.encoder = Encoder()
        self.head = nn.Dense(3)

    def forward(self, x):
        return self.head(self.encoder(x))


class Classifier(nn.Block):
    def __init__(self, model):
        super().__init__()
        self.encoder = model.encoder
        self.output = nn.Dense(2)

    def forward(self, x):
        return self.output(self.encoder(x))


def make():
    return Classifier(Model())


def inputs():
    return (np.array(onp.random.randn(2, 4), dtype="float32"),)


def other():
    return (np.array(onp.random.randn(5, 4), dtype="float32"),)
