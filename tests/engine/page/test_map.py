"""The map of the graph, and what stays in sight while numbers are changed and parameters trained."""

import pytest

import nn
from engine import Value
from tests.engine.page.sight import SIZES
from tests.engine.page.test_in_a_browser import expression, network
from tests.engine.page.test_sight import chain, mlp

pytestmark = [pytest.mark.needs_browser, pytest.mark.xdist_group("browser")]

# The part of the graph that is in view, and that which the map shows, in points of the picture: x, y, width, height.
PARTS = """() => {
  const [picture, frame] = ['#graph svg', '#graph'].map((at) => document.querySelector(at).getBoundingClientRect());
  const [x0, y0, width, height] = document.querySelector('#graph svg').getAttribute('viewBox').split(' ').map(Number);
  const scale = picture.width / width;
  const sides = (start, end, from, size) => [Math.max(start, from), Math.min(end, from + size)];
  const [left, right] = sides(x0 + (frame.left - picture.left) / scale, x0 + (frame.right - picture.left) / scale, x0, width);
  const [top, bottom] = sides(y0 + (frame.top - picture.top) / scale, y0 + (frame.bottom - picture.top) / scale, y0, height);
  const seen = document.querySelector('#map .seen');
  return [[left, top, right - left, bottom - top], ['x', 'y', 'width', 'height'].map((name) => Number(seen.getAttribute(name)))];
}"""  # noqa: E501


def same_parts(page):
    inside, shown = page.evaluate(PARTS)
    return shown == pytest.approx(inside, abs=2.0, rel=0.005)


@pytest.mark.parametrize("size", [*SIZES, (640, 400)])
def test_the_map_shows_the_view_where_the_graph_is_larger(opened, size):
    page = opened(chain(40), names={}, width=size[0], height=size[1], still=True)
    assert not page.locator("#map").is_visible()  # at first the whole graph is in view
    page.keyboard.press("ArrowRight")
    assert page.locator("#map").is_visible()
    for _ in range(12):
        assert same_parts(page)
        marked = page.locator("#map g rect").count()
        assert marked == page.locator("#graph .lit[data-name], #graph .source[data-name]").count()
        for _ in range(9):
            page.keyboard.press("ArrowRight")
    page.keyboard.press("0")
    assert not page.locator("#map").is_visible()
    page.keyboard.press("+")
    assert page.locator("#map").is_visible()
    assert same_parts(page)


@pytest.mark.parametrize("size", [*SIZES, (640, 400), (960, 540)])
def test_nothing_lies_beneath_the_map(opened, size):
    page = opened(mlp(1, 2, 3, 1), names={}, width=size[0], height=size[1], at="#step=20")
    under = page.evaluate("""() => {
      const { left, right, top, bottom } = document.querySelector('#map').getBoundingClientRect();
      const others = document.querySelectorAll('#graph, #find, #found, #legend summary, .tools button, nav, #card');
      return [...others].filter((other) => other.textContent !== '' || other.id !== 'found').filter((other) => {
        const box = other.getBoundingClientRect();
        return box.left < right && box.right > left && box.top < bottom && box.bottom > top;
      }).map((other) => other.id || other.tagName);
    }""")
    assert page.locator("#map").is_visible()
    assert under == []


def test_a_click_and_a_drag_move_the_view(opened):
    page = opened(chain(40), names={}, at="#step=1")
    box = page.locator("#map").bounding_box()
    page.mouse.click(box["x"] + 0.8 * box["width"], box["y"] + box["height"] / 2)
    assert same_parts(page)
    _, (x, _, width, _) = page.evaluate(PARTS)
    whole = float(page.locator("#graph svg").get_attribute("viewBox").split()[2])
    assert x + width / 2 == pytest.approx(0.8 * whole, abs=0.03 * whole)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.4 * box["width"], box["y"] + box["height"] / 2, steps=4)
    page.mouse.up()
    _, (x, _, width, _) = page.evaluate(PARTS)
    assert x + width / 2 == pytest.approx(0.4 * whole, abs=0.03 * whole)
    page.mouse.move(box["x"] + 0.9 * box["width"], box["y"])
    assert page.evaluate(PARTS)[1][0] == x


