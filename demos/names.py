"""A small GPT that learns to invent first names; each of its numbers is a Value that you can inspect.

The network reads a name letter by letter. At each position it sees the letters so far and gives a score to each
letter that may come next; the loss is the cross-entropy of the letter that does:

    x        = row of the letter + row of the position, normalised
    x        = x + attention(normalised x)     each position looks back at the earlier ones
    x        = x + mlp(normalised x)           and processes what it found
    scores   = output matrix times x
    loss     = mean over the positions of -log softmax(scores)[next letter]

The architecture is that of GPT-2 (A. Radford et al., "Language Models are Unsupervised Multitask Learners", 2019)
with one layer, without biases, and with root mean square normalisation (B. Zhang and R. Sennrich,
https://arxiv.org/abs/1910.07467). Sizes, initialisation and training are those of A. Karpathy's microgpt: with its
list of names and the seed 42, the losses are the same: 3.3660, 3.4243, 3.1778, ...

    python demos/names.py                                   # 1000 names, in seconds: the graph is recorded once
    python -m pdb demos/names.py --eager --steps 1          # one name, in the debugger

The list names.txt has the 3000 most frequent first names in the United States from 1880 to 2017, in this order, from
public-domain data of the Social Security Administration. The exit status is 1 if the first names' losses do not fall.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random
from statistics import fmean

from tqdm import tqdm

import engine
import nn
from engine import Value, scope

Vector = Sequence[Value]
Letter = int | list[float]  # a token, or its one-hot vector, for a program that fits every token
Matrix = list[list[Value]]
Past = list[tuple[Vector, Vector]]  # the keys and the values of the positions so far

NAMES = Path(__file__).with_name("names.txt")
LEARNING_RATE = 0.01  # of the first step; it falls linearly to 0
TEMPERATURE = 0.5  # below 1, likely letters are drawn even more often than their probability says
SHOWN = 5  # the first losses, which are printed and compared with those after training


# --- letters as tokens -----------------------------------------------------------------------------------


class Alphabet:
    """The tokens of the characters in some names, from 0; the next one, `edge`, stands before and after a name.

    >>> alphabet = Alphabet(["eve", "ada"])
    >>> alphabet.characters, alphabet.edge, alphabet.tokens("dave")
    (['a', 'd', 'e', 'v'], 4, [4, 1, 0, 3, 2, 4])
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.characters = sorted(set("".join(names)))
        self.edge = len(self.characters)

    def tokens(self, name: str) -> list[int]:
        """Return the tokens of a name's characters between two edges."""
        return [self.edge, *map(self.characters.index, name), self.edge]


def read_names(path: Path) -> list[str]:
    """Return the names in a file, one per line; if it is not such a list, a `ValueError` says what to do."""
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except OSError as error:
        raise ValueError(f"cannot read {path}: {error.strerror}; pass a file with one name per line") from None
    except UnicodeDecodeError:
        raise ValueError(f"{path} is not UTF-8 text; save it as UTF-8, with one name per line") from None
    for number, line in enumerate(lines, 1):
        if not line.strip().isprintable():
            raise ValueError(f"{path}, line {number}: {line.strip()!r} has an unprintable character; remove it")
    names = [line.strip() for line in lines if line.strip()]
    if not names:
        raise ValueError(f"{path} has no names; write one name per line")
    return names


# --- the network -----------------------------------------------------------------------------------------


class GPT(nn.Module):
    """The parameters of the network, drawn row by row in this order; GPT-2 calls the first ones wte, wpe and lm_head.

    Args:
        tokens, context: the numbers of tokens and of positions.
        rng: the random generator from which the parameters are drawn.
        width, heads: the number of numbers that represent a letter, and of the attention heads that share them.

    >>> GPT(27, Random(42))
    GPT(4,192 parameters)
    """

    def __init__(self, tokens: int, rng: Random, width: int = 16, heads: int = 4, context: int = 16) -> None:
        super().__init__()

        def drawn(rows: int, columns: int) -> Matrix:
            return [[Value(rng.gauss(0.0, 0.08)) for _ in range(columns)] for _ in range(rows)]

        self.heads, self.context = heads, context
        self.letter = drawn(tokens, width)
        self.position = drawn(context, width)
        self.output = drawn(tokens, width)
        self.query, self.key, self.value, self.join = (drawn(width, width) for _ in range(4))
        self.widen = drawn(4 * width, width)
        self.narrow = drawn(width, 4 * width)
        for name, parameter in self.named_parameters():
            parameter.label = name


