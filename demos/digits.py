"""Digits: read handwritten digits of 8 x 8 pixels with 2410 parameters, each of them a Value that you can look at.

The graph of one sample is recorded once and replayed natively (in Python where there is no C compiler, which takes
a minute): see `nn.fit`.

    python demos/digits.py
"""

import time

import nn

SHADES = " .:-=+*#%@"


def picture(pixels: list[float]) -> str:
    """Return a digit as text."""
    rows = [pixels[i : i + 8] for i in range(0, 64, 8)]
    return "\n".join("    " + "".join(2 * SHADES[round(9 * pixel / 16)] for pixel in row) for row in rows)


def main() -> None:
    """Train on four fifths of the digits, and read the rest."""
    data = nn.data.digits()
    raw, unseen = data.split(0.8, seed=0)
    train, held_out = raw.standardised(), unseen.standardised(like=raw)
    nn.manual_seed(0)
    model = nn.MLP(64, [32, 10], activation="relu")
    print(model)
    start = time.perf_counter()
    history = nn.fit(model, train, optimiser=nn.Adam(model.parameters(), lr=0.01), epochs=12, batch_size=32,
                     validation=held_out, schedule="one_cycle")  # fmt: skip
    seconds = time.perf_counter() - start
    print(history)
    scores = nn.predict(model, held_out.inputs)
    read = [max(range(10), key=row.__getitem__) for row in scores]
    wrong = [i for i, target in enumerate(held_out.targets) if read[i] != target]
    print(f"{len(wrong)} of {len(held_out)} digits that it never saw are read wrongly; it learnt for {seconds:.1f} s")
    for i in wrong[:2]:
        print(f"  a {held_out.targets[i]} read as {read[i]}:\n{picture(unseen.inputs[i])}")
    accuracy = 1.0 - len(wrong) / len(held_out)
    assert accuracy >= 0.95
    assert accuracy == history.last.validation_accuracy
    assert history.engine != "native" or seconds < 10.0


if __name__ == "__main__":
    main()
