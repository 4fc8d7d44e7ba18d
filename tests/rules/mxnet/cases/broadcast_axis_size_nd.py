EXPECT = "convert"
import numpy as onp
from mxnet import nd
from mxnet.gluon import nn, rnn


def score_model(units):
    net = nn.Sequential()
    net.add(nn.Dense(units, activation="tanh", flatten=False), nn.Dense(1, flatten=False))
    return net


def attend(model, steps, query):
    queries = nd.broadcast_axis(query.expand_dims(0), axis=0, size=steps.shape[0])
    weights = nd.softmax(model(nd.concat(steps, queries, dim=2)), axis=0)
    return (weights * steps).sum(axis=0)


class Net(nn.Block):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.model = score_model(units)
        self.rnn = rnn.GRU(units)

    def forward(self, x, state, steps):
        context = attend(self.model, steps, state[0][-1])
        out, state = self.rnn(nd.concat(x, context, dim=1).expand_dims(0), state)
        return out, state


def make():
    return Net(4)


def inputs():
    return (nd.array(onp.random.randn(2,3), dtype='float32'), [nd.array(onp.random.randn(1,2,4), dtype='float32')], nd.array(onp.random.randn(5,2,4), dtype='float32'),)


def other():
    return (nd.array(onp.random.randn(3,3), dtype='float32'), [nd.array(onp.random.randn(1,3,4), dtype='float32')], nd.array(onp.random.randn(5,3,4), dtype='float32'),)
