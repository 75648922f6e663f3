"""The update as the fourth phase of the page: the walk's own numbers, and after changes those of the same optimiser."""

import pytest

import engine
import nn
from demos import backprop
from engine import Value, show_steps, walk
from engine.steps.update import Update
from tests.engine.page.test_in_a_browser import exact
from tests.engine.page.test_page import HOSTILE, Page
from tests.engine.page.test_train import DATA, expect_numbers, network

browser_test = pytest.mark.needs_browser
OPTIMISERS = {
    "SGD": lambda parameters: nn.SGD(parameters, 0.05),
    "momentum": lambda parameters: nn.SGD(parameters, 0.03, momentum=0.8, nesterov=True, weight_decay=0.01),
    "Adam": lambda parameters: nn.Adam(parameters, 0.02, betas=(0.8, 0.95), amsgrad=True),
    "AdamW": lambda parameters: nn.AdamW(parameters, 0.02),
    "RMSprop": lambda parameters: nn.RMSprop(parameters, 0.01, momentum=0.5, centered=True),
    "Adagrad": lambda parameters: nn.Adagrad(parameters, 0.1, lr_decay=0.1),
}


def updates_of(steps):
    return [step for step in steps if isinstance(step, Update)]


def trained(kind, steps):
    """Return the parameters of the 2-2-3-1 network, what records its loss, and an optimiser after some steps."""
    given, record = network()
    parameters = backprop.parameters_of(given)
    optimiser = OPTIMISERS[kind](parameters)
    for _ in range(steps):
        optimiser.zero_grad()
        record().backward()
        optimiser.step()
    optimiser.zero_grad()
    return parameters, record, optimiser


@pytest.mark.parametrize("kind", OPTIMISERS)
@pytest.mark.parametrize("steps", [0, 2])
def test_the_scenes_have_the_numbers_of_the_walk(kind, steps):
    parameters, record, optimiser = trained(kind, steps)
    loss = record()
    scenes = [
        scene
        for scene in Page(show_steps(loss, parameters=parameters, update=optimiser, names={}).html).data["scenes"]
        if scene["kind"] == "update"
    ]
    expected = updates_of(walk(loss, names={}, accumulate=False, update=optimiser))
    assert len(scenes) == len(expected) == 13
    for scene, step in zip(scenes, expected, strict=True):
        assert (scene["before"], scene["gradient"], scene["after"]) == (step.before, step.gradient, step.after)
        assert scene["at"] == step.index + 1
        assert scene["line"].startswith(f"{step.node.label} = ")


def test_updates_by_a_rate_or_a_function_and_of_folded_boxes():
    a, b = Value(2.0, "a"), Value(3.0, "b")

    def scenes(**options):
        return [x for x in Page(show_steps(a * b, names={}, **options).html).data["scenes"] if x["kind"] == "update"]

    assert [scene["after"] for scene in scenes(update=0.1)] == [1.7, 2.8]
    assert [scene["after"] for scene in scenes(update=0.1, parameters=[b])] == [2.8]
    assert next(scene["line"] for scene in scenes(update=lambda p, g: p - g * 0.5)) == "a = a - a.grad * 0.5"
    model = nn.MLP(2, [3, 1])
    loss = nn.mean_squared_error([model([0.5, -1.0])], [1.0])
    data = Page(show_steps(loss, depth=1, names={}, update=nn.SGD(model.parameters(), 0.1)).html).data
    folded = [scene for scene in data["scenes"] if scene["kind"] == "update"]
    assert sum(scene["steps"] for scene in folded) == len(model.parameters())
    assert all("inside" in scene["line"] and scene["after"] for scene in folded)


def test_the_numbers_of_the_recording_are_updated_even_after_the_optimiser_has_stepped():
    parameters, record, optimiser = trained("momentum", 0)
    loss = record()
    before = [p.data for p in parameters]
    loss.backward()
    optimiser.step()
    page = show_steps(loss, parameters=parameters, update=optimiser, names={})
    scenes = [scene for scene in Page(page.html).data["scenes"] if scene["kind"] == "update"]
    assert sorted(scene["before"] for scene in scenes) == sorted(before)
    assert any("remembers now" in str(notice) for notice in page.notices)


def test_what_is_not_an_update_is_refused_and_a_rule_that_cannot_be_read_is_shown_without_it():
    with pytest.raises(TypeError, match="update must be an optimiser"):
        show_steps(Value(2.0) * 3.0, update="fast")

    class Signs:
        def __init__(self, *parameters):
            self.parameters = parameters

        def step(self):
            for p in self.parameters:
                p.data -= 0.5 if p.grad > 0 else -0.5

    w = Value(2.0, "w")
    data = Page(show_steps(w * 3.0, update=Signs(w), names={}).html).data
    assert data["scenes"][-1]["line"] == "update w"
    assert data["scenes"][-1]["after"] == 1.5
    assert data["live"]["rule"]["formulas"] == []


def test_a_parameter_that_is_called_as_what_the_optimiser_remembers():
    direction = Value(2.0, "direction")
    sgd = nn.SGD([direction], 0.1, momentum=0.9)
    loss = direction * 3.0
    loss.backward()
    sgd.step()
    lines = [scene["line"] for scene in Page(show_steps(direction * 3.0, update=sgd, names={}).html).data["scenes"]]
    assert lines[-1] == "update direction"


