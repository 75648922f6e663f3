"""Digits: read handwritten digits of 8 x 8 pixels with 2,410 parameters, each of them a Value that you can inspect.

The graph of one sample is recorded once and replayed in native code (or in Python, which takes a minute, if there is
no C compiler); see `nn.fit`.
"""

import time

import nn

SHADES = " .:-=+*#%@"


def picture(pixels: list[float]) -> str:
    """Return a digit as text."""
    rows = [pixels[i : i + 8] for i in range(0, 64, 8)]
    return "\n".join("    " + "".join(2 * SHADES[round(9 * pixel / 16)] for pixel in row) for row in rows)


def main() -> None:
    """Train on four fifths of the digits, and read the others."""
    raw, unseen = nn.data.digits().split(0.8, seed=0)
    train, validation = raw.standardised(), unseen.standardised(like=raw)
    nn.manual_seed(0)
    model = nn.MLP(64, [32, 10], activation="relu")
    print(model)
    start = time.perf_counter()
    history = nn.fit(model, train, optimiser=nn.Adam(model.parameters(), lr=0.01), epochs=12, batch_size=32,
                     validation=validation, schedule="one_cycle")  # fmt: skip
    seconds = time.perf_counter() - start
    print(history)
    guesses = [max(range(10), key=scores.__getitem__) for scores in nn.predict(model, validation.inputs)]
    wrong = [i for i, target in enumerate(unseen.targets) if guesses[i] != target]
    accuracy = 1.0 - len(wrong) / len(unseen)
    print(f"{accuracy:.1%} of {len(unseen)} unseen digits are read correctly, after {seconds:.1f} s of training")
    for i in wrong[:2]:
        print(f"  a {unseen.targets[i]}, read as {guesses[i]}:\n{picture(unseen.inputs[i])}")
    assert accuracy >= 0.95
    assert accuracy == history.last.validation_accuracy
    assert history.backend != "native" or seconds < 10.0


if __name__ == "__main__":
    main()
