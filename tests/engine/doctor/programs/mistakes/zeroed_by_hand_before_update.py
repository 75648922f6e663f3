"""The gradients are set back too early, in a function of the learner's own."""
# cause: zeroed-before-step
from engine import Value


def reset(ps):
    for p in ps:
        p.grad = 0.0


def update(ps, lr):
    for p in ps:
        p.data = p.data - lr * p.grad


def main():
    slope, offset = Value(0.1), Value(0.0)
    data = [(1.0, 3.0), (2.0, 5.0), (3.0, 7.0)]
    for _ in range(25):
        cost = sum((slope * x + offset - y) ** 2 for x, y in data) * (1 / 3)
        cost.backward()
        reset([slope, offset])  # right: update([slope, offset], 0.05)
        update([slope, offset], 0.05)  # right: reset([slope, offset])
    print(cost.data)


if __name__ == "__main__":
    main()
