"""Computations of PyTorch and JAX, unrolled into graphs of scalars."""
