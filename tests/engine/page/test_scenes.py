"""The scenes of the step page are the steps of the walk, and their numbers the engine's."""

import math

import pytest

import engine
import nn
from engine import Value, scope, tanh, walk
from engine.backprop import Backward
from engine.drawing.drawing import content
from engine.drawing.picture import Subject, Wishes
from engine.name import Names
from engine.page.scenes import BOX, THROUGH, Scenes
from engine.steps.walk import Forward
from engine.words.mistakes import MISTAKES
from tests.engine.page.test_page import Page


def scenes(root, steps=None, parameters=(), **wish):
    steps = steps or walk(root, accumulate=False)
    numbers = steps.at(len(steps))
    names = Names(steps.order)
    return Scenes(content(Subject(steps.order, numbers, None, names, parameters), Wishes(**wish)), steps, names)


def expression():
    a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(5.0, "c")
    d = a * b + c + a
    d.label = "d"
    e = tanh(d * 0.5)
    e.label = "e"
    return e, (a, b, c)


def network(samples=2):
    nn.manual_seed(42)
    model = nn.MLP(2, [3, 1], activation="tanh")
    with scope("data"):
        x = [[Value(0.1 * i + j, f"x{j}") for j in range(2)] for i in range(samples)]
    loss = nn.mean_squared_error([model(row) for row in x], [float(i % 2) for i in range(samples)])
    return loss, list(model.parameters())


def test_a_page_has_the_steps_of_the_walk():
    root, _ = expression()
    found = scenes(root)
    steps = [step for step in walk(root) if step.kind != "forward" or step.inputs]  # given numbers are there at first
    assert [scene["kind"] for scene in found.scenes] == [step.kind for step in steps]
    assert [box["given"] for box in found.boxes] == [not box.members[0].inputs for box in found.picture.boxes]
    for scene, step in zip(found.scenes, steps, strict=True):
        if isinstance(step, Backward):
            node, operand = (found.picture.boxes[scene[key]].members for key in ("through", "box"))
            assert (node, operand) == ((step.node,), (step.operand,))
            numbers = scene["local"], scene["upstream"], scene["contribution"], scene["before"], scene["number"]
            assert numbers == (step.local, step.upstream, step.contribution, step.before, step.after)
        elif isinstance(step, Forward):
            assert found.picture.boxes[scene["box"]].members == (step.node,)
            assert found.boxes[scene["box"]]["data"] == step.data
        else:
            assert (scene["contribution"], scene["number"]) == (1.0, 1.0)


def last_grads(found):
    """Return the gradient that each box shows at the end."""
    shown = [box["zero"] for box in found.boxes]
    for scene in found.scenes:
        if scene["kind"] != "forward":
            shown[scene["box"]] = scene["number"]
    return shown


def test_the_last_gradients_are_those_of_backward():
    root, leaves = network()
    found = scenes(root, every_sample=True)
    root.backward()
    grads = last_grads(found)
    for box, grad in zip(found.picture.boxes, grads, strict=True):
        assert grad == box.members[0].grad or (grad == "0" and box.members[0].grad == 0.0)
    assert any(leaf.grad for leaf in leaves)


def test_lines_are_a_program_and_formulas_have_numbers():
    root, _ = expression()
    found = scenes(root)
    lines = [scene["line"] for scene in found.scenes]
    assert lines == [
        "v4 = a * b", "v5 = v4 + c", "d = v5 + a",
        "v7 = d * 0.5", "e = tanh(v7)", "e.grad = 1", "v7.grad += (1 - e ** 2) * e.grad",
        "d.grad += 0.5 * v7.grad", "(0.5).grad += d * v7.grad", "v5.grad += 1 * d.grad",
        "a.grad += 1 * d.grad", "v4.grad += 1 * v5.grad", "c.grad += 1 * v5.grad", "a.grad += b * v4.grad",
        "b.grad += a * v4.grad",
    ]  # fmt: skip
    order = [found.boxes[scene["box"]]["called"] for scene in found.scenes[:5]]
    assert order == [line.split(" = ")[0] for line in lines[:5]]
    product = found.scenes[0]
    assert product["math"] == "<mi>a</mi><mo>·</mo><mi>b</mi>"
    assert "<mn>2</mn>" in product["numbers"]
    assert "<mn>3</mn>" in product["numbers"]
    assert product["locals"] == [-3.0, 2.0]
    slope = found.scenes[6]
    assert slope["math"].endswith("<msup><mrow><mi>e</mi></mrow><mrow><mn>2</mn></mrow></msup>")
    assert "<mn>0.462117</mn>" in slope["numbers"]
    assert [found.scenes[9][key] for key in ("math", "numbers")] == ["", ""]  # the rule is the number 1


