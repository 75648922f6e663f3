"""Ways to look at a graph."""
