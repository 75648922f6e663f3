"""A small GPT that learns to invent first names, every number of it a Value that you can look at.

A name is read letter by letter. At each position the network sees the letters so far and gives a score to every
letter that may come next; the loss is the surprise at the one that does come:

    x        = row of the letter + row of the position, normalised
    x        = x + attention(normalised x)     every position looks at those before it
    x        = x + mlp(normalised x)           and then thinks about what it saw
    scores   = output matrix times x
    loss     = mean over the positions of -log softmax(scores)[next letter]

It is the architecture of GPT-2 (A. Radford et al., "Language Models are Unsupervised Multitask Learners", 2019)
with one layer, without biases, and normalised by the root mean square (B. Zhang and R. Sennrich,
https://arxiv.org/abs/1910.07467). Sizes, first numbers and training are those of A. Karpathy's microgpt, so that a
run with its list of names and the seed 42 has its losses: 3.3660, 3.4243, 3.1778, ...

    python demos/names.py                                   # 1000 names, in seconds: the graph is recorded once
    python -m pdb demos/names.py --eager --steps 1          # one name, in the debugger

The list names.txt holds the 3000 first names given most often in the United States from 1880 to 2017, the commonest
first, counted from the public-domain data of the Social Security Administration. The exit status is 1 if the losses
of the names that were learnt first do not fall.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

from tqdm import tqdm

import engine
import nn
from engine import Value, scope

Vector = Sequence[Value]
Letter = int | list[float]  # a token; or a 1 in its place among zeros, for a program that fits every token
Matrix = list[list[Value]]
Past = list[tuple[Vector, Vector]]  # the keys and the values of the positions so far

NAMES = Path(__file__).with_name("names.txt")
LEARNING_RATE = 0.01  # of the first step; it falls to 0 in a straight line
TEMPERATURE = 0.5  # below 1, likely letters are drawn more often than their probability says
SHOWN = 5  # how many of the first losses are printed, and compared with those after the training


# --- letters as numbers ----------------------------------------------------------------------------------


class Alphabet:
    """Number the characters of some names from 0; the next number, `edge`, stands before and after a name.

    >>> alphabet = Alphabet(["eve", "ada"])
    >>> alphabet.characters, alphabet.edge, alphabet.tokens("dave")
    (['a', 'd', 'e', 'v'], 4, [4, 1, 0, 3, 2, 4])
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.characters = sorted(set("".join(names)))
        self.edge = len(self.characters)

    def tokens(self, name: str) -> list[int]:
        """Return the numbers of a name's characters between two edges."""
        return [self.edge, *map(self.characters.index, name), self.edge]