def test_the_data_has_the_numbers_of_mistakes_and_sentences_about_them():
    root, _ = expression()
    data = scenes(root).data()
    assert [bool(scene.get("mistakes")) for scene in data["scenes"]].count(True) == 5 + 1 + 9
    for scene in data["scenes"]:
        answer = data["boxes"][scene["box"]]["data"] if scene["kind"] == "forward" else scene["contribution"]
        for number, _ in scene.get("mistakes", ()):
            assert number != pytest.approx(answer, rel=1e-6)
    told = {number: data["sentences"][sentence] for number, sentence in data["scenes"][13]["mistakes"]}  # v4 to a
    upstream = data["scenes"][13]["upstream"]
    assert f"∂{THROUGH}/∂{BOX}" in told[-3.0]
    assert told[float(f"{upstream:.6g}")] == MISTAKES["local-left-out"]
    assert f"(b, not {BOX})" in told[float(f"{2 * upstream:.6g}")]


def test_a_sentence_has_a_name_itself_where_it_needs_brackets():
    sentences = scenes(Value(2.0, "learning rate") * Value(3.0, "b") * 5.0).data()["sentences"]
    assert any("∂(learning rate)" in sentence for sentence in sentences)


def test_names_from_right_to_left_turn_nothing_around_them():
    a = Value(2.0, "שלום")
    lines = [scene["line"] for scene in scenes(a * Value(3.0, "b")).scenes]
    assert lines[0] == "v2 = \u2068שלום\u2069 * b"
    assert lines[2] == "\u2068שלום\u2069.grad += b * v2.grad"


def test_a_derivative_that_is_a_name_is_not_said_twice():
    root, _ = expression()
    scene = scenes(root).scenes[13]
    assert (scene["math"], scene["numbers"]) == ("<mi>b</mi>", "")


def test_what_lights_up_leads_from_the_operands_to_the_result():
    root, _ = expression()
    found = scenes(root)
    for scene in found.scenes:
        lit = [found.picture.arrows[number] for number in scene["arrows"]]
        tails = [found.picture.boxes[place].name for place in scene.get("operands", [scene["box"]])]
        head = found.picture.boxes[scene["through"]].name
        if lit:
            assert [(arrow.tail, arrow.head) for arrow in lit] == [
                *((tail, scene["shapes"][0]) for tail in tails),
                (scene["shapes"][0], head),
            ]
    assert sum(bool(scene["arrows"]) for scene in found.scenes) == 5 + 9


def test_gradients_that_are_there_are_added_to_where_that_is_asked_for():
    a = Value(3.0, "a")
    root = a * a
    a.grad = 1.5
    start = scenes(root, walk(root))
    assert [start.boxes[0][key] for key in ("start", "zero")] == ["1.5", "1.5"]
    assert [scene["number"] for scene in start.scenes[2:]] == [4.5, 7.5]
    fresh = scenes(root)
    assert [fresh.boxes[0][key] for key in ("start", "zero")] == ["", "0"]
    assert [scene["number"] for scene in fresh.scenes[2:]] == [3.0, 6.0]
    assert a.grad == 1.5


def test_there_is_room_for_what_sums_show_on_the_way():
    a = Value(3.0, "a")
    found = scenes(a * 12345.678 - a * 12345.0)
    assert set(found.room()[0]) == {"", "0", "-12345", "0.678"}


