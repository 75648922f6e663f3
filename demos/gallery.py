"""Make the pictures of the gallery anew: `make gallery`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import engine
import nn
from demos import backprop
from engine import Value, tanh

HERE = Path(__file__).parent / "gallery"


def expression() -> Value:
    """Return tanh(a * b + c), differentiated."""
    a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(5.0, "c")
    d = a * b + c
    d.label = "d"
    e: Value = tanh(d)
    e.label = "e"
    e.backward()
    return e


def neuron() -> Value:
    """Return a neuron's output, differentiated."""
    x = [Value(2.0, "x0"), Value(0.5, "x1")]
    out: Value = nn.Neuron(2, "tanh", "neuron", weights=[-1.0, 1.5], bias=0.8)(x)
    out.label = "out"
    out.backward()
    return out


def network() -> Value:
    """Return the loss of the 2-2-3-1 network, differentiated."""
    loss: Value = backprop.forward(backprop.Network.random(42), backprop.ACTIVATIONS["tanh"].recorded, 1.0)
    loss.backward()
    return loss


PICTURES: dict[str, Callable[[], Value]] = {"expression": expression, "neuron": neuron, "network": network}


def main(arguments: Sequence[str] = ()) -> None:
    """Write all pictures into a folder, the gallery's own by default."""
    folder = Path(arguments[0]) if arguments else HERE
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in PICTURES.items():
        print(engine.draw(make()).save(folder / f"{name}.svg"))


if __name__ == "__main__":
    main(sys.argv[1:])
