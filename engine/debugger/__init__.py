"""A debugger for backpropagation that also goes back in time."""
