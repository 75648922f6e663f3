"""Iris: tell three species of iris apart by four measurements, in the data set that R. A. Fisher made famous."""

import nn


def main() -> None:
    """Train on four fifths of the flowers, and classify the others."""
    data = nn.data.iris()
    train, unseen = data.split(0.8, seed=1)
    train, unseen = train.standardised(), unseen.standardised(like=train)
    nn.manual_seed(1)
    model = nn.MLP(4, [8, 3], activation="tanh")
    optimiser = nn.AdamW(model.parameters(), lr=0.02)
    print(nn.fit(model, train, optimiser=optimiser, epochs=60, batch_size=16, validation=unseen))
    correct = 0
    for scores, target in zip(nn.predict(model, unseen.inputs), unseen.targets, strict=True):
        guess = max(range(3), key=scores.__getitem__)
        correct += guess == target
        if guess != target:
            print(f"  mistook a {data.classes[target]} for a {data.classes[guess]}")
    print(f"{correct} of {len(unseen)} unseen flowers are classified correctly")
    assert correct >= 0.9 * len(unseen)


if __name__ == "__main__":
    main()
