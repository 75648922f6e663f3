"""Models and checkpoints in files: readable JSON, written whole or not at all, and never executed."""