# --- what stays in sight ------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(1280, 800), (1920, 1080), (1000, 760)])
@pytest.mark.parametrize("deep", [False, True])
def test_both_curves_are_above_the_fold(opened, size, deep):
    root = Value(1.0, "a.rather.long.name.of.something.deep_inside") * 2.0 if deep else expression()
    root = root if deep else network(2, 3)
    root.label = "the_mean_of_the_squared_errors_over_all_samples_of_this_batch"
    page = opened(root, names={}, width=size[0], height=size[1])
    page.keyboard.press("End")
    page.get_by_role("button", name="10 steps").click()
    assert page.locator("#card figure").count() == 2
    assert page.locator("#card").evaluate("card => card.scrollHeight <= card.clientHeight + 1")
    last = page.locator("#card figure").last.bounding_box()
    assert last["y"] + last["height"] <= size[1]
    assert page.locator("#card tr.update").count() >= 1


def test_on_a_phone_the_graph_stays_while_a_number_is_changed(opened):
    page = opened(mlp(1, 2, 3, 1), names={}, width=390, height=844, at="#step=5")
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    page.locator("#rows button").first.click()
    graph, editor = page.locator("#graph").bounding_box(), page.locator("#edit").bounding_box()
    assert graph["y"] >= page.locator("nav").bounding_box()["height"] - 1
    assert editor["y"] + editor["height"] <= 844
    page.locator("#edit-number").fill("0.25")
    page.keyboard.press("Enter")
    graph, editor = page.locator("#graph").bounding_box(), page.locator("#edit").bounding_box()
    assert graph["y"] >= page.locator("nav").bounding_box()["height"] - 1
    assert editor["y"] + editor["height"] <= 844


def test_the_editor_tells_what_the_address_has_changed(opened):
    page = opened(expression(), names={}, at="#step=3&set=0:1.5")
    assert "1 number set. e was" in page.inner_text("#edit-said")
    page.evaluate("location.hash = '#step=3&set=0:1.5,1:2'")
    page.locator("#edit-said:text-matches('^2 numbers')").wait_for()
    assert page.locator("#reset").is_enabled()


def test_parameters_are_called_in_updates_as_everywhere(opened):
    nn.manual_seed(0)
    page = opened(nn.Neuron(3, "tanh", "n")([0.1, 0.2, 0.3]), names={})
    page.keyboard.press("End")
    names = page.locator("tr.update th").all_inner_texts()
    assert len(names) == 4
    assert set(names) <= set(page.locator("#rows th").all_inner_texts())


@pytest.mark.parametrize("size", [*SIZES, (640, 400), (960, 540)])
def test_the_map_comes_and_goes_without_moving_anything(opened, size):
    page = opened(mlp(1, 2, 3, 1), names={}, width=size[0], height=size[1])
    before = page.locator("#graph").bounding_box()
    page.keyboard.press("+")
    assert page.locator("#map").is_visible()
    assert page.locator("#graph").bounding_box() == before


@pytest.mark.parametrize("start", [0, 30])
def test_after_a_resize_the_reader_s_own_zoom_stays_until_the_next_step(opened, start):
    scale = "new DOMMatrix(getComputedStyle(document.querySelector('#graph svg')).transform).a"
    page = opened(chain(40), names={}, width=1280, height=800, still=True, at=f"#step={start}")
    for _ in range(3):
        page.keyboard.press("+")
    for _ in range(4):
        page.keyboard.press("Shift+ArrowRight")
    chosen, (seen, _) = page.evaluate(scale), page.evaluate(PARTS)
    page.set_viewport_size({"width": 1100, "height": 900})
    page.wait_for_timeout(100)
    now, _ = page.evaluate(PARTS)
    assert page.evaluate(scale) == pytest.approx(chosen, rel=1e-6)
    assert now[0] + now[2] / 2 == pytest.approx(seen[0] + seen[2] / 2, abs=60)  # about the same middle
    page.keyboard.press("ArrowRight")
    step = page.evaluate("""() => {
      const box = document.querySelector('#graph .lit[data-name]').getBoundingClientRect();
      const frame = document.querySelector('#graph').getBoundingClientRect();
      return box.left >= frame.left && box.right <= frame.right;
    }""")
    assert step