def test_a_root_without_operands_has_one_step():
    found = scenes(Value(2.0, "a"))
    assert [scene["line"] for scene in found.scenes] == ["a.grad += 1"]
    assert found.data()["root"] == 0


def test_the_place_in_the_source_has_no_path(tmp_path):
    with engine.record_source():
        a = Value(2.0, "a")
        b = a * 2.0
    boxes = scenes(b).boxes
    assert boxes[-1]["source"].startswith("test_scenes.py:")
    assert boxes[-1]["source"].endswith(": b = a * 2.0")
    b.note = None
    assert scenes(Value(1.0)).boxes[0]["source"] == ""


# --- what JSON has no sign for, and rules that cannot be read ------------------------------------------


def test_numbers_that_are_not_finite_are_texts():
    a = Value(math.inf, "a")
    found = scenes(a * 2.0)
    assert found.boxes[0]["data"] == "inf"
    assert found.scenes[-1]["number"] == "inf"
    assert found.scenes[-1]["tint"] is None  # it goes to the constant
    assert scenes((a - a) * 2.0).boxes[-1]["data"] == "nan"


def test_a_rule_that_cannot_be_read_is_its_sign():
    halved = engine.register("halved", lambda x: x / 2.0, lambda x, out: (0.5 if x > 0 else 0.25,))
    try:
        scene = scenes(halved(Value(3.0, "x"))).scenes[-1]
    finally:
        engine.unregister("halved")
    assert scene["line"] == "x.grad += ∂v1/∂x * v1.grad"
    assert "math" not in scene
    assert scene["contribution"] == 0.5


# --- boxes of many values ------------------------------------------------------------------------------


def test_folded_layers_are_single_steps():
    root, parameters = network()
    found = scenes(root, parameters=parameters, depth=1)
    lines = [scene["line"] for scene in found.scenes]
    assert "compute layer1" in lines
    assert any(line.startswith("layer1: ") and line.endswith("steps of the chain rule inside") for line in lines)
    root.backward()
    for box, shown in zip(found.picture.boxes, last_grads(found), strict=True):
        grads = [node.grad for node in box.members]
        ends = [float(end) for end in str(shown).split(" … ")]
        assert (ends[0], ends[-1]) == pytest.approx((min(grads), max(grads)), rel=1e-3)


def test_samples_that_repeat_are_one_step_with_the_formula_of_all():
    root, parameters = network(10)
    found = scenes(root, parameters=parameters, every_sample=False)
    several = [scene for scene in found.scenes if scene.get("steps") and scene.get("math")]
    assert several
    assert all("[i]" in scene["line"] for scene in several)
    assert {scene["numbers"] for scene in several} == {""}
    sums = [scene for scene in found.scenes if scene["line"].endswith(" = the sum of all")]
    assert [scene["kind"] for scene in sums] == ["forward"]
    back = [scene for scene in found.scenes if " += contribution from " in scene["line"]]
    assert [scene["through"] for scene in back] == [sums[0]["box"]]
    root.backward()
    shown = dict(zip([box.members for box in found.picture.boxes], last_grads(found), strict=True))
    for parameter in parameters:
        assert shown[parameter,] == pytest.approx(parameter.grad, rel=1e-12)


def test_what_is_not_shown_counts_as_one_box():
    root = x = Value(1.0001, "x")
    for _ in range(30):
        root = root * x
    found = scenes(root, limit=10)
    rest = next(place for place, box in enumerate(found.picture.boxes) if box.kind == "rest")
    assert found.boxes[rest]["called"] == "22 more values"
    said = [scene["line"] for scene in found.scenes if scene["box"] == rest]
    assert said[0] == "compute 22 more values"
    assert said[-1] == "22 more values: 42 steps of the chain rule inside"  # all but those of the 9 that are shown
    order = [scene["box"] for scene in found.scenes if scene["kind"] == "forward"]
    assert sorted(order) == [place for place, box in enumerate(found.boxes) if not box["given"]]
    root.backward()
    assert float(last_grads(found)[rest].split(" … ")[1]) == pytest.approx(x.grad, rel=1e-3)


