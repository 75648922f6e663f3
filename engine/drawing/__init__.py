"""Drawings of computation graphs."""
