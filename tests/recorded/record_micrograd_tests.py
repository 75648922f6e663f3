"""Record what PyTorch computes for the two expressions of micrograd's own tests.

The expressions are those of https://github.com/karpathy/micrograd/blob/master/test/test_engine.py.
Run with PyTorch 2.13.0 installed:

    python tests/recorded/record_micrograd_tests.py > tests/recorded/micrograd_tests.json
"""

import json

import torch


def sanity():
    x = torch.tensor([-4.0], dtype=torch.float64, requires_grad=True)
    z = 2 * x + 2 + x
    q = z.relu() + z * x
    h = (z * z).relu()
    y = h + q + q * x
    y.backward()
    return {"y": y.item(), "dy/dx": x.grad.item()}


def more_operations():
    a = torch.tensor([-4.0], dtype=torch.float64, requires_grad=True)
    b = torch.tensor([2.0], dtype=torch.float64, requires_grad=True)
    c = a + b
    d = a * b + b**3
    c = c + c + 1
    c = c + 1 + c + (-a)
    d = d + d * 2 + (b + a).relu()
    d = d + 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g = g + 10.0 / f
    g.backward()
    return {"g": g.item(), "dg/da": a.grad.item(), "dg/db": b.grad.item()}


if __name__ == "__main__":
    print(json.dumps({"torch": torch.__version__, "sanity": sanity(), "more operations": more_operations()}, indent=1))