def test_scopes_that_go_round_in_circles_are_shown_all_the_same():
    x = Value(2.0, "x")
    with scope("even"):
        a = x * x
    with scope("odd"):
        b = a * a
    with scope("even"):
        c = b * a
    with scope("odd"):
        root = c * b
    found = scenes(root, depth=1)
    forward = [scene["box"] for scene in found.scenes if scene["kind"] == "forward"]
    assert sorted(forward) == [place for place, box in enumerate(found.boxes) if not box["given"]]
    root.backward()
    assert last_grads(found)[0] == x.grad


def test_copies_without_a_name_are_called_by_their_kind():
    root, parameters = network(10)
    boxes = {box["called"]: box["data"] for box in scenes(root, parameters=parameters, depth=1).boxes}
    assert boxes["constant[i]"] == "0 … 1"


def test_boxes_of_several_values_have_names_of_their_own_and_tell_what_is_inside():
    root, parameters = network(3)
    with scope("layer 1"):
        root = root + tanh(root)
    found = scenes(root, parameters=parameters, depth=2)
    called = [box["called"] for box in found.boxes]
    assert len(set(called)) == len(called)
    assert {"layer1.neuron0", "layer1.neuron2", "layer2.neuron0"} <= set(called)
    root.backward()
    for box, shown in zip(found.picture.boxes, found.boxes, strict=True):
        if box.is_several:
            names, formulas, numbers, grads = zip(*shown["inside"], strict=True)
            assert list(numbers) == [node.data for node in box.members][:60]
            assert list(grads) == pytest.approx([node.grad for node in box.members][:60])
            assert [bool(formula) for formula in formulas] == [bool(node.inputs) for node in box.members][:60]
            assert all(names)
            assert shown.get("more", 0) == max(len(box.members) - 60, 0)


def test_gradients_that_no_training_needs_are_marked():
    root, parameters = network()
    found = scenes(root, parameters=parameters)
    for scene in found.scenes:
        box = found.picture.boxes[scene["box"]]
        assert scene.get("spare", False) == (scene["kind"] == "backward" and box.kind in ("input", "constant"))
    alone, _ = expression()
    marked = [found.boxes[s["box"]]["called"] for found in [scenes(alone)] for s in found.scenes if s.get("spare")]
    assert marked == ["0.5"]  # without parameters the inputs are what is asked for


def test_sums_over_samples_are_single_numbers():
    root, parameters = network(10)
    found = scenes(root, parameters=parameters, every_sample=False)
    sums = [scene for scene in found.scenes if "total" in scene]
    assert sums
    for scene in sums:
        assert scene["before"] + scene["total"] == pytest.approx(scene["sum"])
        assert scene["number"] == scene["sum"]


def test_negative_constants_stand_in_brackets():
    a = Value(2.0, "a")
    found = scenes(a * -0.5)
    assert [box["math"] for box in found.boxes if box["kind"] == "constant"] == [
        '<mrow><mo>(</mo><mo form="prefix">−</mo><mn>0.5</mn><mo>)</mo></mrow>'
    ]


def test_a_leaf_that_is_drawn_at_several_places_is_one_box():
    w, x = Value(1.01, "w"), Value(1.0, "x")
    for _ in range(20):
        x = x * w
    found = scenes(x)
    assert [box["called"] for box in found.boxes].count("w") == 1
    x.backward()
    assert dict(zip([box.members for box in found.picture.boxes], last_grads(found), strict=True))[w,] == w.grad


def test_a_scope_is_called_otherwise_than_every_value():
    with scope("part"):
        inner = Value(2.0, "part.x") * 3.0
    part = Value(1.5, "part")
    scopes = Page(engine.show_steps(inner + part, names={}).html).data["scopes"]
    assert [each["called"] for each in scopes] == ["part_2"]
