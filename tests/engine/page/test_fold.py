"""Scopes folded and unfolded on the page: the picture, the walk, the table and changed numbers follow."""

import os
import random

import pytest

import engine
import nn
from demos import backprop
from engine import Value, scope
from tests.engine.page.sight import COLUMNS, SIZES, walk_in_sight
from tests.engine.page.test_in_a_browser import everything, network, position
from tests.engine.page.test_page import HOSTILE
from tests.engine.page.test_sight import mlp
from tests.engine.page.test_train import DATA, OPTIMISERS
from tests.engine.page.test_train import network as demo

pytestmark = [pytest.mark.needs_browser, pytest.mark.xdist_group("browser")]
COUNT = int(os.environ.get("STEPGRAD_GRAPHS", "3"))
CLICK = "name => name.dispatchEvent(new MouseEvent('click', { bubbles: true }))"
TABLE = """() => Object.fromEntries([...document.querySelectorAll('#rows tr')].map(
  (row) => [row.cells[0].textContent, [row.cells[1].title, row.cells[2].title]]))"""


def names(page):
    return page.locator("[data-scope]").evaluate_all("all => all.map(name => name.getAttribute('aria-label').slice(5))")


def fold(page, called):
    page.locator(f"[data-scope][aria-label='Fold {called}']").evaluate(CLICK)


def unfold(page, called):
    page.locator("#graph g.closed", has_text=called).first.evaluate(CLICK)


def expect_numbers(page, root):
    """Compare all numbers at the end with the engine's, for the boxes of one Value; return how many."""
    if not page.locator("#spare").is_checked():
        page.locator("#spare").check(force=True)
    page.locator("#last").focus()
    page.keyboard.press("End")
    root.zero_grad()
    root.backward()
    order, shown, compared = engine.topological_order(root), page.evaluate(TABLE), 0
    for box in page.evaluate(DATA)["boxes"]:
        if box["kind"] != "constant" and box["called"] in shown and len(box["nodes"]) == 1 and shown[box["called"]][0]:
            node = order[box["nodes"][0]]
            data, grad = map(float, shown[box["called"]])
            assert data == pytest.approx(node.data, rel=1e-12, abs=1e-15)
            assert grad == pytest.approx(node.grad, rel=1e-12, abs=1e-14)
            compared += 1
    return compared


def any_scopes(seed):
    """Return the root of a random graph in random scopes."""
    draw = random.Random(seed)
    leaves = [Value(draw.uniform(0.3, 1.7), f"x{i}") for i in range(4)]
    nodes = list(leaves)

    def grow(depth):
        for _ in range(draw.randint(2, 4)):
            if depth < 3 and draw.random() < 0.45:
                with scope(f"part {draw.randint(0, 3)}"):
                    grow(depth + 1)
                continue
            x, y = draw.choice(nodes), draw.choice(nodes[-4:])
            made = [lambda: x * y, lambda: x - y * 0.37, lambda: (x * 0.73).tanh(), lambda: x / (y * y + 2.0)]
            nodes.append(draw.choice(made)())

    for _ in range(3):
        grow(0)
    return sum(nodes[4:], nodes[0]) * 0.25


@pytest.mark.parametrize("seed", range(COUNT))
def test_random_scopes_of_random_graphs(opened, seed):
    root, draw = any_scopes(seed), random.Random(seed)
    page = opened(root, names={})
    few = int(position(page).split()[-1])
    for _ in range(3):
        if not (there := names(page)):
            break
        fold(page, draw.choice(there))
        assert page.locator("#graph g.closed").count() >= 1
        expect_numbers(page, root)
        steps = int(position(page).split()[1])
        page.keyboard.press("Home")
        for step in range(1, steps, 7):  # no step fails
            page.locator("#slider").fill(str(step))
        assert page.locator("#card").inner_text()
    while page.locator("#graph g.closed").count():
        page.locator("#graph g.closed").first.evaluate(CLICK)
    page.locator("#spare").uncheck(force=True)
    assert page.locator("#slider").get_attribute("max") == str(few + 1)


