"""The step page in a real browser: it shows the engine's numbers at every step, and asks nothing of any network."""

import json
import re
import unicodedata

import pytest

import engine
import nn
from engine import Value, scope, show_steps, tanh, walk
from engine.words.mistakes import MISTAKES

pytestmark = [pytest.mark.needs_browser, pytest.mark.xdist_group("browser")]


def expression():
    with engine.record_source():
        a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(5.0, "c")
        d = a * b + c + a
        e = tanh(d * 0.5)
    d.label, e.label = "d", "e"
    return e


def network(samples=10, hidden=5):
    nn.manual_seed(0)
    model = nn.MLP(2, [hidden, 1], activation="tanh")
    outputs = [model([0.1 * i, 1.0 - 0.2 * i]) for i in range(samples)]
    return nn.mean_squared_error(outputs, [float(i % 2) for i in range(samples)])


def table(page):
    """Return what the table shows: name, data and gradient of each value."""
    rows = page.eval_on_selector_all(
        "#rows tr", "rows => rows.map(row => [...row.cells].map(cell => cell.textContent))"
    )
    return {name: (data, grad) for name, data, grad in rows}


def exact(page):
    """Return the exact numbers that the table has, as hovering over it tells them, with all gradients."""
    if not page.locator("#spare").is_checked():
        page.locator("#spare").check(force=True)
    return page.eval_on_selector_all(
        "#rows tr", "rows => rows.map(row => [row.cells[0].textContent, row.cells[1].title, row.cells[2].title])"
    )


def boxes(page):
    """Return what the graph shows: label, data and gradient of each box."""
    return page.eval_on_selector_all(
        "#graph g.value",
        "all => all.map(box => ['.label', '.data', '.grad'].map(what => box.querySelector(what)?.textContent))",
    )


def formulas(page):
    """Return what the card says in formulas, without spaces and with plain letters."""
    texts = page.locator("#card dd").all_inner_texts()
    return [re.sub(r"\s", "", unicodedata.normalize("NFKC", text)) for text in texts]


def arrive(page, step, steps=14):
    """Wait until a step is shown."""
    page.locator(f"#position:text-is('step {step} of {steps}')").wait_for()


def position(page):
    return page.inner_text("#position")


def everything(page):
    """Return all that is seen, and how it is marked."""
    marks = "all => all.map(x => [x.className.baseVal ?? x.className, x.getAttribute('fill'), x.ariaCurrent])"
    return page.inner_text("main"), page.text_content("#graph"), page.eval_on_selector_all("main *", marks)


# --- numbers ------------------------------------------------------------------------------------------


def test_the_end_shows_the_gradients_of_the_engine(opened):
    root = expression()
    page = opened(root)
    page.locator("#spare").check()
    page.keyboard.press("End")
    root.backward()
    names = ["a", "b", "c", "0.5", "v4", "v5", "d", "v7", "e"]
    order = engine.topological_order(root)
    assert [name for name, _, _ in exact(page)] == names
    assert [(float(data), float(grad)) for _, data, grad in exact(page)] == [(x.data, x.grad) for x in order]
    assert table(page)["a"] == ("2", f"{order[0].grad:.4g}")
    assert ["a", "2", "-0.7864"] in boxes(page)


def test_every_step_shows_the_moment_of_the_walk(opened):
    root = expression()
    page, steps = opened(root), walk(root)
    page.locator("#spare").check()
    given = sum(not node.inputs for node in steps.order)  # which are there at step 0
    for taken in range(len(steps) + 1 - given):
        moment = steps.at(taken + given)
        for (_, data, grad), node in zip(exact(page), steps.order, strict=True):
            assert (float(data) if data else None) == moment.data(node)
            assert (float(grad) if grad else None) == moment.grad(node)
        assert position(page) == f"step {taken} of {len(steps) - given}"
        page.keyboard.press("ArrowRight")
    assert position(page) == f"done, {len(steps) - given} steps"


