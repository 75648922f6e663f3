"""The gallery: its command makes the very pictures that are kept, and pages show them."""

import re
from pathlib import Path

import pytest

from demos.build import gallery

ROOT = Path(__file__).parents[2]
KEPT = ROOT / "demos" / "gallery"
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("gallery")]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures") / "gallery"
    gallery.main([str(folder)])
    return folder


def content(path):
    """Return a picture without comments, in which programs name their versions."""
    return re.sub(r"<!--.*?-->", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)


@pytest.mark.parametrize("name", gallery.PICTURES)
def test_the_command_makes_the_picture_that_is_kept(made, name):
    assert content(made / f"{name}.svg") == content(KEPT / f"{name}.svg")


def test_the_command_makes_the_step_page_that_is_kept(made):
    assert content(made / "backprop.html") == content(KEPT / "backprop.html")


@pytest.mark.needs_browser
def test_the_command_screenshots_the_page(made):
    screenshot, kept = ((folder / "backprop.png").read_bytes() for folder in (made, KEPT))
    assert screenshot[:8] == kept[:8] == b"\x89PNG\r\n\x1a\n"
    assert screenshot[16:24] == kept[16:24]  # width and height


@pytest.mark.needs_matplotlib
def test_the_command_draws_what_a_network_learns(made):
    drawn, kept = ((folder / "moons.png").read_bytes() for folder in (made, KEPT))
    assert drawn[:8] == kept[:8]
    assert len(drawn) == pytest.approx(len(kept), rel=0.2)  # versions of matplotlib differ in details


def test_what_is_missing_is_said(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(gallery, "PICTURES", {})
    monkeypatch.setattr(gallery, "BROWSERS", ())
    monkeypatch.setattr(gallery, "find_spec", lambda name: None)
    gallery.main([str(tmp_path)])
    _, *said = capsys.readouterr().out.splitlines()
    assert said == [
        "no screenshot: neither Chromium nor Chrome was found",
        "no picture of the moons: matplotlib was not found; pip install matplotlib",
    ]


def test_there_are_no_other_pictures(made):
    kept = {path.name for path in KEPT.glob("*.svg")} - {"speed.svg"}  # which the benchmarks write
    assert {path.name for path in made.glob("*.svg")} == kept


@pytest.mark.parametrize("path", sorted(KEPT.iterdir()), ids=lambda path: path.name)
def test_the_readme_or_the_guide_shows_or_links_it(path):
    pages = [ROOT / "README.md", *(ROOT / "demos" / "guide").glob("*.md"), KEPT / "speed.md"]
    assert any(f"{path.name})" in page.read_text(encoding="utf-8") for page in pages)
