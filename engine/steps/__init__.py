"""The walk: every step of the forward and the backward pass, forwards and backwards."""
