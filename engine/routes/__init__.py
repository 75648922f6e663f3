"""Every route through the calculus to the numbers of a graph, and whether all give the same."""
