"""Record what JAX computes with networks of `nn.to_jax`: outputs, and gradients of the sum of their squares.

Run with JAX (its version is kept in the file), at the top of the repository:

    python -m tests.recorded.record_jax

It writes jax.json. The networks are drawn by `nn`, and everything is float64.
"""

import json
from pathlib import Path

import jax

import nn
from nn.exchange.network import COUNTERPARTS

HERE = Path(__file__).parent
INPUTS = [[0.5, -1.0, 2.0], [-0.3, 0.8, 0.1]]


def recorded(activation):
    nn.manual_seed(7)
    apply, parameters = nn.to_jax(nn.MLP(3, [4, 2], activation))
    x = jax.numpy.asarray(INPUTS)
    gradients = jax.grad(lambda p: (apply(p, x) ** 2).sum())(parameters)
    return {
        "outputs": apply(parameters, x).tolist(),
        "gradients": [[weights.tolist(), biases.tolist()] for weights, biases in gradients],
    }


def main():
    jax.config.update("jax_enable_x64", True)
    found = {name: recorded(name) for name in ["linear", *COUNTERPARTS]}
    content = {"jax": jax.__version__, "inputs": INPUTS, "networks": found}
    (HERE / "jax.json").write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main()
