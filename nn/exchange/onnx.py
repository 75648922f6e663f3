"""Exchange with ONNX: a network as a model that other runtimes compute."""

from engine import Program, Value, write_whole

from ..errors import SettingError
from ..modules import Dropout, Layer, Module
from ..saving.document import FilePath
from .network import layers_of


def to_onnx(model: Module, path: FilePath) -> None:
    """Write a network to a file in ONNX's format, which takes rows of ``inputs`` and returns ``outputs`` in float32.

    Args:
        model: an MLP, a Layer, or a Sequential of these and of Dropout, in evaluation mode if it has a Dropout.
        path: the file, such as ``"model.onnx"``.

    Raises:
        SettingError: a module has no counterpart, or a Dropout is in training mode.
        OperationError: an activation of yours cannot be translated.
        StepgradError: the package onnx is not installed.
    """
    if not isinstance(model, Module):
        raise SettingError(f"to_onnx takes a Module, not {model!r:.60}; a Program has program.save('program.onnx')")
    parts = list(layers_of(model, "to_onnx"))
    first = next((part for part in parts if isinstance(part, Layer)), None)
    if first is None or any(isinstance(part, Dropout) and part.training for part in parts):
        raise SettingError(f"to_onnx needs a layer, and no active Dropout: call model.eval() before, not {model!r}")
    x = [Value(0.0) for _ in range(first.inputs)]
    found = model(x)
    outputs = found if isinstance(found, list) else [found]
    write_whole(path, Program(outputs[0], x, model.parameters(), outputs=outputs).onnx(outputs))