def test_back_at_the_start_everything_is_as_at_the_start(opened):
    page = opened(network(2, 2), every_sample=True)
    start = everything(page)
    page.keyboard.press("End")
    assert everything(page) != start
    page.keyboard.press("Home")
    assert everything(page) == start


def test_the_same_step_looks_the_same_from_both_sides(opened):
    page = opened(expression())
    seen = []
    for _ in range(14):
        page.keyboard.press("ArrowRight")
        seen.append(everything(page))
    for earlier in reversed(seen[:-1]):
        page.keyboard.press("ArrowLeft")
        assert everything(page) == earlier


def test_folded_graphs_step_by_boxes(opened):
    page = opened(network(30, 8), depth=1)
    page.keyboard.press("End")
    assert "steps of the chain rule inside" in page.inner_text("#lines")
    shown = page.locator("#graph g.folded .grad").all_text_contents()
    assert len(shown) == 2
    assert all("…" in grads for grads in shown)


# --- what a step shows ---------------------------------------------------------------------------------


def lit(page):
    return page.eval_on_selector_all("#graph .lit[data-name]", "all => all.map(shape => shape.dataset.name)")


def test_a_forward_step_shows_what_is_computed(opened):
    page = opened(expression(), at="#step=1")
    assert page.inner_text("#card h2") == "forward v4"
    assert "value" in page.inner_text("#card dl")
    assert formulas(page)[0] == "v4=a·b=2·(−3)=−6"
    assert page.inner_text("#card .place").endswith(": d = a * b + c + a")
    assert set(lit(page)) == {"o4", "v4"}
    assert page.locator("#graph .arrow.lit").count() == 3
    assert page.inner_text('#lines [aria-current="step"] code') == "v4 = a * b  = -6"
    assert page.inner_text("#rows .changed") == "-6"


def test_a_backward_step_shows_the_chain_rule_and_the_sum(opened):
    page = opened(expression(), at="#step=13")
    said = formulas(page)
    assert page.inner_text("#card h2") == "backward from v4 to a"
    assert said[0].startswith("∂v4∂a=b=−3")
    assert said[1].startswith("dedv4=")
    assert said[3].startswith("deda=")
    assert said[2].endswith("=(−3)·0.393224=−1.17967")
    assert said[3].endswith("=0.393224+(−1.17967)=−0.786448")
    assert "old + contribution (2 of 2)" in page.inner_text("#card dl")
    assert set(lit(page)) == {"o4", "v0"}
    assert page.locator("#graph .source").get_attribute("data-name") == "v4"
    assert page.inner_text("#rows .changed") == "-0.7864"
    assert re.fullmatch(r"a data 2 grad -0\.78644\d+", " ".join(page.inner_text("#exact").split()))


def test_local_gradients_appear_when_they_are_used(opened):
    page = opened(expression(), at="#step=5")
    visible = "all => all.filter(text => getComputedStyle(text).visibility === 'visible').length"
    assert page.eval_on_selector_all("#graph .local", visible) == 0
    page.keyboard.press("End")
    assert page.eval_on_selector_all("#graph .local", visible) == 8  # all but that of the constant


# --- moving --------------------------------------------------------------------------------------------


def test_keys_buttons_slider_and_address(opened):
    page = opened(expression(), at="#step=3")
    assert position(page) == "step 3 of 14"
    for key, expected in (("ArrowRight", 4), ("ArrowLeft", 3), ("End", 15), ("ArrowRight", 15), ("Home", 0)):
        page.keyboard.press(key)
        assert position(page) == (f"step {expected} of 14" if expected < 15 else "done, 14 steps")
        assert page.url.endswith(f"#step={expected}")
    for name, expected in (("To the end", 15), ("Step back", 14), ("Next step", 15), ("To the start", 0)):
        page.get_by_role("button", name=name).click()
        assert position(page) == (f"step {expected} of 14" if expected < 15 else "done, 14 steps")
    page.get_by_role("slider").fill("12")
    assert position(page) == "step 12 of 14"
    page.evaluate("location.hash = '#step=3'")
    arrive(page, 3)
    page.evaluate("location.hash = '#step=99'")
    page.locator("#position:text-is('done, 14 steps')").wait_for()


