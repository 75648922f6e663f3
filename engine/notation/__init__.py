"""How nodes, numbers and derivatives are named and written, and typed text is read."""
