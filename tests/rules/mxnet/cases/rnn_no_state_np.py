EXPECT = "convert"

import numpy as onp
from mxnet import np, npx
from mxnet.gluon import nn, rnn

npx.set_np()


class Net(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.embedding = nn.Embedding(20, 4)
        self.encoder = rnn.LSTM(3, num_layers=2, bidirectional=True)
        self.last = rnn.GRU(2, layout="NTC")

    def forward(self, x):
        e = self.embedding(x.T)
        y = self.encoder(e)
        z = y.swapaxes(0, 1)
        return np.concatenate((y[0], y[-1]), axis=1), self.last(z)


def make():
    return Net()


def inputs():
    return (np.array(onp.random.randint(0, 20, (3, 5)), dtype="int32"),)


def other():
    return (np.array(onp.random.randint(0, 20, (2, 5)), dtype="int32"),)