def test_playing_stops_at_the_end_and_on_demand(opened):
    page = opened(expression())
    page.get_by_label("Speed").select_option("20")
    page.get_by_role("button", name="Play").click()
    page.locator("#position:text-is('done, 14 steps')").wait_for()
    assert page.inner_text("#play") == "Play"
    page.locator("body").click(position={"x": 5, "y": 5})
    page.keyboard.press("Space")
    assert page.inner_text("#play") == "Pause"
    page.get_by_label("Speed").select_option("0.5")
    page.get_by_role("button", name="Pause").click()
    stopped = position(page)
    page.wait_for_timeout(200)
    assert position(page) == stopped
    assert page.get_attribute("#play", "aria-pressed") == "false"


def test_nodes_rows_lines_and_chips_lead_to_their_steps(opened):
    page = opened(expression())
    for expected in (1, 11, 13, 14, 1):
        page.locator('#graph [data-name="v4"] .face').click()
        assert position(page) == f"step {expected} of 14"
    page.get_by_role("row", name="c 5").get_by_role("button").click()
    assert position(page) == "step 12 of 14"
    page.get_by_role("button", name="7 v7.grad").click()
    assert position(page) == "step 7 of 14"
    page.locator("#card").get_by_role("button", name="4", exact=True).click()
    assert position(page) == "step 4 of 14"


SEEN = """() => {
  const { a, e, f } = new DOMMatrix(getComputedStyle(document.querySelector('#graph svg')).transform);
  return [a, e, f];
}"""  # the scale, and where the corner of the graph is


def test_the_graph_is_zoomed_moved_and_fitted(opened):
    page = opened(expression())
    whole = page.evaluate(SEEN)
    page.get_by_role("button", name="Zoom in").click()
    larger = page.evaluate(SEEN)
    assert larger[0] == pytest.approx(1.3 * whole[0], rel=1e-4)  # the page writes six digits
    page.mouse.move(600, 300)
    page.mouse.down()
    page.mouse.move(500, 320)
    page.mouse.up()
    assert page.evaluate(SEEN) == pytest.approx([larger[0], larger[1] - 100, larger[2] + 20])
    assert position(page) == "step 0 of 14"
    page.keyboard.press("Shift+ArrowRight")
    assert page.evaluate(SEEN)[1] == pytest.approx(larger[1] - 160)
    page.keyboard.press("0")
    assert page.evaluate(SEEN) == pytest.approx(whole)
    page.keyboard.press("+")
    page.keyboard.press("-")
    assert page.evaluate(SEEN) == pytest.approx(whole)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -100)
    page.keyboard.up("Control")
    zoomed = page.evaluate(SEEN)
    assert zoomed[0] > whole[0]
    page.mouse.wheel(30, 0)
    assert page.evaluate(SEEN)[1] == pytest.approx(zoomed[1] - 30)


def test_two_fingers_zoom_the_graph(opened):
    page = opened(expression(), touch=True)
    before = page.evaluate(SEEN)
    page.evaluate("""() => {
      const graph = document.getElementById('graph');
      graph.setPointerCapture = () => {};
      const say = (kind, pointerId, clientX) => graph.dispatchEvent(
        new PointerEvent(kind, { pointerId, clientX, clientY: 300, bubbles: true }));
      say('pointerdown', 1, 500); say('pointerdown', 2, 600); say('pointermove', 2, 700); say('pointerup', 1, 500);
    }""")
    assert page.evaluate(SEEN)[0] == pytest.approx(2 * before[0], rel=1e-4)


