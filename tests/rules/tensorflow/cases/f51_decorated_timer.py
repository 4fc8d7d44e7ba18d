"""A decorator that counts."""

import functools

import tensorflow as tf

EXPECT = "flag"
REASON = "a decorator that counts"
TARGETS = ["f"]


N = []


def counted(fn):
    @functools.wraps(fn)
    def inner(*a):
        N.append(1)
        return fn(*a)

    return inner


@counted
def f(x):
    return tf.nn.relu(x) * 2.0


def state():
    return [len(N)]


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
