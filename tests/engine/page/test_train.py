"""Training on the page: updates as the optimisers of `nn` make them, and every iteration with its whole walk."""

import pytest

import engine
import nn
from demos import backprop
from engine import Value, leaves
from tests.engine.page.test_in_a_browser import expression
from tests.engine.page.test_in_a_browser import network as layers

pytestmark = [pytest.mark.needs_browser, pytest.mark.xdist_group("browser")]
DATA = "JSON.parse(document.getElementById('data').textContent)"
OPTIMISERS = {
    "gradient descent": lambda parameters, lr: nn.SGD(parameters, lr),
    "momentum": lambda parameters, lr: nn.SGD(parameters, lr, momentum=0.9),
    "Adam": lambda parameters, lr: nn.Adam(parameters, lr),
}


def network():
    """Return the parameters of the 2-2-3-1 network, and a function that records its loss."""
    parameters = backprop.random_network(42)
    return parameters, lambda: backprop.forward(parameters, engine.relu, 1.0)


def shown_numbers(page):
    """Return for each row of the table the data and the gradient, with all digits."""
    read = "() => [...document.querySelectorAll('#rows tr')].map((row) => [row.cells[1].title, row.cells[2].title])"
    return page.evaluate(read)


def expect_numbers(page, root, parameters):
    """Compare what the page shows at the end of the walk with the engine's numbers."""
    root.backward()
    order, compared = engine.topological_order(root), 0
    for box, (data, grad) in zip(page.evaluate(DATA)["boxes"], shown_numbers(page), strict=True):
        if data and len(box["nodes"]) == 1:
            node = order[box["nodes"][0]]
            assert float(data) == pytest.approx(node.data, rel=1e-12, abs=1e-15)
            compared += 1
            if node in parameters:
                assert float(grad) == pytest.approx(node.grad, rel=1e-12, abs=1e-14)
                compared += 1
    assert compared > 2 * len(parameters)


@pytest.mark.parametrize("kind", OPTIMISERS)
def test_two_hundred_iterations_end_with_the_optimiser_s_numbers(opened, kind):
    given, record = network()
    parameters = backprop.parameters_of(given)
    page = opened(record(), parameters=parameters, names={})
    page.keyboard.press("End")
    page.get_by_label("Optimiser").select_option(kind)
    page.get_by_label("Learning rate").fill("0.05")
    optimiser = OPTIMISERS[kind](parameters, 0.05)
    for turn in range(2):
        page.get_by_role("button", name="100 steps").click()
        for _ in range(100):
            optimiser.zero_grad()
            record().backward()
            optimiser.step()
        optimiser.zero_grad()
        assert page.inner_text("#iteration-said") == f"{100 * turn + 100} of {100 * turn + 100}"
        expect_numbers(page, record(), parameters)


def test_an_iteration_is_visited_again_with_its_whole_walk(opened):
    given, record = network()
    parameters = backprop.parameters_of(given)
    page = opened(record(), parameters=parameters, names={})
    page.keyboard.press("End")
    page.get_by_role("button", name="10 steps").click()
    optimiser = nn.SGD(parameters, 0.1)
    for _ in range(3):
        optimiser.zero_grad()
        record().backward()
        optimiser.step()
    optimiser.zero_grad()
    page.get_by_role("slider", name="Iteration").fill("3")
    expect_numbers(page, record(), parameters)
    root = record()
    page.keyboard.press("Home")
    page.locator("#back").focus()
    for step in [s for s in engine.walk(root, names={}) if s.kind == "forward" and s.inputs][:12]:
        page.locator("#next").click()
        assert page.locator("#exact b").first.inner_text() == repr(step.data).removesuffix(".0")


def test_a_step_from_an_earlier_iteration_replaces_the_later_ones(opened):
    page = opened(expression(), names={})
    page.keyboard.press("End")
    page.get_by_role("button", name="10 steps").click()
    page.get_by_role("slider", name="Iteration").fill("4")
    page.get_by_label("Learning rate").fill("0.2")
    page.get_by_role("button", name="1 step", exact=True).click()
    assert page.inner_text("#iteration-said") == "5 of 5"
    page.get_by_role("slider", name="Iteration").fill("0")
    rows = dict(zip([box["called"] for box in page.evaluate(DATA)["boxes"]], shown_numbers(page), strict=True))
    assert [float(rows[name][0]) for name in "abc"] == [2.0, -3.0, 5.0]