def read_names(path: Path) -> list[str]:
    """Return the names in a file, one on a line, without empty lines.

    Raises:
        ValueError: the file cannot be read, or holds no names or what is none; the message says what to do.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except OSError as error:
        raise ValueError(f"cannot read {path}: {error.strerror}; name a file with one name on a line") from None
    except UnicodeDecodeError:
        raise ValueError(f"{path} is no text in UTF-8; save it as UTF-8, with one name on a line") from None
    for number, line in enumerate(lines, 1):
        if not line.strip().isprintable():
            raise ValueError(f"{path}, line {number}: {line.strip()!r} has an unprintable character; remove it")
    names = [line.strip() for line in lines if line.strip()]
    if not names:
        raise ValueError(f"{path} is empty; write one name on a line")
    return names


# --- the network -----------------------------------------------------------------------------------------


class GPT(nn.Module):
    """Hold the parameters, drawn row by row in this order; in GPT-2 they are called wte, wpe, lm_head and so on.

    Args:
        tokens: how many tokens there are.
        chance: what the first numbers are drawn from.
        width: how many numbers stand for a letter.
        heads: how many places attention can look at with different questions.
        context: how many positions there are.

    >>> model = GPT(27, Random(42))
    >>> model
    GPT(4,192 parameters)
    >>> model.query[2][0].label
    'query[2][0]'
    """

    def __init__(self, tokens: int, chance: Random, width: int = 16, heads: int = 4, context: int = 16) -> None:
        super().__init__()

        def drawn(rows: int, columns: int) -> Matrix:
            return [[Value(chance.gauss(0.0, 0.08)) for _ in range(columns)] for _ in range(rows)]

        self.heads, self.context = heads, context
        self.letter = drawn(tokens, width)
        self.position = drawn(context, width)
        self.output = drawn(tokens, width)
        self.query, self.key, self.value, self.join = (drawn(width, width) for _ in range(4))
        self.widen = drawn(4 * width, width)
        self.narrow = drawn(width, 4 * width)
        for name, parameter in self.named_parameters():
            parameter.label = name


def dot(a: Vector, b: Vector | list[float]) -> Value:
    """Return a0 * b0 + a1 * b1 + ..., all that a neural network needs to be good at."""
    product: Value = sum(a_i * b_i for a_i, b_i in zip(a, b, strict=True))
    return product


def times(matrix: Matrix, x: Vector) -> Vector:
    """Return the product of a matrix and a column."""
    return [dot(row, x) for row in matrix]


def chosen(rows: Sequence[Vector], letter: Letter) -> Vector:
    """Return the row of a letter; as a mixture of all rows, where the letter is given by zeros and a 1."""
    return rows[letter] if isinstance(letter, int) else [dot(column, letter) for column in zip(*rows, strict=True)]


def plus(a: Vector, b: Vector) -> Vector:
    """Return the sum of two vectors."""
    return [a_i + b_i for a_i, b_i in zip(a, b, strict=True)]


def normalised(x: Vector) -> Vector:
    """Return a vector scaled to a root mean square of 1; the small number keeps a vector of zeros apart from 1 / 0."""
    scale = (dot(x, x) / len(x) + 1e-5) ** -0.5
    return [x_i * scale for x_i in x]


def attention(model: GPT, x: Vector, past: Past) -> Vector:
    """Return what a position finds by looking at the positions so far, itself included, which joins the past.

    Each position offers a key and a value. The better its key answers the query, the larger its share in the
    mixture of values. Every head does so with a slice of its own.
    """
    query = times(model.query, x)
    past.append((times(model.key, x), times(model.value, x)))
    size = len(x) // model.heads
    found: list[Value] = []
    for head in range(model.heads):
        with scope(f"head {head}"):
            part = slice(head * size, (head + 1) * size)
            shares = nn.softmax([dot(query[part], key[part]) / size**0.5 for key, _ in past])
            found += [dot(shares, column) for column in zip(*(value[part] for _, value in past), strict=True)]
    return times(model.join, found)


def mlp(model: GPT, x: Vector) -> Vector:
    """Return what four times as many neurons make of a vector."""
    return times(model.narrow, [engine.relu(z) for z in times(model.widen, x)])


def scores_of_next(model: GPT, letter: Letter, past: Past) -> Vector:
    """Read one more letter, and return a score for each that may come next."""
    position = len(past)
    with scope(f"position {position}"):
        with scope("embedding"):
            x = normalised(plus(chosen(model.letter, letter), model.position[position]))
        with scope("layer 1"):
            with scope("attention"):
                x = plus(attention(model, normalised(x), past), x)
            with scope("mlp"):
                x = plus(mlp(model, normalised(x)), x)
        with scope("output"):
            return times(model.output, x)


def loss_of(model: GPT, read: Sequence[Letter], to_come: Sequence[Letter], weights: Sequence[float]) -> Value:
    """Return the surprise at the letter that comes next, summed over the positions with their weights."""
    past: Past = []
    surprises = []
    for letter, following, weight in zip(read, to_come, weights, strict=True):
        scores = scores_of_next(model, letter, past)
        with scope("loss"):
            rows = [[logarithm] for logarithm in nn.log_softmax(scores)]
            surprises.append(-chosen(rows, following)[0] * weight)
    with scope("loss"):
        loss: Value = sum(surprises)
    loss.label = "loss"
    return loss


def lesson(tokens: Sequence[int], context: int) -> tuple[Sequence[int], Sequence[int], list[float]]:
    """Return what `loss_of` takes for one name: the tokens to read, those to come, and equal weights.

    Names longer than the context are read as far as it reaches.

    >>> lesson([4, 1, 4], 16)
    ([4, 1], [1, 4], [0.5, 0.5])
    """
    read, to_come = tokens[:-1][:context], tokens[1:][:context]
    return read, to_come, [1.0 / len(read)] * len(read)


def spread_out(tokens: Sequence[int], context: int, count: int) -> tuple[list[Letter], list[Letter], list[float]]:
    """Return the same for a graph that fits every name: letters as zeros and a 1, and weights of 0 behind the end.

    >>> spread_out([1, 0, 1], 3, 2)
    ([[0.0, 1.0], [1.0, 0.0], [1.0, 0.0]], [[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]], [0.5, 0.5, 0.0])
    """
    read, to_come, weights = lesson(tokens, context)
    unread = context - len(read)
    ones = [[float(place == token) for place in range(count)] for token in range(count)]
    return (
        [ones[token] for token in [*read, *[0] * unread]],
        [ones[token] for token in [*to_come, *[0] * unread]],
        [*weights, *[0.0] * unread],
    )


# --- learning and inventing ------------------------------------------------------------------------------


def train(model: GPT, documents: Sequence[Sequence[int]], steps: int, eager: bool = False) -> list[float]:
    """Learn from one document at each step, in turn; return the losses, each from before its update.

    Args:
        model: the network.
        documents: the names, as tokens.
        steps: how many documents to learn from.
        eager: whether to record a graph at each step; else one graph that fits every name is recorded and replayed.
    """
    optimiser = nn.Adam(model.parameters(), betas=(0.85, 0.99))
    rates = [LEARNING_RATE * (1.0 - step / steps) for step in range(steps)]
    with engine.gc_paused(), tqdm(total=steps, unit="name", leave=False, disable=None) as progress:

        def show(losses: Sequence[float]) -> None:
            progress.set_postfix(loss=f"{losses[-1]:.4f}", refresh=False)
            progress.update(len(losses) - progress.n)

        if not eager:
            replayed = engine.compiled(loss_of)
            learnt = documents[: min(steps, len(documents))]
            samples = [(model, *spread_out(tokens, model.context, len(model.letter))) for tokens in learnt]
            return nn.training.Training(replayed, optimiser, samples, batch_size=1).run(steps, rates, show)
        losses: list[float] = []
        for step, optimiser.lr in enumerate(rates):
            loss = loss_of(model, *lesson(documents[step % len(documents)], model.context))
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            losses.append(loss.data)
            show(losses)
    return losses


@engine.no_grad()
def invent(model: GPT, alphabet: Alphabet, chance: Random) -> str:
    """Return a new name, drawn letter by letter with the probabilities that the network gives."""
    name, token = "", alphabet.edge
    past: Past = []
    while len(past) < model.context:
        scores = scores_of_next(model, token, past)
        probabilities = nn.softmax([score / TEMPERATURE for score in scores])
        (token,) = chance.choices(range(len(scores)), [p.data for p in probabilities])
        if token == alphabet.edge:
            break
        name += alphabet.characters[token]
    return name


@engine.no_grad()
def mean_loss(model: GPT, documents: Sequence[Sequence[int]]) -> float:
    """Return the mean of the losses of some documents."""
    return mean([loss_of(model, *lesson(tokens, model.context)).data for tokens in documents])


def mean(numbers: Sequence[float]) -> float:
    """Return the arithmetic mean."""
    return sum(numbers) / len(numbers)


def tenths(losses: Sequence[float]) -> Iterator[str]:
    """Yield a line with the mean loss of each tenth of the steps."""
    size = -(-len(losses) // 10)
    for start in range(0, len(losses), size):
        part = losses[start : start + size]
        yield f"  steps {start + 1:>4} to {start + len(part):>4}: {mean(part):.4f}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demonstration; return the exit status."""
    parser = argparse.ArgumentParser(description="A small GPT of scalars that learns to invent first names.")
    parser.add_argument("--names", type=Path, default=NAMES, help="file with one name on a line (names.txt)")
    parser.add_argument("--steps", type=int, default=1000, help="how many names to learn from (1000)")
    parser.add_argument("--seed", type=int, default=42, help="seed of order, parameters and new names (42)")
    parser.add_argument("--samples", type=int, default=20, help="how many names to invent (20)")
    parser.add_argument("--eager", action="store_true", help="record each graph anew, to step through")
    options = parser.parse_args(arguments)
    if options.steps < 1:
        parser.error("--steps must be at least 1")
    if options.samples < 0:
        parser.error("--samples must not be negative")
    try:
        names = read_names(options.names)
    except ValueError as error:
        parser.error(f"--names: {error}")

    chance = Random(options.seed)
    chance.shuffle(names)
    alphabet = Alphabet(names)
    documents = [alphabet.tokens(name) for name in names]
    model = GPT(alphabet.edge + 1, chance)
    print(f"{len(names)} names of {alphabet.edge} characters; {model!r}; seed {options.seed}")

    losses = train(model, documents, options.steps, options.eager)
    first = losses[: min(SHOWN, len(names))]
    for name, loss in zip(names, first, strict=False):
        print(f"  loss of {name!r}: {loss:.4f}")
    print("mean losses, each name's from before it was learnt")
    print(*tenths(losses), sep="\n")
    before, after = mean(first), mean_loss(model, documents[: len(first)])
    print(f"the first {len(first)} names: loss {before:.4f} -> {after:.4f}")
    for _ in range(options.samples):
        print(f"  {invent(model, alphabet, chance)}")
    return 0 if after < before else 1


if __name__ == "__main__":
    sys.exit(main())
