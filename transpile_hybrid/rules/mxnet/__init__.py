"""Rules for mxnet."""