def test_what_a_step_is_about_is_in_sight_however_large_the_graph_is(opened):
    root = network(6, 4)
    page = opened(root, every_sample=True, limit=600)
    steps = int(position(page).split(" of ")[1])
    inside = """() => {
      const frame = document.getElementById('graph').getBoundingClientRect();
      const box = document.querySelector('#graph .value.lit').getBoundingClientRect();
      return box.left >= frame.left && box.right <= frame.right && box.top >= frame.top && box.bottom <= frame.bottom;
    }"""
    for step in (1, 50, 90, 150, 200, 300, 400):
        page.evaluate(f"location.hash = '#step={step}'")
        arrive(page, step, steps)
        assert page.evaluate(inside), step


# --- predicting ----------------------------------------------------------------------------------------


def test_predicting_hides_asks_and_counts(opened):
    page = opened(expression(), at="#step=0")
    page.keyboard.press("p")
    page.keyboard.press("ArrowRight")
    assert "What is v4?" in page.inner_text("#card")
    assert table(page)["v4"] == ("?", "")
    assert ["v4", "?", ""] in boxes(page)
    assert "-6" not in page.inner_text("#lines")
    page.keyboard.type("abc")
    page.keyboard.press("Enter")
    assert page.inner_text(".reply") == "abc has no number here; the names are a, b, c."
    page.locator(".ask input").fill("6")
    page.keyboard.press("Enter")
    assert page.inner_text(".reply") == "At v4, the sign is wrong. Try again, or press Show."
    page.locator(".ask input").fill("-12/2")
    page.keyboard.press("Enter")
    assert page.inner_text(".reply") == "Correct: -6."
    assert page.inner_text("#score") == "0 of 1 right"
    assert table(page)["v4"] == ("-6", "")
    page.keyboard.press("ArrowRight")
    page.keyboard.type("-1")
    page.keyboard.press("Enter")
    assert page.inner_text("#score") == "1 of 2 right"


@pytest.mark.parametrize(
    ("answer", "code", "words"),
    [
        ("-3", "upstream-left-out", {"local": "∂v4/∂a"}),
        ("0.3932", "local-left-out", {}),
        ("-2.607", "added-not-multiplied", {"factors": "The local and the upstream gradient"}),
        ("-0.786", "total-for-contribution", {"operand": "a", "part": "this step"}),
        ("0.786", "wrong-operand", {"node": "v4", "operands": " (b, not a)"}),
        ("1.18", "sign", {}),
    ],
)
def test_a_wrong_prediction_is_told_what_it_is(opened, answer, code, words):
    page = opened(expression(), at="#step=12")
    page.keyboard.press("p")
    page.keyboard.press("ArrowRight")
    assert "What does v4 add to the gradient of a?" in page.inner_text("#card")
    page.keyboard.type("42")
    page.keyboard.press("Enter")
    assert page.inner_text(".reply") == "Not quite. Try again, or press Show."
    page.keyboard.type(answer)
    page.keyboard.press("Enter")
    sentence = MISTAKES[code].format(**words)
    assert page.inner_text(".reply") == f"{sentence} Try again, or press Show."


def test_what_is_predicted_may_be_shown_and_stays_known(opened):
    page = opened(expression(), at="#step=5")
    page.keyboard.press("p")
    page.keyboard.press("ArrowRight")
    assert "What is the gradient of e with respect to itself?" in page.inner_text("#card")
    page.get_by_role("button", name="Show").click()
    assert page.inner_text(".reply") == "It is 1."
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowRight")
    assert page.locator(".ask").count() == 0
    assert page.inner_text("#score") == "0 of 1 right"


def test_given_numbers_are_not_asked_for(opened):
    page = opened(expression())
    page.keyboard.press("p")
    assert page.locator(".ask").count() == 0
    assert table(page)["a"] == ("2", "")


# --- for everyone --------------------------------------------------------------------------------------


