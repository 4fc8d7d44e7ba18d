EXPECT = "convert"

import numpy as onp
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


class FFN(nn.Block):
    def __init__(self, hidden, units, **kwargs):
        super().__init__(**kwargs)
        self.dense1 = nn.Dense(hidden, flatten=False, activation="relu")
        self.dense2 = nn.Dense(units, flatten=False)

    def forward(self, X):
        return self.dense2(self.dense1(X))


class AddNorm(nn.Block):
    def __init__(self, dropout, **kwargs):
        super().__init__(**kwargs)
        self.dropout = nn.Dropout(dropout)
        self.ln = nn.LayerNorm()

    def forward(self, X, Y):
        return self.ln(self.dropout(Y) + X)


class Encoder(nn.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.ffn = FFN(8, 4)
        self.addnorm = AddNorm(0.0)
        self.blks = nn.Sequential()
        for _ in range(2):
            self.blks.add(FFN(6, 4))

    def forward(self, X):
        X = self.addnorm(X, self.ffn(X))
        for blk in self.blks:
            X = blk(X)
        return X


def make():
    return Encoder()


def inputs():
    return (np.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),)


def other():
    return (np.array(onp.random.randn(*(5, 3, 4)), dtype="float32"),)
