"""Pictures in SVG as a film in GIF or MP4, or as slides in PDF, by libraries that pip installs."""

import io
import re
import tempfile
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from tqdm import tqdm

from ..drawing.svg import FLUID
from ..errors import DrawingError

WIDTH = 1440  # pixels, at most
SHARPEST = 2.0  # how many times as large as on a page, at most
RATE = 10  # pictures a second, which every player shows: each of ours is repeated
SAMPLES = 8  # images whose colours are those of all
FONT = "DejaVu Sans"  # which matplotlib brings
SIZE = re.compile(r'width="([\d.]+)pt"')
LIBRARIES = "resvg_py", "PIL.Image", "matplotlib", "imageio_ffmpeg"


def require_libraries() -> None:
    """Make sure that a film or slides in pixels can be made.

    Raises:
        DrawingError: a library is missing.
    """
    for name in LIBRARIES:
        _library(name)


def encoded(pictures: Sequence[str], suffix: str, seconds: float) -> bytes:
    """Return pictures in SVG, all of one size, as the content of a file; the last one stays twice as long.

    Raises:
        DrawingError: a library is missing, or fails.
    """
    images = list(_images(pictures))
    if suffix == ".pdf":
        return _saved(images, "PDF", resolution=144.0)
    if suffix == ".gif":
        times = [round(1000 * seconds)] * (len(images) - 1) + [round(2000 * seconds)]
        palette = _palette(images)  # one for all, so that what stays the same is stored once
        return _saved([each.quantize(palette=palette, dither=0) for each in images], "GIF", duration=times, loop=0)
    return _film(images, seconds)


def _images(pictures: Sequence[str]) -> Iterator[Any]:
    resvg, pillow, matplotlib, _ = map(_library, LIBRARIES)
    fonts = str(Path(matplotlib.get_data_path(), "fonts", "ttf"))
    points = SIZE.search(pictures[0])
    assert points
    zoom = min(SHARPEST, WIDTH / (4 / 3 * float(points[1])))
    for picture in tqdm(pictures, "drawing", unit="picture", disable=None, leave=False):
        text = picture.replace(FLUID, "")
        png = resvg.svg_to_bytes(svg_string=text, zoom=zoom, dpi=96.0, font_dirs=[fonts], sans_serif_family=FONT)
        image = pillow.open(io.BytesIO(bytes(png))).convert("RGB")
        yield image.crop((0, 0, image.width // 2 * 2, image.height // 2 * 2))  # MP4 needs even numbers


def _saved(images: Sequence[Any], form: str, **settings: Any) -> bytes:
    content = io.BytesIO()
    images[0].save(content, form, save_all=True, append_images=images[1:], **settings)
    return content.getvalue()


def _palette(images: Sequence[Any]) -> Any:
    """Return an image whose colours are those of some of the images."""
    some = images[:: max(1, len(images) // SAMPLES)]
    width, height = some[0].size
    together = _library("PIL.Image").new("RGB", (width, height * len(some)))
    for number, image in enumerate(some):
        together.paste(image, (0, height * number))
    return together.quantize(256, dither=0)


def _film(images: Sequence[Any], seconds: float) -> bytes:
    ffmpeg = _library("imageio_ffmpeg")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "film.mp4")
        writer = ffmpeg.write_frames(str(path), images[0].size, fps=RATE, macro_block_size=2, quality=8)
        writer.send(None)
        for number, image in enumerate(images, 1):
            for _ in range(max(1, round(RATE * seconds * (1 + (number == len(images)))))):
                writer.send(image.tobytes())
        writer.close()
        return path.read_bytes()


def _library(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        package = name.partition(".")[0]
        needs = "GIF, MP4 and PDF need the packages resvg-py, Pillow, imageio-ffmpeg and matplotlib"
        raise DrawingError(f"{needs}, and {package} is missing: pip install 'stepgrad[film]'; SVG needs none") from None