def test_the_keyboard_reaches_everything(opened):
    page = opened(expression())
    reached = set()
    for _ in range(25):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.id || document.activeElement.closest('[id]')?.id"))
    assert {"next", "last", "slider", "play", "speed", "predict", "zoom-in", "fit", "lines", "rows"} <= reached
    page.locator("#lines [tabindex='0']").focus()
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert position(page) == "step 4 of 14"
    page.locator("#rows [tabindex='0']").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    assert position(page) == "step 8 of 14"


def test_every_change_is_announced(opened):
    page = opened(expression())
    said = page.locator("[aria-live=polite]")
    page.keyboard.press("ArrowRight")
    assert said.text_content() == "Step 1, forward: v4 = a * b = -6"
    page.keyboard.press("End")
    assert said.text_content() == "Done: these are the gradients."
    page.keyboard.press("ArrowLeft")
    assert said.text_content() == "Step 14, backward: b.grad += a * v4.grad; the gradient is now 0.786448"
    page.keyboard.press("Home")
    assert said.text_content() == "At the start."
    assert page.get_attribute("#slider", "aria-valuetext") == "step 0 of 14"


CONTRAST = """() => {
  const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
  const linear = (c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  const light = ([r, g, b]) => 0.2126 * linear(r / 255) + 0.7152 * linear(g / 255) + 0.0722 * linear(b / 255);
  const behind = (element) => {
    for (; element; element = element.parentElement) {
      const colour = rgb(getComputedStyle(element).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
  };
  const low = [];
  for (const element of document.querySelectorAll('body *:not(svg *, script, style)')) {
    const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!hasText || element.disabled || !element.checkVisibility()) continue;
    const [a, b] = [light(rgb(getComputedStyle(element).color)), light(behind(element))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < 4.5) low.push([element.outerHTML.slice(0, 80), contrast]);
  }
  return low;
}"""  # https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio


@pytest.mark.parametrize("dark", [False, True])
def test_texts_stand_out_from_what_is_behind_them(opened, dark):
    page = opened(expression(), dark=dark)
    for step in (0, 1, 6, 13, 15):
        page.evaluate(f"location.hash = '#step={step}'")
        page.wait_for_timeout(50)
        assert page.evaluate(CONTRAST) == []


def test_dark_and_light_follow_the_system(opened):
    paper = "getComputedStyle(document.body).backgroundColor"
    colours = [opened(expression(), dark=dark).evaluate(paper) for dark in (False, True)]
    assert colours == ["rgb(255, 255, 255)", "rgb(17, 22, 29)"]


def test_who_wants_no_motion_sees_none(opened):
    running = "document.getAnimations().length"
    assert opened(expression(), at="#step=13").evaluate(running) > 0
    assert opened(expression(), at="#step=13", still=True).evaluate(running) == 0


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844), (320, 568), (1920, 1080)])
def test_no_page_is_wider_than_its_window(opened, width, height):
    page = opened(expression(), width=width, height=height, at="#step=13")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for place in ("nav", "#graph", "#card", "#program", "#numbers"):
        box = page.locator(place).bounding_box()
        assert box["width"] > 150
        assert box["height"] > 40
    if width >= 1280:
        assert page.evaluate("document.documentElement.scrollHeight") <= height


def test_it_prints_whole_lists_and_no_buttons(opened):
    page = opened(network(2, 3), at="#step=40", every_sample=True)
    page.emulate_media(media="print")
    assert not page.locator("nav").is_visible()
    heights = "[document.getElementById('lines').scrollHeight, document.getElementById('lines').clientHeight]"
    assert len(set(page.evaluate(heights))) == 1
    assert page.locator("#graph svg").is_visible()


# --- strange contents ----------------------------------------------------------------------------------

LABELS = [
    "</script><script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "'", "😀🎉", "שלום עולם", "\u202eevil",
    "a\nb", "<!--<script>", "$data", "\\frac{", "x" * 300,
]  # fmt: skip


