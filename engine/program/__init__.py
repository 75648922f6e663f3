"""Programs: recorded graphs as straight-line code, to read, to step through and to replay."""

from .programs import Program, Replay

__all__ = ["Program", "Replay"]
