"""A course on the chain rule that runs: lessons as text and as notebooks, and their exercises."""
