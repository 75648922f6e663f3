"""Programs: recorded graphs as straight-line code, to read, to step through and to replay."""

from .build import CompilerError
from .compiling import Compiled, compiled
from .programs import Program, Replay
from .training import Training

__all__ = ["Compiled", "CompilerError", "Program", "Replay", "Training", "compiled"]