def test_hostile_labels_change_nothing(opened):
    with scope("<b>&"):
        leaves = [Value(float(i + 1), label) for i, label in enumerate(LABELS)]
        root = leaves[0] * 2.0
        for leaf in leaves[1:]:
            root = root * leaf
    page = opened(root, title="<i>t</i>")
    assert page.title() == "<i>t</i>"
    page.locator("#spare").check()
    for _ in range(len(walk(root))):
        page.keyboard.press("ArrowRight")
    root.backward()
    assert [float(grad) for _, _, grad in exact(page)] == [x.grad for x in engine.topological_order(root)]
    names = [name for name, _, _ in exact(page)]
    assert LABELS[0] in names
    assert "😀🎉" in names
    assert page.locator("img, main script, main b, main i").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280


def test_numbers_that_are_not_finite_are_shown(opened):
    a = Value(float("inf"), "a")
    page = opened(a * 2.0 - a, names={})
    page.keyboard.press("End")
    assert table(page)["a"] == ("inf", "1")
    assert table(page)["v3"] == ("nan", "1")


def test_small_and_large_numbers_are_written_as_python_does(opened):
    numbers = [1e-7, 123456789.0, -1e21, 0.1 + 0.2, 1 / 3, -0.0, 100000.0, 1e-5]
    root = sum(Value(x, f"x{i}") for i, x in enumerate(numbers))
    page = opened(root)
    page.keyboard.press("End")
    shown = [table(page)[f"x{i}"][0] for i in range(len(numbers))]
    assert [float(x) for x in shown] == [float(f"{x:.4g}") for x in numbers]
    assert shown[2:6] == ["-1e+21", "0.3", "0.3333", "-0"]
    assert shown[0] == "1e-7"


# --- speed, and notebooks ------------------------------------------------------------------------------


@pytest.mark.alone
def test_a_step_takes_less_than_a_frame_with_500_values(opened):
    page = opened(network(10, 5), every_sample=True, limit=600)
    times = page.evaluate(
        """async () => {
          const times = [];
          const press = (key) => document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
          for (let i = 0; i < 300; i++) {
            const start = performance.now();
            press('ArrowRight');
            document.body.getBoundingClientRect();  // the layout belongs to it
            times.push(performance.now() - start);
            if (i % 20 === 0) await new Promise(requestAnimationFrame);
          }
          return times.sort((a, b) => a - b);
        }"""
    )
    assert position(page).startswith("step 300 ")
    assert times[len(times) // 2] < 16


def test_a_notebook_shows_the_page_in_a_frame(opened):
    shown = show_steps(expression())
    head = "<!DOCTYPE html><meta charset=utf-8><link rel=icon href='data:,'>"
    page = opened(None, html=head + shown._repr_html_())
    frame = page.frame_locator("iframe")
    frame.get_by_role("button", name="To the end").click()
    assert frame.locator("#position").inner_text() == "done, 14 steps"
    assert json.loads(frame.locator("#data").text_content())["boxes"][0]["called"] == "a"


def test_the_page_follows_a_debugger(opened):
    root = expression()
    steps = engine.walk(root, names={}, accumulate=False)
    page = opened(root)

    def scene():
        return page.text_content("#position")

    seen = []
    for taken in range(len(steps) + 1):
        page.evaluate(f"postMessage({{ steps: {taken} }}, '*')")
        page.wait_for_timeout(20)
        seen.append(int(scene().split()[1]))
    assert seen == sorted(seen)
    assert seen[0] == 0
    assert scene() == f"step {seen[-1]} of {seen[-1]}"
    html = engine.show_steps(root).html
    begun = opened(root, html=html.replace("<body", f'<body data-steps="{steps.seed_index + 1}"', 1))
    assert begun.text_content("#position").startswith(f"step {seen[steps.seed_index + 1]} of")
