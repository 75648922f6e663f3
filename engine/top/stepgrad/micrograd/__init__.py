"""micrograd on this engine: change ``micrograd`` to ``stepgrad.micrograd`` in the imports of a program, and it runs."""
