"""Programs as functions of arrays: for JAX, PyTorch and NumPy."""
