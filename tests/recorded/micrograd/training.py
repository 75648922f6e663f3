"""micrograd's demonstration in small: a hinge loss, a penalty, and a learning rate that falls."""

import random

from micrograd.engine import Value
from micrograd.nn import MLP, Layer, Module, Neuron

random.seed(1337)
X = [[random.uniform(-1, 1), random.uniform(-1, 1)] for _ in range(8)]
y = [1 if a * b > 0 else -1 for a, b in X]
model = MLP(2, [4, 4, 1])
print(model)
print("number of parameters", len(model.parameters()))


def loss():
    inputs = [list(map(Value, row)) for row in X]
    scores = list(map(model, inputs))
    losses = [(1 + -yi * score).relu() for yi, score in zip(y, scores)]
    data_loss = sum(losses) * (1.0 / len(losses))
    alpha = 1e-4
    reg_loss = alpha * sum(p * p for p in model.parameters())
    accuracy = [(yi > 0) == (score.data > 0) for yi, score in zip(y, scores)]
    return data_loss + reg_loss, sum(accuracy) / len(accuracy)


for k in range(4):
    total_loss, acc = loss()
    model.zero_grad()
    total_loss.backward()
    learning_rate = 1.0 - 0.9 * k / 100
    for p in model.parameters():
        p.data -= learning_rate * p.grad
    print(f"step {k} loss {total_loss.data:.9f}, accuracy {acc * 100}%")

neuron, layer = Neuron(3, nonlin=False), Layer(2, 3)
print(neuron, layer, len(neuron.w), neuron.b, len(layer.neurons), [type(x).__name__ for x in (neuron, model.layers)])
neuron.w, neuron.b = [Value(1.0), Value(2.0), Value(3.0)], Value(0.5)
print(neuron([1, 2, 3]), isinstance(model, Module), len(layer([1.0, 2.0])))
