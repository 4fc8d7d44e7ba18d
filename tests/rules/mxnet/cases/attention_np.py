EXPECT = "convert"

import math

import numpy as onp
from mxnet import np, npx
from mxnet.gluon import nn

npx.set_np()


def transpose_qkv(X, num_heads):
    X = X.reshape(X.shape[0], X.shape[1], num_heads, -1)
    X = X.transpose(0, 2, 1, 3)
    return X.reshape(-1, X.shape[2], X.shape[3])


def transpose_output(X, num_heads):
    X = X.reshape(-1, num_heads, X.shape[1], X.shape[2])
    X = X.transpose(0, 2, 1, 3)
    return X.reshape(X.shape[0], X.shape[1], -1)


class DotProductAttention(nn.Block):
    def __init__(self, dropout, **kwargs):
        super().__init__(**kwargs)
        self.dropout = nn.Dropout(dropout)

    def forward(self, queries, keys, values):
        d = queries.shape[-1]
        scores = npx.batch_dot(queries, keys, transpose_b=True) / math.sqrt(d)
        return npx.batch_dot(self.dropout(npx.softmax(scores)), values)


class MultiHead(nn.Block):
    def __init__(self, num_hiddens, num_heads, dropout, **kwargs):
        super().__init__(**kwargs)
        self.num_heads = num_heads
        self.attention = DotProductAttention(dropout)
        self.W_q = nn.Dense(num_hiddens, use_bias=False, flatten=False)
        self.W_k = nn.Dense(num_hiddens, use_bias=False, flatten=False)
        self.W_v = nn.Dense(num_hiddens, use_bias=False, flatten=False)
        self.W_o = nn.Dense(num_hiddens, use_bias=False, flatten=False)

    def forward(self, queries, keys, values):
        queries = transpose_qkv(self.W_q(queries), self.num_heads)
        keys = transpose_qkv(self.W_k(keys), self.num_heads)
        values = transpose_qkv(self.W_v(values), self.num_heads)
        output = self.attention(queries, keys, values)
        return self.W_o(transpose_output(output, self.num_heads))


def make():
    return MultiHead(8, 2, 0.0)


def inputs():
    return (
        np.array(onp.random.randn(*(2, 3, 4)), dtype="float32"),
        np.array(onp.random.randn(*(2, 5, 4)), dtype="float32"),
        np.array(onp.random.randn(*(2, 5, 4)), dtype="float32"),
    )


def other():
    return (
        np.array(onp.random.randn(*(3, 3, 4)), dtype="float32"),
        np.array(onp.random.randn(*(3, 5, 4)), dtype="float32"),
        np.array(onp.random.randn(*(3, 5, 4)), dtype="float32"),
    )
