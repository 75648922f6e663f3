"""Models and trainings in files: JSON that people can read, written whole or not at all, and never executed."""
