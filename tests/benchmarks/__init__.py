"""Benchmarks against other libraries: `python -m tests.benchmarks`, or `make bench`."""
