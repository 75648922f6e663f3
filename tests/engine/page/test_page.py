"""The step page as a file: it is whole, alone, forbids everything else, and holds no more than it says."""

import base64
import hashlib
import json
import re
import sys
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest

import engine
import nn
from engine import GraphError, UndefinedDerivativeError, Value, scope, show_steps, walk, write_page
from engine.errors import DrawingError
from engine.page import page as pages
from engine.page.alone import asset

HOSTILE = [
    "</script><script>alert(1)</script>", '"\'><img src=x onerror=alert(1)>', "{{x}} ${x} $title", "-->",
    "<!--<script>", "\x00\x1b[31m", "\ud800", "עברית", "😀", "a\nb", "]]>", "\\frac{", "&lt;", "$data",
]  # fmt: skip


class Page(HTMLParser):
    """The elements of a page, and what stands in its scripts and styles."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.inside, self.kind = [], {}, ""
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        self.kind = dict(attributes).get("type", tag)

    def handle_endtag(self, tag):
        self.kind = ""

    def handle_data(self, data):
        if self.kind not in self.inside or self.kind in ("script", "style"):
            self.inside[self.kind] = self.inside.get(self.kind, "") + data

    @property
    def data(self):
        return json.loads(self.inside["application/json"])


def small():
    a = Value(2.0, "a")
    return a * a + a


def test_a_page_is_written_and_its_path_returned(tmp_path):
    path = write_page(small(), tmp_path / "steps.HTML", title="Squares")
    page = Page(path.read_text(encoding="utf-8"))
    assert path == tmp_path / "steps.HTML"
    assert page.inside["title"] == page.inside["h1"] == "Squares"
    assert len(page.data["scenes"]) == 7
    assert list(tmp_path.iterdir()) == [path]


def test_show_steps_shows_the_same_page_in_a_frame():
    shown = show_steps(small(), height=500)
    ((tag, attributes),) = Page(shown._repr_html_()).elements
    assert (tag, attributes["srcdoc"], attributes["sandbox"]) == ("iframe", shown.html, "allow-scripts allow-forms")
    assert "height:500px" in attributes["style"]
    assert repr(shown) == "<StepPage: v2 = 6, step by step: 7 steps>"


def test_a_page_saves_itself(tmp_path):
    shown = show_steps(small())
    assert shown.save(tmp_path / "page.htm").read_text(encoding="utf-8") == shown.html


def test_variables_name_what_has_no_label():
    a = Value(2.0)
    b = a * a
    data = Page(show_steps(b, names={"a": a, "b": b}).html).data
    assert [box["called"] for box in data["boxes"]] == ["a", "b"]


def test_the_seed_and_gradients_that_are_there():
    a = Value(2.0, "a")
    root = a * 3.0
    a.grad = 1.0
    assert Page(show_steps(root, seed=10.0).html).data["scenes"][-2]["number"] == 30.0
    assert Page(show_steps(root, accumulate=True).html).data["scenes"][-2]["number"] == 4.0
    assert (a.grad, root.grad) == (1.0, None)


# --- what it is allowed to do -------------------------------------------------------------------------


def test_the_policy_allows_this_script_and_style_and_nothing_else():
    page = Page(show_steps(small()).html)
    (policy,) = [each["content"] for tag, each in page.elements if each.get("http-equiv")]
    allowed = dict(part.split(" ", 1) for part in policy.split("; "))
    assert allowed["default-src"] == allowed["base-uri"] == allowed["form-action"] == "'none'"
    for kind in "script", "style":
        digest = hashlib.sha256(page.inside[kind].encode()).digest()
        assert allowed[f"{kind}-src"] == f"'sha256-{base64.b64encode(digest).decode()}'"
    assert [tag for tag, _ in page.elements].count("script") == 2
    assert [tag for tag, _ in page.elements].count("style") == 1


def test_nothing_is_fetched_and_nothing_stands_in_attributes():
    for tag, attributes in Page(show_steps(small()).html).elements:
        assert tag not in ("img", "iframe", "object", "embed", "base", "form")
        assert "style" not in attributes
        assert not any(name.startswith("on") for name in attributes)
        assert attributes.get("href", "data:,") == "data:,"
        assert "src" not in attributes


@pytest.mark.slow
@pytest.mark.parametrize("label", HOSTILE)
def test_hostile_labels_change_nothing(label, tmp_path):
    with scope(label):
        a = Value(2.0, label)
        root = a * a
    root.label = f"{label} 2"
    plain, hostile = (Page(show_steps(r, title=t).html) for r, t in ((small_like(), "t"), (root, label)))
    kinds = [[tag for tag, _ in page.elements if tag not in ("text", "title")] for page in (plain, hostile)]
    assert kinds[0] == kinds[1]
    assert plain.inside["script"] == hostile.inside["script"]
    write_page(root, tmp_path / "page.html", title=label)


def small_like():
    with scope("s"):
        a = Value(2.0, "a")
        root = a * a
    root.label = "b"
    return root


def test_labels_stand_in_the_data_as_they_were_typed():
    a = Value(2.0, "</script> & <b>")
    data = Page(show_steps(a * a).html).data
    assert data["boxes"][0]["called"] == "</script> & <b>"
    assert "<b>" not in data["boxes"][0]["math"]


# --- errors -------------------------------------------------------------------------------------------


def test_wrong_calls_are_told_apart(tmp_path):
    root = small()
    with pytest.raises(DrawingError, match=r"a page must be saved as .html or .htm, not 'page.txt'"):
        write_page(root, tmp_path / "page.txt")
    with pytest.raises(FileNotFoundError, match="create it first"):
        write_page(root, tmp_path / "none" / "page.html")
    with pytest.raises(TypeError, match="a step page takes a Value, such as a loss, not float 2.0"):
        write_page(2.0, tmp_path / "page.html")
    with pytest.raises(TypeError, match="colour is not an option of a step page; choose from .*title"):
        show_steps(root, colour="red")
    for wrong in ({"limit": 0}, {"timeout": -1.0}, {"depth": 0}, {"height": 0}, {"direction": "up"}):
        with pytest.raises(ValueError, match=rf"{next(iter(wrong))} must be "):
            show_steps(root, **wrong)
    with pytest.raises(DrawingError, match="a scope of the graph, not 'x'"):
        show_steps(root, expand="x")
    assert list(tmp_path.iterdir()) == []


def test_a_graph_without_a_backward_pass_is_told():
    with pytest.raises(UndefinedDerivativeError, match="sqrt"):
        show_steps(engine.sqrt(Value(0.0)))
    with engine.no_grad():
        root = small()
    with pytest.raises(GraphError):
        show_steps(root)


# --- size ---------------------------------------------------------------------------------------------


def network(samples, hidden):
    nn.manual_seed(0)
    model = nn.MLP(2, [hidden, 1], activation="tanh")
    outputs = [model([0.1 * i, 1.0 - 0.2 * i]) for i in range(samples)]
    return nn.mean_squared_error(outputs, [float(i % 2) for i in range(samples)])


@pytest.mark.alone
def test_500_values_make_a_small_page_in_little_time(cpu_seconds):
    root = network(10, 5)
    pages = []
    seconds = cpu_seconds(lambda: pages.append(show_steps(root, limit=600, every_sample=True).html))
    (html,) = pages
    assert len(Page(html).data["boxes"]) == len(walk(root).order) == 512
    assert len(html.encode()) < 1_560_000
    assert seconds < (4.0 if sys.gettrace() else 2.0)  # tracing, as for coverage, takes time itself


def test_the_page_s_own_code_is_small():
    names = [*pages.SCRIPTS, "page.css", "page.html"]
    assert sum(len(asset(name).encode()) for name in names) < 120_000


def test_large_graphs_are_folded_and_the_page_says_so():
    shown = show_steps(network(30, 20), limit=50)
    assert any("limit=50" in notice for notice in shown.notices)
    page = Page(shown.html)
    assert len(page.data["boxes"]) <= 50
    assert shown.html.count('<p class="notice">') == len(shown.notices) + 1
    assert not any(tag == "text" and each.get("class") == "notice" for tag, each in page.elements)


def test_what_has_no_time_is_shown_smaller(monkeypatch):
    asked = []

    def too_long_at_first(text, timeout):
        asked.append(text)
        if len(asked) < 3:
            raise TooLongError("dot", timeout)
        return layout(text, timeout)

    from engine.drawing import drawing
    from engine.drawing.layout import layout
    from engine.drawing.webassembly import TooLongError

    monkeypatch.setattr(drawing, "layout", too_long_at_first)
    shown = show_steps(network(4, 4))
    data = Page(shown.html).data
    assert len(data["boxes"]) <= drawing.FEW
    assert "ran out of time" in shown.notices[-1]
    assert {box["name"] for box in data["boxes"]} == set(re.findall(r'data-name="(v\d+)"', shown.html))


def test_all_scripts_are_there():
    assert {f.name for f in Path(pages.__file__).with_name("assets").iterdir()} == {
        *pages.SCRIPTS,
        "channel.js",
        "page.html",
        "page.css",
        *("quiz.html", "quiz.css", "quiz.js"),
    }


def test_no_script_takes_a_name_of_another_one():
    assets = Path(pages.__file__).with_name("assets")
    scripts = "".join((assets / name).read_text(encoding="utf-8") for name in pages.SCRIPTS)
    named = Counter(re.findall(r"^(?:async )?(?:function|const|let) (\w+)", scripts, re.MULTILINE))
    assert [name for name, count in named.items() if count > 1] == []
