"""Backpropagation as a page to step through."""
