"""The gallery: its command makes the very pictures that are kept, and the README shows them."""

import re
from pathlib import Path

import pytest

from demos import gallery

ROOT = Path(__file__).parents[2]
KEPT = ROOT / "demos" / "gallery"


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


def test_there_are_no_other_pictures(made):
    kept = {path.name for path in KEPT.glob("*.svg")} - {"speed.svg"}  # which the benchmarks write
    assert {path.name for path in made.glob("*.svg")} == kept


@pytest.mark.parametrize("name", ["expression", "neuron", "network", "network-folded", "neurons"])
def test_the_readme_shows_or_links_it(name):
    assert f"demos/gallery/{name}.svg)" in (ROOT / "README.md").read_text(encoding="utf-8")
