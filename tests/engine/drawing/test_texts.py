"""Texts beside arrows lie on nothing else, layouts take little time, and leaves that are used far apart have copies."""

import math
import random
import re
from itertools import combinations

import pytest

import engine
import nn
from engine import Value, draw, scope, tanh
from engine.drawing.svg import size_of, text_width
from engine.drawing.texts import area_of_text, area_of_title
from tests.engine.drawing.drawn import SVG, Drawn

pytestmark = pytest.mark.needs_dot


def chain(length):
    w, x = Value(1.01, "w"), Value(1.0, "x")
    for _ in range(length):
        x = x * w
    return x


def recurrent(steps):
    u, w, b, h = Value(0.5, "u"), Value(0.8, "w"), Value(0.1, "b"), Value(0.0, "h")
    for t in range(steps):
        h = tanh(w * h + u * Value(math.sin(t), f"x[{t}]") + b)
    return (h - 1.0) ** 2


def newton(steps):
    a, x = Value(2.0, "a"), Value(1.0, "x0")
    for _ in range(steps):
        x = x - (x * x - a) / (2.0 * x)
    return x


def logistic(steps):
    r, x = Value(3.7, "r"), Value(0.2, "x0")
    for _ in range(steps):
        x = r * x * (1.0 - x)
    return x


def network(samples, *sizes):
    nn.manual_seed(0)
    model = nn.MLP(sizes[0], sizes[1:], activation="tanh")
    outputs = [model([0.1 * i + 0.3 - 0.2 * j for j in range(sizes[0])]) for i in range(samples)]
    return nn.mean_squared_error(outputs, [float(i % 2) for i in range(samples)])


def anything(seed):
    chance = random.Random(seed)
    nodes = [Value(chance.uniform(-3.0, 3.0), f"x{i}") for i in range(4)]
    for step in range(chance.randint(3, 30)):
        x, y = chance.choice(nodes), chance.choice(nodes[-4:])
        with scope(f"part {step % 3}"):
            makers = [lambda: x * y, lambda: x - y, lambda: x / (y * y + 1.0), lambda: x.tanh(), lambda: x**3]
            nodes.append(chance.choice(makers)())
    return sum(nodes[-4:])


GRAPHS = {
    "chain": lambda: chain(40), "recurrent": lambda: recurrent(12), "newton": lambda: newton(6),
    "logistic": lambda: logistic(15), "2-3-1": lambda: network(2, 2, 3, 1), "2-8-8-1": lambda: network(1, 2, 8, 8, 1),
    **{f"anything {seed}": lambda seed=seed: anything(seed) for seed in range(25)},
}  # fmt: skip


def overlap(a, b):
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def areas(drawing):
    """Return the areas of texts beside arrows, of shapes, and of titles of frames."""
    picture, layout = drawing.picture, drawing.layout
    texts = []
    for number, arrow in enumerate(picture.arrows):
        route = layout.routes[number]
        texts += [area_of_text(text, at) for text, at in ((arrow.text, route.text), (arrow.role, route.role)) if at]
    shapes = []
    for shape in picture.shapes:
        (x, y), (width, height) = layout.centres[shape.name], size_of(shape)
        shapes.append((x - width / 2, y - height / 2, x + width / 2, y + height / 2))
    titles = [area_of_title(layout.frames[i], scope[-1]) for i, scope in enumerate(picture.scopes)]
    return texts, shapes, titles


@pytest.mark.parametrize("direction", ["LR", "TB"])
@pytest.mark.parametrize("name", GRAPHS)
def test_texts_beside_arrows_lie_on_nothing(name, direction):
    root = GRAPHS[name]()
    root.backward()
    drawing = draw(root, local_gradients=True, direction=direction)
    texts, shapes, titles = areas(drawing)
    assert not [pair for pair in combinations(texts, 2) if overlap(*pair)]
    assert not [(text, other) for text in texts for other in (*shapes, *titles) if overlap(text, other)]
    asked = sum(bool(arrow.text) + bool(arrow.role) for arrow in drawing.picture.arrows)
    assert len(texts) >= 0.9 * asked
    written = [text for text in Drawn(drawing.svg).root.iter(f"{SVG}text") if text.get("class") == "local"]
    assert len(written) == sum(drawing.layout.routes[i].text is not None for i in range(len(drawing.picture.arrows)))


def test_the_check_of_areas_finds_texts_that_lie_on_each_other():
    assert overlap(area_of_text("0.5", (10.0, 10.0)), area_of_text("-1", (12.0, 15.0)))
    assert not overlap(area_of_text("0.5", (10.0, 10.0)), area_of_text("-1", (10.0 + text_width("0.5-1", 10.0), 10.0)))


def test_without_room_a_text_is_left_out():
    a = Value(1.0, "a")
    drawing = draw(a - a, local_gradients=True, number_format=".120f")
    routes, arrows = drawing.layout.routes, drawing.picture.arrows
    assert None in [routes[i].text for i, arrow in enumerate(arrows) if arrow.text]
    assert "local gradient" in drawing.svg