def test_a_rule_that_can_be_read_for_the_first_step_alone():
    class Restless(nn.SGD):
        def updated(self, p, g, state):
            return (p - 0.1 * g if state.get("last", 0.0) <= 0.0 else p), {"last": g}

    w = Value(2.0, "w")
    html = show_steps(w * 3.0, update=Restless([w], 0.1), names={}).html
    assert 'const optimiserRules = { "": (p, g, []) =>' in html
    assert '"last": (' not in html.split("const optimiserRules")[1].split("};")[0]


# --- in a browser -------------------------------------------------------------------------------------


def rows(page):
    return {name: (data, grad) for name, data, grad in exact(page)}


@browser_test
@pytest.mark.xdist_group("browser")
@pytest.mark.parametrize("kind", ["momentum", "Adam"])
def test_every_update_is_a_step_and_can_be_taken_back(opened, kind):
    parameters, record, optimiser = trained(kind, 2)
    loss = record()
    page = opened(loss, parameters=parameters, update=optimiser, names={})
    steps = walk(loss, names={}, accumulate=False, update=optimiser)
    page.keyboard.press("End")
    found = rows(page)
    for step in updates_of(steps):
        assert float(found[step.node.label][0]) == step.after
    assert page.locator("tr.update").count() >= 3
    page.keyboard.press("ArrowLeft")
    last = updates_of(steps)[-1]
    assert page.inner_text("#card h2") == f"update {last.node.label}"
    assert [page.inner_text("#exact b >> nth=0"), page.inner_text("#rows .changed")] == [
        str(last.after), f"{last.after:.4g}"
    ]  # fmt: skip
    assert "the rule" in page.inner_text("#card")
    page.keyboard.press("ArrowLeft")
    assert float(rows(page)[last.node.label][0]) == last.before


@browser_test
@pytest.mark.xdist_group("browser")
@pytest.mark.parametrize("kind", OPTIMISERS)
def test_after_a_change_the_same_optimiser_updates(opened, kind):
    parameters, record, optimiser = trained(kind, 2)
    page = opened(record(), parameters=parameters, update=optimiser, names={})
    node = next(box["nodes"][0] for box in page.evaluate(DATA)["boxes"] if box["called"] == "W1[0][0]")
    page.evaluate(f"location.hash = '#step=9999&set={node}:0.75'")
    page.locator("#position:text-matches('^done')").wait_for()
    parameters[0].data = 0.75
    expected = updates_of(walk(record(), names={}, accumulate=False, update=optimiser))
    found = rows(page)
    for step in expected:
        assert float(found[step.node.label][0]) == pytest.approx(step.after, rel=1e-12, abs=1e-15)


@browser_test
@pytest.mark.xdist_group("browser")
@pytest.mark.parametrize("kind", OPTIMISERS)
def test_training_goes_on_with_the_same_optimiser(opened, kind):
    parameters, record, optimiser = trained(kind, 1)
    page = opened(record(), parameters=parameters, update=optimiser, names={})
    page.keyboard.press("End")
    assert page.locator("#optimiser option:checked").inner_text() == f"your {type(optimiser).__name__}"
    for _ in range(2):
        page.get_by_role("button", name="10 steps").click()
    for _ in range(20):
        optimiser.zero_grad()
        record().backward()
        optimiser.step()
    optimiser.zero_grad()
    page.keyboard.press("Home")
    page.locator("#slider").fill("122")
    expect_numbers(page, record(), parameters)


@browser_test
@pytest.mark.xdist_group("browser")
def test_the_update_can_be_predicted_and_gives_nothing_away(opened):
    w = Value(2.0, "w")
    page = opened(w * 3.5, update=0.1, names={}, at="#step=3")
    page.keyboard.press("p")
    page.keyboard.press("ArrowRight")
    assert page.inner_text(".ask label").strip() == "What is w after the update?"
    assert "1.65" not in page.inner_text("main") + page.text_content("#graph")
    page.locator(".ask input").fill("1.65")
    page.get_by_role("button", name="Check").click()
    assert "Correct: 1.65." in page.inner_text("#card")


@browser_test
@pytest.mark.xdist_group("browser")
def test_a_phase_of_updates_without_a_rule_or_without_a_live_graph(opened, monkeypatch):
    w = Value(2.0, "w")
    page = opened(w * 3.0, update=lambda p, g: p - 0.5 if g > 0 else p, names={})
    page.keyboard.press("End")
    assert rows(page)["w"][0] == "1.5"
    page.get_by_role("button", name="1 step", exact=True).click()
    assert "not a finite number" in page.inner_text(".trained") or "cannot be read" in page.inner_text(".trained")
    monkeypatch.setattr(engine.page.live, "MAX_LIVE", 1)
    page = opened(w * 3.0, update=0.5, names={})
    page.keyboard.press("End")
    assert rows(page)["w"][0] == "0.5"


@browser_test
@pytest.mark.xdist_group("browser")
@pytest.mark.slow
@pytest.mark.parametrize("label", HOSTILE)
def test_hostile_names_change_nothing(opened, label):
    w = Value(2.0, label)
    kind = type(label.replace("\x00", "").replace("\ud800", "") or "K", (nn.SGD,), {})
    page = opened(w * 3.0, update=kind([w], 0.1, momentum=0.5), names={})
    page.keyboard.press("End")
    assert next(float(data) for _, data, _ in exact(page)) == 2.0 - 0.1 * 3.0
    assert page.locator("script").count() == 2
