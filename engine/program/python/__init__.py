"""The Python backend: programs as Python source."""