def test_folded_and_unfolded_everything_is_as_before(opened):
    page = opened(mlp(1, 2, 3, 1), names={}, at="#step=20")
    before = everything(page)
    fold(page, "layer1.neuron1")
    assert everything(page) != before
    unfold(page, "layer1.neuron1")
    page.evaluate("document.activeElement.blur()")
    page.wait_for_timeout(100)
    assert position(page) == "step 20 of 59"
    now = everything(page)
    assert now[:2] == before[:2]
    page.keyboard.press("Home")
    page.keyboard.press("End")
    assert position(page) == "done, 59 steps"


def test_the_walk_and_the_table_follow(opened):
    root = mlp(1, 2, 3, 1)
    page = opened(root, names={})
    fold(page, "layer1")
    assert names(page) == ["layer2", "layer2.neuron0"]
    assert page.locator("#rows th", has_text="layer1").count() == 1
    lines = page.locator("#lines code").all_inner_texts()
    assert sum("compute layer1" in line for line in lines) == 1
    assert any("steps of the chain rule inside" in line for line in lines)
    assert any(line.strip() == "layer1.grad += contribution from v25" for line in lines)
    assert expect_numbers(page, root) > 10
    shown = page.evaluate(TABLE)["layer1"][1]
    grads = [node.grad for node in engine.topological_order(root) if node.scope[:1] == ("layer 1",)]
    assert shown == engine.support.text.format_range(grads)
    fold(page, "layer2.neuron0")
    assert page.locator("#graph g.closed").count() == 2
    assert expect_numbers(page, root) >= 2


def test_changed_numbers_stay_and_everything_follows_them(opened):
    root = mlp(1, 2, 3, 1)
    page = opened(root, names={}, at="#step=5")
    place = next(
        i for i, x in enumerate(engine.topological_order(root)) if engine.name.Names([x], {})[x].endswith("w1")
    )
    page.evaluate(f"location.hash = '#step=5&set={place}:0.75'")
    page.locator("#edit-said:text-matches('1 number set')").wait_for()
    fold(page, "layer1")
    assert "1 number set" in page.inner_text("#edit-said")
    engine.topological_order(root)[place].data = 0.75
    again = engine.numbers.Numbers(engine.topological_order(root), True).stand_in(root)
    assert expect_numbers(page, again) > 10
    page.locator("#reset").click()
    unfold(page, "layer1")
    assert page.locator("#rows tr.edited").count() == 0


def test_a_folded_network_goes_on_learning(opened):
    given, record = demo()
    parameters = backprop.parameters_of(given)
    page = opened(record(), parameters=parameters, names={})
    page.keyboard.press("End")
    page.get_by_role("button", name="10 steps").click()
    fold(page, "sample1.layer1")
    page.get_by_role("button", name="10 steps").click()
    assert page.inner_text("#iteration-said") == "20 of 20"
    unfold(page, "sample1.layer1")
    optimiser = OPTIMISERS["gradient descent"](parameters, 0.1)
    for _ in range(20):
        optimiser.zero_grad()
        record().backward()
        optimiser.step()
    assert expect_numbers(page, record()) > 30


def test_updates_of_the_walk_fold_too(opened):
    nn.manual_seed(0)
    model = nn.MLP(2, [3, 1], activation="tanh")
    loss = nn.mean_squared_error([model([0.5, -1.0])], [1.0])
    page = opened(loss, names={}, update=nn.Adam(model.parameters(), 0.1))
    fold(page, "layer1")
    lines = [line.split("  =")[0] for line in page.locator("#lines code").all_inner_texts()]
    assert "layer1: 9 updates inside" in lines
    page.keyboard.press("End")
    page.locator("#lines button.update", has_text="layer1").click()
    assert "9 numbers in here are updated" in page.inner_text("#card")