@pytest.mark.alone
@pytest.mark.parametrize(
    "root",
    [
        chain(40),
        chain(80),
        recurrent(20),
        recurrent(40),
        logistic(20),
        logistic(40),
        newton(6),
        network(1, 2, 16, 16, 1),
    ],
    ids=["chain 40", "chain 80", "recurrent 20", "recurrent 40", "logistic 20", "logistic 40", "newton", "2-16-1"],
)
def test_what_is_shared_takes_no_time(root, cpu_seconds):
    drawing = draw(root, local_gradients=True, limit=1000)
    assert cpu_seconds(lambda: drawing.svg) < 1.0
    assert drawing.seconds < 1.5  # of Graphviz, by the clock
    assert len(drawing.picture.boxes) > 100 or drawing.picture.copies or "scopes are folded" in "".join(drawing.notices)


# --- copies --------------------------------------------------------------------------------------------


def test_a_leaf_that_is_used_far_apart_is_drawn_at_each_place():
    root = chain(20)
    root.backward()
    drawing = draw(root, local_gradients=True)
    picture = drawing.picture
    assert [box.title for box in picture.boxes].count("w") == 1
    assert {copy.title for copy in picture.copies} == {"w"}
    assert {copy.rows for copy in picture.copies} == {next(box.rows for box in picture.boxes if box.title == "w")}
    assert len(picture.copies) == 4  # and the box itself, each for four multiplications
    original = next(box.name for box in picture.boxes if box.title == "w")
    assert {copy.original for copy in picture.copies} == {original}
    tails = [arrow.tail for arrow in picture.arrows if re.fullmatch(rf"{original}(c\d+)?", arrow.tail)]
    assert sorted(set(tails)) == sorted([original, *(copy.name for copy in picture.copies)])
    assert len(tails) == 20
    assert picture.notices == ("w is drawn at each place of use, always with the whole gradient.",)
    assert drawing.svg.count(f'data-copy-of="{original}"') == 4
    assert "3 leaves, such as " in draw(recurrent(20)).notices[0]


def test_what_is_used_near_or_seldom_has_one_box():
    w = Value(2.0, "w")
    assert draw(w * 2.0 + w * 3.0 + w * 4.0).picture.copies == ()
    x = tanh(tanh(tanh(tanh(tanh(tanh(w * 2.0))))))
    assert draw(x + w).picture.copies == ()
    assert draw(network(3, 2, 3, 1)).picture.copies == ()


def test_copies_stay_in_the_scopes_that_they_share_with_their_uses():
    with scope("cell"):
        w = Value(0.5, "w")
    x = Value(1.0, "x")
    for step in range(20):
        with scope("cell") if step % 2 else scope("other"):
            x = x * w
    scopes = {copy.scope for copy in draw(x).picture.copies}
    assert scopes <= {("cell",), ()}


# --- lines to write on ---------------------------------------------------------------------------------


def test_gradients_can_be_left_blank():
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    root = a * b + a
    root.backward()
    drawing = draw(root, gradients="blank", local_gradients=True)
    assert {dict(box.rows)["grad"] for box in drawing.picture.boxes} == {"_" * 9}
    assert "grad" not in "".join(re.findall("<title>(.*?)</title>", drawing.svg)).replace("gradient", "")
    assert "contribution" not in drawing.svg
    assert "grad = d root" not in drawing.svg
    assert {box.slope for box in drawing.picture.boxes} == {None}
    with pytest.raises(ValueError, match=r"gradients must be True, False or 'blank', not 'none'"):
        draw(root, gradients="none")
    folded = draw(network(1, 2, 3, 1), gradients="blank", depth=1)
    assert {dict(box.rows).get("grad") for box in folded.picture.boxes if box.kind == "scope"} == {"_" * 9}


# --- numbers -------------------------------------------------------------------------------------------


def test_numbers_that_differ_by_rounding_alone_look_alike():
    a = Value(0.1, "a")
    root = (a + 0.2) * 1.5 + (a - 1.0) / 2.0
    shown = {row[1] for box in draw(root, gradients=False).picture.boxes for row in box.rows}
    assert {"0.3", "0.45", "-0.45"} <= shown
    assert engine.support.text.format_rounded(1 / 3) == "0.3333"


# --- the order of neurons --------------------------------------------------------------------------------


@pytest.mark.parametrize("sizes", [(2, 3, 1), (3, 5, 2), (2, 4, 4, 1), (2, 16, 16, 1)])
@pytest.mark.parametrize("options", [{}, {"depth": 2}, {"every_sample": False}], ids=str)
@pytest.mark.parametrize("samples", [1, 3])
def test_neurons_stand_in_their_order(sizes, options, samples):
    nn.manual_seed(0)
    model = nn.MLP(sizes[0], sizes[1:], activation="tanh")
    outputs = [model([0.1 * i + 0.2 * j for j in range(sizes[0])]) for i in range(samples)]
    targets = [0.5 if sizes[-1] == 1 else [0.5] * sizes[-1]] * samples
    drawing = draw(nn.mean_squared_error(outputs, targets), names={}, **options)
    picture, layout = drawing.picture, drawing.layout
    tops = {path: layout.frames[number][1] for number, path in enumerate(picture.scopes)}
    for box in picture.boxes:
        if box.kind == "scope":
            tops[(*box.scope, box.title.split("  ×")[0])] = layout.centres[box.name][1]
    layers = {}
    for path, top in tops.items():
        if path[-1].startswith("neuron "):
            layers.setdefault(path[:-1], {})[int(path[-1].split()[1])] = top
    assert [len(layer) for layer in layers.values()]
    for layer in layers.values():
        assert [layer[i] for i in sorted(layer)] == sorted(layer.values())
