"""The command `stepgrad`: look at the graph of a program, or of an expression."""
