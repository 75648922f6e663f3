"""Models and trainings in files: JSON that people can read, written whole or not at all, and never executed."""

from .saving import load, load_checkpoint, load_into, save, save_checkpoint

__all__ = ["load", "load_checkpoint", "load_into", "save", "save_checkpoint"]
