"""Films and slides: each picture shows the numbers of its moment, everything stays in its place, and files decode."""

import io
import re
import xml.etree.ElementTree as Xml
from html import unescape

import pytest

import nn
from engine import Value, film, scope, walk
from engine.errors import DrawingError
from engine.page import film as films
from tests.engine.program.graphs import random_graph

pixels = pytest.mark.needs_pixels
SVG = "{http://www.w3.org/2000/svg}"
NUMBER = re.compile(r"-?[\d.]+(?:e[-+]\d+)?|-?inf|nan")


def product():
    a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c")
    return ((a * b + c) * 0.5).tanh() + a


def network(samples=2):
    nn.manual_seed(1)
    model = nn.MLP(2, [3, 1], activation="tanh")
    rows = [[0.5, -1.0], [1.0, 2.0]][:samples]
    return nn.mean_squared_error([model(x) for x in rows], [1.0, 0.0][:samples])


def boxes(picture):
    """Return for each box of a picture its place, its numbers by their words, and whether it is marked."""
    found = {}
    for group in Xml.fromstring(picture).iter(f"{SVG}g"):
        if name := group.get("data-name"):
            faces = [each for each in group.iter(f"{SVG}rect") if each.get("class") == "face"]
            texts = {each.get("class"): each.text or "" for each in group.iter(f"{SVG}text")}
            places = [tuple(face.get(side) for side in ("x", "y", "width", "height")) for face in faces]
            found[name] = places, texts, "current" in group.get("class").split()
    return found


def caption(picture):
    *_, last = Xml.fromstring(picture).iter(f"{SVG}g")
    assert last.get("class") == "caption"
    return [each.text or "" for each in last.iter(f"{SVG}text")]


@pytest.mark.parametrize("seed", range(12))
def test_each_picture_shows_the_numbers_of_the_walk(seed):
    root, _ = random_graph(seed, 12)
    made, steps = film(root, names={}), walk(root, names={}, accumulate=False)
    place = {node: f"v{number}" for number, node in enumerate(steps.order)}
    constants = {node for node in steps.order if node.is_constant}
    given = [step for step in steps if step.kind == "forward" and not step.node.inputs]
    spare = [step for step in steps if step.kind == "backward" and step.operand in constants]
    kept = [step for step in steps if step not in (*given, *spare)]
    assert len(made.pictures) == len(kept) + 1
    ahead = {"data": {node: node.data for node in steps.order if not node.inputs}, "grad": {}}
    for step, picture in zip([None, *sorted(kept, key=lambda step: step.index)], made.pictures, strict=True):
        if step and step.kind == "forward":
            ahead["data"][step.node] = step.data
        elif step:
            ahead["grad"][step.node if step.kind == "seed" else step.operand] = step.after
        shown = boxes(picture)
        for node in set(steps.order) - constants:
            for word, numbers in ahead.items():
                text = shown[place[node]][1].get(word, "")
                assert bool(text) == (node in numbers), (step, node, word)
                if text:
                    assert float(text) == pytest.approx(numbers[node], rel=6e-4, abs=1e-300)


def test_the_caption_is_the_step_in_symbols_and_in_numbers():
    captions = [" | ".join(caption(picture)) for picture in film(product(), update=0.1).pictures]
    assert captions[0] == "the numbers that are given |  | "
    assert captions[1] == "forward pass, step 1 of 17 | v4 = a * b = -6 | "
    assert captions[6] == "loss, step 6 of 17 | v8.grad = 1 | "
    assert captions[13] == "backward pass, step 13 of 17 | a.grad += b * v4.grad | = 1 + (-3 * 0.0353254) = 0.894024"
    assert captions[-1] == "update, step 17 of 17 | c = c - 0.1 * c.grad | 10 -> 9.99647"
    for text in captions[7:14]:  # the arithmetic that is shown is true
        left, right = text.split(" | ")[2].removeprefix("= ").split(" = ")
        assert eval(left) == pytest.approx(float(right), abs=2e-6)


@pytest.mark.parametrize("make", [product, network])
def test_everything_keeps_its_place_and_its_size(make):
    first, *others = map(boxes, film(make(), names={}).pictures)
    assert all(
        {name: box[0] for name, box in each.items()} == {name: box[0] for name, box in first.items()} for each in others
    )


def test_each_step_marks_what_it_changed():
    root = product()
    for picture, step in zip(
        film(root).pictures[1:6], [s for s in walk(root) if s.kind == "forward" and s.inputs], strict=True
    ):
        marked = [name for name, (_, _, is_marked) in boxes(picture).items() if is_marked and name.startswith("v")]
        assert marked == [f"v{step.index}"]


def test_a_large_graph_is_seen_from_near_and_what_a_step_is_about_is_in_sight():
    made = film(network(), names={})
    head = Xml.fromstring(made.pictures[0]).get("viewBox").split()
    width, height = float(head[2]), float(head[3])
    assert width == films.WIDTH
    scales = []
    for picture in made.pictures[1:-1]:
        camera = next(iter(Xml.fromstring(picture).iter(f"{SVG}g")))
        x, y, scale = map(float, re.findall(r"-?[\d.]+", camera.get("transform")))
        scales.append(scale)
        for places, _, is_marked in boxes(picture).values():
            for left, top, wide, high in places if is_marked else ():
                assert 0 <= x + scale * float(left)
                assert x + scale * (float(left) + float(wide)) <= width
                assert 0 <= y + scale * float(top)
                assert y + scale * (float(top) + float(high)) <= height
    assert min(scales) > 0.5
    assert scales.count(1.0) > len(scales) / 2


