"""A GPT of one head in micrograd's words, with Adam's numbers kept on the parameters."""

import math
import random

from micrograd.engine import Value

random.seed(42)
docs = ["ab", "abba", "baba", "aab"]
letters = sorted(set("".join(docs)))
END, size, width, context = len(letters), len(letters) + 1, 4, 5


def by_hand(x, number, name, slope):
    out = Value(number, (x,), name)

    def _backward():
        x.grad += slope * out.grad

    out._backward = _backward
    return out


def exp(x):
    return by_hand(x, math.exp(x.data), "exp", math.exp(x.data))


def log(x):
    return by_hand(x, math.log(x.data), "log", 1 / x.data)


def matrix(rows, columns):
    return [[Value(random.gauss(0, 0.3)) for _ in range(columns)] for _ in range(rows)]


state = {"wte": matrix(size, width), "wpe": matrix(context, width), "head": matrix(size, width)}
state.update({name: matrix(width, width) for name in ("q", "k", "v", "o")})
state.update(up=matrix(2 * width, width), down=matrix(width, 2 * width))
params = [p for rows in state.values() for row in rows for p in row]
for p in params:
    p.m = p.v = 0.0


def linear(x, w):
    return [sum(wi * xi for wi, xi in zip(row, x)) for row in w]


def softmax(logits):
    top = max(z.data for z in logits)
    exps = [exp(z - top) for z in logits]
    total = sum(exps)
    return [e / total for e in exps]


def norm(x):
    scale = (sum(xi * xi for xi in x) / len(x) + 1e-5) ** -0.5
    return [xi * scale for xi in x]


def step(token, place, keys, values):
    x = norm([t + p for t, p in zip(state["wte"][token], state["wpe"][place])])
    q = linear(x, state["q"])
    keys.append(linear(x, state["k"]))
    values.append(linear(x, state["v"]))
    weights = softmax([sum(qi * ki for qi, ki in zip(q, key)) / width**0.5 for key in keys])
    head = [sum(w * value[i] for w, value in zip(weights, values)) for i in range(width)]
    x = [a + b for a, b in zip(x, linear(head, state["o"]))]
    hidden = [h.relu() for h in linear(norm(x), state["up"])]
    return linear([a + b for a, b in zip(x, linear(hidden, state["down"]))], state["head"])


for number in range(3):
    tokens = [END, *map(letters.index, docs[number]), END]
    keys, values, losses = [], [], []
    for place in range(min(context, len(tokens) - 1)):
        probabilities = softmax(step(tokens[place], place, keys, values))
        losses.append(-log(probabilities[tokens[place + 1]]))
    loss = (1 / len(losses)) * sum(losses)
    loss.backward()
    for p in params:
        p.m = 0.9 * p.m + 0.1 * p.grad
        p.v = 0.95 * p.v + 0.05 * p.grad**2
        p.data -= 0.05 * (p.m / (1 - 0.9 ** (number + 1))) / ((p.v / (1 - 0.95 ** (number + 1))) ** 0.5 + 1e-8)
        p.grad = 0
    print(f"step {number} loss {loss.data:.9f}")
print(len(params), f"{sum(p.data for p in params):.9f}")
