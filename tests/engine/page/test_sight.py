"""What a step is about is whole in sight, at every step, and predicting gives nothing away: in a real browser.

With STEPGRAD_LONG=1, all pages are walked in all sizes of windows through all their steps.
"""

import math
import os
import random

import pytest

import engine
import nn
from demos import backprop
from engine import Value, tanh
from tests.engine.page.sight import COLUMNS, SIZES, ZOOMED, walk_in_sight

from .test_in_a_browser import expression, network, position

pytestmark = [pytest.mark.needs_browser, pytest.mark.xdist_group("browser")]
IS_LONG = os.environ.get("STEPGRAD_LONG") == "1"


def mlp(samples, *sizes):
    nn.manual_seed(0)
    model = nn.MLP(sizes[0], sizes[1:], activation="tanh")
    outputs = [model([0.1 * i + 0.3, 0.5 - 0.2 * i]) for i in range(samples)]
    return nn.mean_squared_error(outputs, [float(i % 2) for i in range(samples)])


def recurrent(steps):
    u, w, b, h = Value(0.5, "u"), Value(0.8, "w"), Value(0.1, "b"), Value(0.0, "h0")
    for t in range(steps):
        h = tanh(w * h + u * Value(math.sin(t), f"x[{t}]") + b)
    return (h - 1.0) ** 2


def newton():
    a, x = Value(2.0, "a"), Value(1.0, "x0")
    for _ in range(6):
        x = x - (x * x - a) / (2.0 * x)
    return x


def logistic():
    r, x = Value(3.7, "r"), Value(0.2, "x0")
    for _ in range(20):
        x = r * x * (1.0 - x)
    return x


def chain(length):
    w, x = Value(1.01, "w"), Value(1.0, "x")
    for _ in range(length):
        x = x * w
    return x


PAGES = {
    "demo": lambda: backprop.forward(backprop.random_network(42), engine.relu, 1.0),
    "2-3-1": lambda: mlp(1, 2, 3, 1),
    "2-16-16-1": lambda: mlp(1, 2, 16, 16, 1),
    "2-16-16-1, 20 samples": lambda: mlp(20, 2, 16, 16, 1),
    "expression": expression,
    "chain": lambda: chain(40),
    "recurrent": lambda: recurrent(20),
    "newton": newton,
    "logistic": logistic,
}
SHORT = [
    ("demo", (390, 844)),
    ("demo", (640, 400)),
    ("2-3-1", (1000, 760)),
    ("2-3-1", (960, 540)),
    ("2-16-16-1", (1280, 800)),
    ("recurrent", (1280, 800)),
]


@pytest.mark.parametrize(
    ("name", "size"), [(name, size) for name in PAGES for size in (*SIZES, *ZOOMED)] if IS_LONG else SHORT, ids=str
)
def test_what_a_step_is_about_is_whole_in_sight(opened, name, size):
    page = opened(PAGES[name](), names={}, width=size[0], height=size[1], still=True)
    found = walk_in_sight(page, 1 if IS_LONG else 5)
    assert found["steps"] > 0
    assert {column: found[column] for column in COLUMNS} == {column: [] for column in COLUMNS}


def test_the_check_of_what_is_in_sight_finds_what_is_not(opened):
    page = opened(mlp(1, 2, 3, 1), names={})
    page.evaluate("""() => {
      for (const [place, name, size] of [['#card', 'height', '60px'], ['#program', 'width', '110px'],
        ['#numbers', 'width', '120px'], ['#graph', 'transform', 'translate(400px)']]) {
        document.querySelector(place).style[name] = size;
      }
    }""")
    page.evaluate("""() => {
      const [one, other] = document.querySelectorAll('#graph .data');
      for (const name of ['x', 'y']) other.setAttribute(name, one.getAttribute(name));
      document.querySelector('#card').style.fontSize = '11px';
    }""")
    page.keyboard.press("-")
    found = walk_in_sight(page, 5)
    assert found["label"]
    assert found["small"]
    assert found["card"]
    assert found["line"]
    assert found["cell"]
    assert found["result"]


@pytest.mark.parametrize("size", SIZES)
def test_at_first_the_whole_graph_is_in_sight_and_after_a_resize_the_step_again(opened, size):
    page = opened(PAGES["demo"](), names={}, width=size[0], height=size[1])
    holds = """() => {
      const [outer, inner] = ['#graph', '#graph svg'].map((at) => document.querySelector(at).getBoundingClientRect());
      return inner.left >= outer.left - 1 && inner.right <= outer.right + 1 && inner.top >= outer.top - 1
        && inner.bottom <= outer.bottom + 1;
    }"""
    assert page.evaluate(holds)
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    page.set_viewport_size({"width": size[0] - 60, "height": size[1] - 80})
    page.wait_for_timeout(100)
    inside = """() => {
      const outer = document.querySelector('#graph').getBoundingClientRect();
      return [...document.querySelectorAll('#graph .value.lit, #graph .value.source')].every((shape) => {
        const inner = shape.querySelector('.face').getBoundingClientRect();
        return inner.left >= outer.left && inner.right <= outer.right && inner.top >= outer.top
          && inner.bottom <= outer.bottom;
      });
    }"""
    assert page.evaluate(inside)


def test_no_text_is_too_small_to_be_read(opened):
    page = opened(PAGES["demo"](), names={}, at="#step=70")
    small = """() => [...document.querySelectorAll('main text, main td, main code, main dt, main mn, header *, nav *')]
      .filter((element) => element.checkVisibility() && element.textContent.trim() && !element.closest('.help dl'))
      .map((element) => {
        const size = parseFloat(getComputedStyle(element).fontSize);
        const drawing = element.tagName === 'text' && getComputedStyle(element.ownerSVGElement).transform;
        return [element.textContent, drawing ? size * new DOMMatrix(drawing).a : size];
      })
      .filter(([, size]) => size < 11.9)"""
    assert page.evaluate(small) == []


