"""Ways to a node of the graph: along its arrows by keyboard, by its name, and by pointing at it."""

import pytest

from engine import Value
from tests.engine.page.test_in_a_browser import expression, network, position

pytestmark = [pytest.mark.needs_browser, pytest.mark.xdist_group("browser")]


def spoken(page):
    """Return the name of what has the focus, which screen readers speak, and what is said beside it."""
    return page.evaluate("document.activeElement.ariaLabel"), page.text_content("#said")


def found(page, text):
    page.keyboard.press("/")
    page.locator("#find").fill(text)
    return page.inner_text("#found")


def test_arrows_go_along_the_edges_and_are_spoken(opened):
    page = opened(expression())
    page.keyboard.press("End")
    assert found(page, "d") == "1 of 1"
    page.keyboard.press("Enter")
    assert spoken(page)[0].startswith("d = v5 + a = 1; gradient 0.393")
    page.keyboard.press("ArrowLeft")
    assert spoken(page)[0].startswith("v5 = v4 + c = -1; gradient 0.393")
    page.keyboard.press("ArrowDown")
    assert spoken(page)[0].startswith("a = 2; input; gradient")
    page.keyboard.press("ArrowDown")
    assert spoken(page)[0].startswith("v5")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowLeft")
    assert spoken(page) == (spoken(page)[0], "a has no operands.")
    assert "used by v4, d" in spoken(page)[0]
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    assert spoken(page)[0].startswith("e = tanh(v7) = 0.462117; gradient 1")
    assert spoken(page)[1] == "Nothing uses e."
    assert position(page) == "done, 14 steps"


def test_a_node_under_the_focus_is_in_view_and_taken_by_enter(opened):
    page = opened(network(), limit=500, every_sample=True)
    page.keyboard.press("ArrowRight")
    found(page, "layer2")
    page.keyboard.press("Enter")
    in_view = """() => {
      const area = (element) => element.getBoundingClientRect();
      const [node, graph] = [area(document.activeElement), area(document.querySelector('#graph'))];
      const isAcross = node.left >= graph.left && node.right <= graph.right;
      return isAcross && node.top >= graph.top && node.bottom <= graph.bottom;
    }"""
    for key in ["ArrowRight", "ArrowLeft", "ArrowDown", "ArrowRight", "ArrowRight", "ArrowUp", "ArrowLeft"]:
        page.keyboard.press(key)
        assert page.evaluate(in_view), key
        assert page.locator("#graph").evaluate("graph => [graph.scrollLeft, graph.scrollTop]") == [0, 0]
    assert position(page).startswith("step 1 of")
    name = page.evaluate("document.activeElement.dataset.name")
    page.keyboard.press("Enter")
    assert not position(page).startswith("step 1 of")
    assert page.evaluate("document.activeElement.dataset.name") == name
    assert "lit" in page.evaluate("document.activeElement.classList.value")


def test_every_node_can_be_reached_along_the_edges(opened):
    page = opened(network(2, 2), limit=500, every_sample=True)
    page.keyboard.press("End")
    reached = page.evaluate("""() => {
      const all = [...document.querySelectorAll('#graph [data-name][role=button]')];
      const [seen, waiting] = [new Set(), [document.querySelector('#graph [data-name][tabindex="0"]')]];
      const press = (key) => document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
      while (waiting.length) {
        const from = waiting.pop();
        if (seen.has(from)) continue;
        seen.add(from);
        for (const way of ['ArrowLeft', 'ArrowRight']) {
          from.focus();
          press(way);
          const first = document.activeElement;
          for (let turn = 0; turn < 20; turn++) {
            waiting.push(document.activeElement);
            press('ArrowDown');
            if (document.activeElement === first) break;
          }
        }
      }
      return [seen.size, all.length, document.querySelectorAll('#graph [data-name][tabindex="0"]').length];
    }""")
    assert reached[0] == reached[1] > 20
    assert reached[2] == 1  # Tab stops once


def test_names_are_found(opened):
    one, other, third = Value(1.0, "rate"), Value(2.0, "Rates"), Value(3.0, "a rate")
    page = opened(one * other + third + 4.0)
    assert found(page, "RATE") == "1 of 3"
    assert page.text_content("#said").startswith("1 of 3: rate = 1; input")
    assert page.locator("#graph .found").count() == 3
    page.keyboard.press("ArrowDown")
    assert page.text_content("#said").startswith("2 of 3: Rates = 2")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert page.text_content("#said").startswith("3 of 3: a rate = 3")
    assert found(page, "nothing") == "none"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "find"
    assert page.locator("#account").is_hidden()
    page.keyboard.press("Escape")
    assert page.input_value("#find") == page.inner_text("#found") == ""
    assert found(page, "<img src=x onerror=alert(1)>") == "none"
    assert position(page).startswith("step 0 of")


def test_pointing_at_a_node_tells_its_account(opened):
    page = opened(expression())
    node = page.locator("#graph [data-name=v6]")
    node.hover()
    account = page.locator("#account")
    assert account.inner_text().startswith("d = v5 + a is not computed yet; used by v7")
    page.keyboard.press("End")
    assert account.is_hidden()  # what it told is of another step
    page.mouse.move(0, 0)
    node.hover()
    assert account.inner_text().startswith("d = v5 + a = 1; gradient 0.393")
    page.mouse.move(0, 0)
    assert account.is_hidden()


def test_an_account_gives_nothing_away_while_predicting(opened):
    page = opened(expression())
    page.keyboard.press("p")
    page.keyboard.press("ArrowRight")
    page.locator("#graph [data-name=v4]").hover()
    assert page.inner_text("#account").startswith("v4 = a * b = ?")
    assert "-6" not in page.locator("#graph [data-name=v4]").get_attribute("aria-label")


def test_hostile_names_are_text_in_an_account(opened):
    label = "<img src=x onerror=alert(1)>"
    page = opened(Value(2.0, label) * 3.0)
    assert found(page, "<img") == "1 of 1"
    assert label in page.inner_text("#account")
    assert page.locator("#account *").count() == 0


def test_a_folded_box_opens_by_enter(opened):
    page = opened(network(3, 4), names={}, depth=2)
    page.locator("#graph .folded").first.focus()
    page.keyboard.press("Enter")
    assert page.locator("#inside").is_visible()