def times(matrix: Matrix, x: Vector) -> Vector:
    """Return the product of a matrix and a vector."""
    return [engine.dot(row, x) for row in matrix]


def chosen(rows: Sequence[Vector], letter: Letter) -> Vector:
    """Return the row of a letter; for a one-hot letter, as a weighted sum of all rows."""
    return (
        rows[letter] if isinstance(letter, int) else [engine.dot(column, letter) for column in zip(*rows, strict=True)]
    )


def plus(a: Vector, b: Vector) -> Vector:
    """Return the sum of two vectors."""
    return [a_i + b_i for a_i, b_i in zip(a, b, strict=True)]


def normalised(x: Vector) -> Vector:
    """Return a vector scaled to a root mean square of 1; the small constant avoids a division by 0."""
    scale = (engine.dot(x, x) / len(x) + 1e-5) ** -0.5
    return [x_i * scale for x_i in x]


def attention(model: GPT, x: Vector, past: Past) -> Vector:
    """Return what a position gathers from the positions so far, including itself, which is added to the past.

    The better the key of a position matches the query, the larger the weight of its value in the sum. Each head does
    this with its own slice of the vectors.
    """
    query = times(model.query, x)
    past.append((times(model.key, x), times(model.value, x)))
    size = len(x) // model.heads
    found: list[Value] = []
    for head in range(model.heads):
        with scope(f"head {head}"):
            part = slice(head * size, (head + 1) * size)
            shares = nn.softmax([engine.dot(query[part], key[part]) / size**0.5 for key, _ in past])
            found += [engine.dot(shares, column) for column in zip(*(value[part] for _, value in past), strict=True)]
    return times(model.join, found)


def scores_of_next(model: GPT, letter: Letter, past: Past) -> Vector:
    """Read one more letter, and return a score for each letter that may come next."""
    position = len(past)
    with scope(f"position {position}"):
        with scope("embedding"):
            x = normalised(plus(chosen(model.letter, letter), model.position[position]))
        with scope("layer 1"):
            with scope("attention"):
                x = plus(attention(model, normalised(x), past), x)
            with scope("mlp"):  # a hidden layer of four times as many neurons
                hidden = [engine.relu(z) for z in times(model.widen, normalised(x))]
                x = plus(times(model.narrow, hidden), x)
        with scope("output"):
            return times(model.output, x)


def loss_of(model: GPT, read: Sequence[Letter], to_come: Sequence[Letter], weights: Sequence[float]) -> Value:
    """Return the cross-entropy of the letters to come, summed over the positions with their weights."""
    past: Past = []
    terms = []
    for letter, following, weight in zip(read, to_come, weights, strict=True):
        scores = scores_of_next(model, letter, past)
        with scope("loss"):
            (logarithm,) = chosen([[each] for each in nn.log_softmax(scores)], following)
            terms.append(-logarithm * weight)
    with scope("loss"):
        loss: Value = sum(terms)  # type: ignore[assignment]  # terms is not empty
    loss.label = "loss"
    return loss


def lesson(tokens: Sequence[int], context: int) -> tuple[Sequence[int], Sequence[int], list[float]]:
    """Return the arguments of `loss_of` for one name: the tokens to read, the tokens to come, and equal weights.

    A name longer than the context is cut off.

    >>> lesson([4, 1, 4], 16)
    ([4, 1], [1, 4], [0.5, 0.5])
    """
    read, to_come = tokens[:-1][:context], tokens[1:][:context]
    return read, to_come, [1.0 / len(read)] * len(read)