def test_a_number_that_the_reader_has_set_is_not_trained(opened):
    root = expression()
    page = opened(root, names={})
    page.locator("#rows button", has_text="b").first.click()
    page.fill("#edit-number", "-2.5")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    page.keyboard.press("End")
    page.get_by_role("button", name="10 steps").click()
    row = page.locator("#rows tr", has=page.locator("button[title='b']"))
    assert row.locator("td").nth(0).get_attribute("title") == "-2.5"
    row = page.locator("#rows tr", has=page.locator("button[title='a']"))
    assert float(row.locator("td").nth(0).get_attribute("title")) != 2.0


def test_steps_that_are_too_long_end_with_a_sentence(opened):
    x = Value(3.0, "x")
    page = opened(x**4, names={})
    page.keyboard.press("End")
    page.get_by_label("Learning rate").fill("1")
    page.get_by_role("button", name="100 steps").click()
    said = page.inner_text(".trained")
    assert "try a lower learning rate" in said or "has no value" in said
    page.get_by_role("slider", name="Iteration").fill("0")
    assert page.locator("#rows tr").first.locator("td").first.get_attribute("title") == "3"


def test_the_curve_along_the_gradient_starts_as_it_predicts(opened):
    x = Value(3.0, "x")
    page = opened(x * x, names={})
    page.keyboard.press("End")
    page.get_by_label("Learning rate").fill("0.25")
    actual, predicted = (
        [
            tuple(map(float, point.split(",")))
            for point in page.locator(f"polyline.{name}").get_attribute("points").split()
        ]
        for name in ("actual", "predicted")
    )
    # (3 - 6 t)^2 from t = 0 to 0.5, which is 9 and 0 at the ends and 2.25 in the middle; the tangent is 9 - 36 t.
    low, high = actual[-1][1], actual[0][1]
    assert (actual[12][1] - low) / (high - low) == pytest.approx(0.25, abs=0.01)
    assert predicted[0] == actual[0]
    assert (predicted[1][1] - low) / (high - low) == pytest.approx(-1.0, abs=0.02)


def test_a_folded_network_learns_with_all_its_parameters(opened):
    def record():
        nn.manual_seed(0)
        model = nn.MLP(2, [4, 1], activation="tanh")
        return model, nn.mean_squared_error([model([0.5, -1.0]), model([1.0, 2.0])], [1.0, 0.0])

    _, loss = record()
    page = opened(loss, depth=1, names={})
    page.keyboard.press("End")
    page.get_by_role("button", name="1 step", exact=True).click()
    model, loss = record()
    loss.backward()
    nn.SGD(model.parameters(), 0.1).step()
    again = nn.mean_squared_error([model([0.5, -1.0]), model([1.0, 2.0])], [1.0, 0.0])
    place = page.evaluate(DATA)["root"]
    assert float(shown_numbers(page)[place][0]) == pytest.approx(again.data, rel=1e-12)


def test_without_a_live_graph_the_update_is_still_told(opened, monkeypatch):
    monkeypatch.setattr(engine.page.live, "MAX_LIVE", 2)
    page = opened(expression(), names={})
    page.keyboard.press("End")
    assert page.locator("tr.update").count() == len(leaves(expression()))
    assert not page.get_by_role("button", name="10 steps").is_visible()


def test_updates_are_whole_in_sight_and_start_from_the_numbers_that_are_set(opened):
    page = opened(layers(2, 3), every_sample=True, limit=200, at="#step=9000&set=0:1.5")
    root = page.evaluate(DATA)["root"]
    set_to = f"{float(shown_numbers(page)[root][0]):.6g}"
    assert page.locator("#card .update").count() > 2
    cells = page.locator("#card .update td")
    assert all(cells.evaluate_all("all => all.map(each => each.scrollWidth <= each.clientWidth)"))
    assert "1.5" not in page.locator("#card .update td:nth-child(2)").all_inner_texts()
    page.locator("#train-1").click()
    page.locator("#iteration").fill("0")
    assert set_to in page.inner_text(".trained")
