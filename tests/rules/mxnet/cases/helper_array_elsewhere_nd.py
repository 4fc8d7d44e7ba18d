EXPECT = "convert"
REASON = "others use the helper too, but what it does first shows that they hand in arrays"

import numpy as onp
from mxnet import nd
from mxnet.gluon import nn


def attend(model, states, query):
    queries = nd.broadcast_axis(query.expand_dims(0), axis=0, size=states.shape[0])
    weights = nd.softmax(model(nd.concat(states, queries, dim=2)), axis=0)
    return (weights * states).sum(axis=0) + query


class Net(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.score = nn.Dense(1, flatten=False)

    def forward(self, states, query):
        return attend(self.score, states, query)


def make():
    layer = nn.Dense(1, flatten=False)
    layer.initialize()
    assert attend(layer, nd.ones((3, 2, 4)), nd.ones((2, 4))).shape == (2, 4)
    return Net()


def inputs():
    return nd.array(onp.random.randn(3, 2, 4), dtype="float32"), nd.array(onp.random.randn(2, 4), dtype="float32")


def other():
    return nd.array(onp.random.randn(3, 5, 4), dtype="float32"), nd.array(onp.random.randn(5, 4), dtype="float32")