def test_folded_graphs_have_few_pictures():
    assert len(film(network(), depth=1).pictures) < 20


def test_a_film_that_would_be_too_long_is_refused():
    x = Value(0.5, "x")
    for _ in range(320):
        x = x.tanh()
    with pytest.raises(DrawingError, match=r"at most 600 pictures.*would have 6\d\d; fold scopes with depth=1"):
        film(x)


@pytest.mark.parametrize(("options", "error"), [({"seconds": 0.0}, ValueError), ({"theme": "x"}, ValueError),
                                                ({"height": 3}, TypeError)])  # fmt: skip
def test_wrong_options_are_refused(options, error):
    with pytest.raises(error):
        film(product(), **options)


# --- files --------------------------------------------------------------------------------------------


def test_hostile_names_stay_text(tmp_path):
    text = '"/><script>alert(1)</script>\n]]>&\x1b'
    with scope(text):
        a = Value(2.0, text)
        made = film(a * a, title=text)
    for picture in (*made.pictures, made.svg):
        tags = {each.tag.removeprefix(SVG) for each in Xml.fromstring(picture).iter()}
        assert tags <= {"svg", "g", "rect", "path", "text", "ellipse", "title", "style"}
        assert "\x1b" not in picture
    assert "&lt;script" in made._repr_html_() or "<script" not in made._repr_html_()


def test_slides_are_a_folder_that_was_new_or_empty(tmp_path):
    made = film(product())
    folder = made.save(tmp_path / "deep" / "slides")
    assert [path.name for path in sorted(folder.iterdir())] == [f"{number:02}.svg" for number in range(1, 16)]
    assert (folder / "07.svg").read_text(encoding="utf-8") == made.pictures[6]
    with pytest.raises(DrawingError, match="is not empty; slides need a new folder"):
        made.save(folder)
    (tmp_path / "file").touch()
    with pytest.raises(DrawingError, match="is a file; slides need a folder"):
        made.save(tmp_path / "file")


def test_other_endings_are_refused(tmp_path):
    with pytest.raises(DrawingError, match="a film must be saved as"):
        film(product()).save(tmp_path / "film.avi")


def test_a_missing_library_is_named_with_the_remedy(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "resvg_py", None)
    with pytest.raises(DrawingError, match=r"resvg_py is missing: pip install 'stepgrad\[film\]'"):
        film(product()).save(tmp_path / "film.gif")
    assert list(tmp_path.iterdir()) == []


@pixels
def test_a_film_in_gif_has_all_pictures(tmp_path):
    from PIL import Image

    made = film(product(), seconds=0.5)
    with Image.open(made.save(tmp_path / "film.gif")) as image:
        assert image.n_frames == len(made.pictures)
        frames, times = [], []
        for number in range(image.n_frames):
            image.seek(number)
            frames.append(image.convert("RGB").tobytes())
            times.append(image.info["duration"])
    assert len(set(frames)) == len(frames)
    assert times == [500] * (len(times) - 1) + [1000]
    assert image.info["loop"] == 0


@pixels
def test_a_film_in_mp4_has_all_pictures(tmp_path):
    import imageio_ffmpeg

    made = film(product(), seconds=0.2)
    count, seconds = imageio_ffmpeg.count_frames_and_secs(made.save(tmp_path / "film.mp4"))
    assert count == 2 * len(made.pictures) + 2
    assert seconds == pytest.approx(0.1 * count, abs=0.01)


@pixels
def test_slides_in_pdf_have_a_page_each(tmp_path):
    import pypdf

    made = film(product(), theme="dark")
    assert len(pypdf.PdfReader(made.save(tmp_path / "slides.pdf")).pages) == len(made.pictures)
    with pytest.raises(DrawingError, match="theme='auto' is for SVG"):
        film(product(), theme="auto").save(tmp_path / "film.gif")


@pixels
def test_texts_are_drawn_without_fonts_of_the_system(tmp_path):
    from PIL import Image, ImageChops

    from engine.page import video

    picture = film(product()).pictures[3]
    (drawn,) = video._images([picture])
    (silent,) = video._images([re.sub(r"<text.*?</text>", "", picture)])
    assert ImageChops.difference(drawn, silent).getbbox()
    assert Image.open(io.BytesIO(video.encoded([picture], ".gif", 1.0))).size == drawn.size


@pytest.mark.needs_browser
@pytest.mark.xdist_group("browser")
@pytest.mark.parametrize("theme", ["light", "auto"])
def test_the_animated_picture_shows_each_picture_in_turn(browser, tmp_path, theme):
    made = film(network(1), theme=theme, seconds=2.0, update=0.1)
    path = made.save(tmp_path / "film.svg")

    def texts(page):
        return page.evaluate(
            "[...document.querySelectorAll('text')].filter(e => getComputedStyle(e).visibility == 'visible')"
            ".map(e => e.textContent).filter(Boolean).sort()"
        )

    wanted = [
        sorted(filter(None, map(unescape, re.findall(r"<text[^>]*>([^<]*)</text>", each)))) for each in made.pictures
    ]
    page = browser.new_page()
    page.goto(path.as_uri())
    for number, said in enumerate(wanted):
        page.evaluate(
            "at => document.getAnimations().forEach(a => { a.pause(); a.currentTime = at; })", 2000 * number + 999
        )
        assert texts(page) == said
    page.close()
    still = browser.new_page(reduced_motion="reduce")
    still.goto(path.as_uri())
    assert still.evaluate("document.getAnimations().length") == 0
    assert texts(still) == wanted[-1]
    still.close()