def test_everything_by_keyboard(opened):
    page = opened(mlp(1, 2, 3, 1), names={}, at="#step=20")
    page.locator("[data-scope]").first.focus()
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Fold layer1"
    page.keyboard.press("Enter")
    assert page.locator("#graph g.closed").count() == 1
    assert "9 values" not in page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert "folded; Enter opens it" in page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert "Folded layer1" in page.text_content("#said")
    page.keyboard.press("Enter")
    assert page.locator("#graph g.closed").count() == 0
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Fold layer1"
    page.locator("#graph g.value[data-name='v0']").focus()
    page.keyboard.press("f")
    assert "layer2.neuron0" in page.locator("#graph g.closed").text_content()
    page.keyboard.press("ArrowRight")  # to a user of the folded box
    assert page.evaluate("document.activeElement.closest('#graph') !== null")


OVERLAPS = """() => {
  const area = (shape) => (shape.querySelector('.face') ?? shape.querySelector('ellipse')).getBoundingClientRect();
  const all = [...document.querySelectorAll('#graph [data-name]')].map((shape) => [shape.dataset.name, area(shape)]);
  return all.flatMap(([a, one], at) => all.slice(at + 1).filter(([, other]) => one.left < other.right && other.left < one.right
    && one.top < other.bottom && other.top < one.bottom).map(([b]) => `${a} ${b}`));
}"""  # noqa: E501


@pytest.mark.parametrize("called", ["layer1", "layer2", "layer1.neuron1"])
@pytest.mark.parametrize("size", SIZES)
def test_what_a_step_is_about_stays_whole_in_sight(opened, called, size):
    page = opened(mlp(1, 2, 3, 1), names={}, width=size[0], height=size[1], still=True)
    before = page.locator("#graph svg").get_attribute("viewBox").split()
    fold(page, called)
    after = page.locator("#graph svg").get_attribute("viewBox").split()
    assert float(after[2]) * float(after[3]) < float(before[2]) * float(before[3])
    assert page.evaluate(OVERLAPS) == []
    found = walk_in_sight(page, 4)
    assert found["steps"] > 0
    assert {column: found[column] for column in COLUMNS} == {column: [] for column in COLUMNS}


@pytest.mark.slow
@pytest.mark.parametrize("label", HOSTILE)
def test_hostile_names_of_scopes_change_nothing(opened, label):
    with scope(label or "x"):
        y = Value(2.0, "a") * 3.0
        z = y * y
    root = z + 1.0
    page = opened(root, names={})
    if page.locator("[data-scope]").count():
        page.locator("[data-scope]").first.evaluate(CLICK)
        assert page.locator("#graph g.closed").count() == 1
        page.keyboard.press("End")
        assert page.locator("#graph img, main script, #card img").count() == 0
        page.locator("#graph g.closed").first.evaluate(CLICK)
    assert page.locator("script").count() == 2


def test_five_hundred_nodes_fold_at_once(opened):
    page = opened(network(6, 5), names={}, every_sample=True, limit=600)
    called = names(page)[0]
    took = page.evaluate("""() => {
      const start = performance.now();
      document.querySelector('[data-scope]').dispatchEvent(new MouseEvent('click', { bubbles: true }));
      return performance.now() - start;
    }""")
    assert page.locator("#graph g.closed", has_text=called).count() == 1
    assert took < 5_000  # some 200 ms on a machine that does nothing else


def test_a_scope_around_the_root_and_pages_that_are_not_live_do_not_fold(opened, monkeypatch):
    with scope("all"):
        with scope("inner"):
            x = Value(2.0, "x") * 3.0
        root = x * x
    page = opened(root, names={})
    assert names(page) == ["all.inner"]
    page.locator("#graph g.scope").first.dispatch_event("dblclick")
    assert page.locator("#graph g.closed").count() == 0
    monkeypatch.setattr(engine.page.live, "MAX_LIVE", 1)
    page = opened(root, names={})
    assert names(page) == []
