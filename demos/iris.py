"""Iris: tell three species of flowers from four lengths, measured by E. Anderson and made famous by R. A. Fisher.

python demos/iris.py
"""

import nn


def main() -> None:
    """Train on four fifths of the flowers, and name the rest."""
    data = nn.data.iris()
    train, held_out = data.split(0.8, seed=1)
    train, held_out = train.standardised(), held_out.standardised(like=train)
    nn.manual_seed(1)
    model = nn.MLP(4, [8, 3], activation="tanh")
    optimiser = nn.AdamW(model.parameters(), lr=0.02)
    history = nn.fit(model, train, optimiser=optimiser, epochs=60, batch_size=16, validation=held_out)
    print(history)
    scores = nn.predict(model, held_out.inputs)
    named = [max(range(3), key=row.__getitem__) for row in scores]
    for guess, target in zip(named, held_out.targets, strict=True):
        if guess != target:
            print(f"  a {data.classes[target]} taken for a {data.classes[guess]}")
    right = sum(guess == target for guess, target in zip(named, held_out.targets, strict=True))
    print(f"{right} of {len(held_out)} flowers that it never saw are named rightly")
    assert right >= 0.9 * len(held_out)


if __name__ == "__main__":
    main()
