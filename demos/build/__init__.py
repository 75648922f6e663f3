"""Tools that make the gallery, the reference and the notebooks."""
