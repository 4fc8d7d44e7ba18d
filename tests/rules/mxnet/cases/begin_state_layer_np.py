EXPECT = "convert"
import numpy as onp
from mxnet import np, npx
from mxnet.gluon import nn, rnn

npx.set_np()


class Net(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.embedding = nn.Embedding(10, 4)
        self.rnn = rnn.LSTM(5, 2)

    def forward(self, x, *args):
        x = self.embedding(x).swapaxes(0, 1)
        state = self.rnn.begin_state(batch_size=x.shape[1], ctx=x.ctx)
        y, state = self.rnn(x, state)
        return y, state


def make():
    return Net()


def inputs():
    return (np.array(onp.random.randint(0, 10, (3, 4)), dtype="int32"),)


def other():
    return (np.array(onp.random.randint(0, 10, (5, 4)), dtype="int32"),)
