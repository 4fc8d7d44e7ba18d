"""A memo decorator of the file's own."""

import functools

import tensorflow as tf

EXPECT = "flag"
REASON = "a memo decorator of the file's own"
TARGETS = ["f"]


CACHE = {}


def memo(fn):
    @functools.wraps(fn)
    def inner(x):
        key = tuple(x.numpy())
        if key not in CACHE:
            CACHE[key] = fn(x)
        return CACHE[key]

    return inner


@memo
def f(x):
    return tf.nn.relu(x) * 2.0 + tf.square(x)


def state():
    return [len(CACHE)]


def make():
    return f


def inputs(n):
    return (tf.constant([1.0 + n, -2.0, 3.0 * n]),)
