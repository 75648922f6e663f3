"""The walk: every step of the forward and the backward pass, both ways in time."""