# --- predicting ----------------------------------------------------------------------------------------

ASKED = """() => {
  const known = new Set();  // the numbers that are shown before the step
  const texts = () => {
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.nodeType === 3 ? node.parentElement : node;
      if (element.closest('script, style')) continue;
      if (node.nodeType === 3) { if (element.checkVisibility({ visibilityProperty: true })) found.push(node.data); }
      else for (const name of ['title', 'aria-label', 'aria-valuetext']) found.push(element.getAttribute(name) ?? '');
    }
    return found.join(' ').replaceAll('\\u2212 ', '-').replaceAll('\\u2212', '-');
  };
  return texts();
}"""


def spellings(number):
    """Return the ways in which a page may write a number, without its sign."""
    size = abs(number)
    found = {f"{size:.{digits}g}" for digits in (4, 6)} | {repr(size), engine.support.text.format_rounded(size)}
    return {text for text in found if len(text.replace(".", "").strip("0")) > 1}


def contains(text, number):
    import re

    return any(re.search(rf"(?<![\d.]){re.escape(each)}(?![\d])", text) for each in spellings(number))


def anything(seed):
    chance = random.Random(seed)
    leaves = [Value(chance.uniform(0.3, 1.7), name) for name in "abcd"]
    nodes = list(leaves)
    for _ in range(7):
        x, y = chance.choice(nodes), chance.choice(nodes[-3:])
        makers = [lambda: x * y, lambda: x - y * 0.37, lambda: (x * 0.73).tanh(), lambda: x / (y + 2.0), lambda: x**2]
        nodes.append(chance.choice(makers)())
    return nodes[-1] * nodes[-2] + nodes[-3]


@pytest.mark.parametrize(
    "make", [expression, *(lambda seed=seed: anything(seed) for seed in range(40 if IS_LONG else 5))]
)
def test_predicting_gives_nothing_away(opened, make):
    root = make()
    page = opened(root, names={})
    page.locator("#spare").check()
    walk = [s for s in engine.walk(root, names={}, accumulate=False) if s.kind != "forward" or s.inputs]
    page.keyboard.press("p")
    asked = 0
    for step in walk:
        before = page.evaluate(ASKED)
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press("ArrowRight")
        page.locator(".ask").wait_for()
        answer = step.data if step.kind == "forward" else step.seed if step.kind == "seed" else step.contribution
        text = page.evaluate(ASKED)
        if not contains(before, answer):  # else it is known from elsewhere, as where 1 is the other factor
            asked += 1
            assert not contains(text, answer), (step, text)
        page.get_by_role("button", name="Show").click()
    assert asked >= len(walk) // 3


def test_check_and_show_are_above_the_fold(opened):
    for width, height in SIZES:
        page = opened(PAGES["demo"](), names={}, width=width, height=height, at="#step=60")
        page.keyboard.press("p")
        for _ in range(12):
            page.evaluate("document.activeElement.blur()")
            page.keyboard.press("ArrowRight")
            for name in ("Check", "Show"):
                box = page.get_by_role("button", name=name).bounding_box()
                assert box["y"] >= 0
                assert box["y"] + box["height"] <= height
                assert box["x"] + box["width"] <= width


# --- the end, and boxes that open -----------------------------------------------------------------------


def updates(page):
    """Return the next numbers that the end of the page tells."""
    return page.locator("tr.update td:last-child").evaluate_all("all => all.map((cell) => Number(cell.title))")


def test_the_end_says_what_the_gradients_are_for(opened):
    root = expression()
    page = opened(root, names={})
    page.keyboard.press("End")
    assert position(page) == "done, 14 steps"
    assert "these are the gradients" in page.inner_text("#card h2")
    root.backward()
    leaves = engine.leaves(root)
    assert updates(page) == pytest.approx([leaf.data - 0.1 * leaf.grad for leaf in leaves], rel=1e-12)
    page.get_by_label("Learning rate").fill("0.5")
    assert updates(page) == pytest.approx([x.data - 0.5 * x.grad for x in leaves], rel=1e-12)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Step back").click()
    assert position(page) == "step 14 of 14"
    page.keyboard.press("End")
    assert page.locator("tr.update").count() == 3


def test_folded_boxes_open_by_a_click(opened):
    page = opened(network(3, 4), names={}, depth=2)
    page.locator("#graph g.folded").first.locator(".face").click()
    panel = page.locator("#inside")
    assert panel.is_visible()
    assert "Inside layer2.neuron0" in panel.inner_text()
    assert "v119 + v125" in panel.inner_text()
    page.get_by_role("button", name="Close").click()
    assert not panel.is_visible()


def test_no_button_lies_on_the_graph(opened):
    for width, height in SIZES:
        page = opened(mlp(1, 2, 16, 16, 1), names={}, width=width, height=height)
        graph = page.locator("#graph").bounding_box()
        for name in ("#zoom-in", "#zoom-out", "#fit"):
            box = page.locator(name).bounding_box()
            assert box["y"] + box["height"] <= graph["y"]


def test_gradients_that_nobody_asked_for_are_behind_a_switch(opened):
    page = opened(mlp(1, 2, 3, 1), names={})
    few = int(position(page).split()[-1])
    assert "(0.5).grad" not in page.inner_text("#lines")
    page.keyboard.press("End")
    page.locator("#spare").check()
    assert int(page.get_attribute("#slider", "max")) > few + 1
    assert "(0.5).grad" in page.inner_text("#lines") or "(0.3).grad" in page.inner_text("#lines")
    page.locator("#spare").uncheck()
    page.keyboard.press("Home")
    assert position(page) == f"step 0 of {few}"