def spread_out(tokens: Sequence[int], context: int, count: int) -> tuple[list[Letter], list[Letter], list[float]]:
    """Return the same for a graph that fits every name: one-hot letters, and weights of 0 after the end.

    >>> spread_out([1, 0, 1], 3, 2)
    ([[0.0, 1.0], [1.0, 0.0], [1.0, 0.0]], [[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]], [0.5, 0.5, 0.0])
    """
    read, to_come, weights = lesson(tokens, context)
    unread = [0] * (context - len(read))
    ones: list[Letter] = [[float(place == token) for place in range(count)] for token in range(count)]
    letters, following = ([ones[token] for token in [*part, *unread]] for part in (read, to_come))
    return letters, following, [*weights, *map(float, unread)]


# --- training and sampling -------------------------------------------------------------------------------


def train(model: GPT, documents: Sequence[Sequence[int]], steps: int, eager: bool = False) -> list[float]:
    """Train on one document at each step, in turn; return the losses, each before its update.

    One graph that fits every name is replayed, or with ``eager`` a graph is recorded at each step.
    """
    optimiser = nn.Adam(model.parameters(), betas=(0.85, 0.99))
    rates = [LEARNING_RATE * (1.0 - step / steps) for step in range(steps)]
    with engine.gc_paused(), tqdm(total=steps, unit="name", leave=False, disable=None) as progress:

        def show(losses: Sequence[float]) -> None:
            progress.set_postfix(loss=f"{losses[-1]:.4f}", refresh=False)
            progress.update(len(losses) - progress.n)

        if not eager:
            replayed = engine.compiled(loss_of)
            samples = [(model, *spread_out(tokens, model.context, len(model.letter))) for tokens in documents[:steps]]
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
def invent(model: GPT, alphabet: Alphabet, rng: Random) -> str:
    """Return a new name, drawn letter by letter from the network's probabilities."""
    name, token = "", alphabet.edge
    past: Past = []
    while len(past) < model.context:
        scores = scores_of_next(model, token, past)
        probabilities = nn.softmax([score / TEMPERATURE for score in scores])
        (token,) = rng.choices(range(len(scores)), [p.data for p in probabilities])
        if token == alphabet.edge:
            break
        name += alphabet.characters[token]
    return name


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demonstration; return the exit status."""
    parser = argparse.ArgumentParser(description="A small GPT of scalars that learns to invent first names.")
    parser.add_argument("--names", type=Path, default=NAMES, help="file with one name per line (default names.txt)")
    parser.add_argument("--steps", type=int, default=1000, help="number of names to train on (default 1000)")
    parser.add_argument("--seed", type=int, default=42, help="seed of order, parameters and names (default 42)")
    parser.add_argument("--samples", type=int, default=20, help="number of names to invent (default 20)")
    parser.add_argument("--eager", action="store_true", help="record a graph at each step, to step through it")
    options = parser.parse_args(arguments)
    for option, given, least in (("--steps", options.steps, 1), ("--samples", options.samples, 0)):
        if given < least:
            parser.error(f"{option} must be at least {least}, not {given}")
    try:
        names = read_names(options.names)
    except ValueError as error:
        parser.error(f"--names: {error}")

    rng = Random(options.seed)
    rng.shuffle(names)
    alphabet = Alphabet(names)
    documents = [alphabet.tokens(name) for name in names]
    model = GPT(alphabet.edge + 1, rng)
    print(f"{len(names)} names with {alphabet.edge} different characters; {model!r}; seed {options.seed}")

    losses = train(model, documents, options.steps, options.eager)
    first = losses[: min(SHOWN, len(names))]
    for name, loss in zip(names, first, strict=False):
        print(f"  loss of {name!r}: {loss:.4f}")
    print("mean losses, each name's before its update")
    tenth = -(-len(losses) // 10)
    for start in range(0, len(losses), tenth):
        part = losses[start : start + tenth]
        print(f"  steps {start + 1:>4} to {start + len(part):>4}: {fmean(part):.4f}")
    with engine.no_grad():
        after = fmean(loss_of(model, *lesson(tokens, model.context)).data for tokens in documents[: len(first)])
    before = fmean(first)
    print(f"the first {len(first)} names: loss {before:.4f} -> {after:.4f}")
    for _ in range(options.samples):
        print(f"  {invent(model, alphabet, rng)}")
    return 0 if after < before else 1


if __name__ == "__main__":
    sys.exit(main())
