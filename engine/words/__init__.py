"""The chain rule in words and formulas: as plain text, Markdown and LaTeX."""
