"""The chain rule in words and formulas: as plain text, Markdown and LaTeX."""

from .explaining import Explanation, explain
from .formulas import formula
from .markup import Document, Formula
from .trees import Tree, tree

__all__ = ["Document", "Explanation", "Formula", "Tree", "explain", "formula", "tree"]
