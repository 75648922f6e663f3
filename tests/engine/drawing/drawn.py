"""What stands in a drawing, read from its SVG, for the tests to compare with the graph."""

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field

SVG = "{http://www.w3.org/2000/svg}"


@dataclass
class Shape:
    """A box, an ellipse or a frame: its texts and where it stands."""

    kind: str
    texts: list[str]
    left: float
    top: float
    right: float
    bottom: float
    element: ET.Element = field(repr=False)

    def holds(self, other):
        across = self.left <= other.left and other.right <= self.right
        return across and self.top <= other.top and other.bottom <= self.bottom

    def meets(self, other):
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom

    def distance(self, point):
        x, y = point
        return max(self.left - x, x - self.right, self.top - y, y - self.bottom)


class Drawn:
    """The parts of an SVG that `engine.draw` made."""

    def __init__(self, svg):
        self.root = ET.fromstring(svg)
        groups = list(self.root.iter(f"{SVG}g"))
        kinds = "value", "folded", "operation", "scope"
        shapes = [_shape(g) for g in groups if (g.get("class") or "").split(" ")[0] in kinds]
        self.boxes = [s for s in shapes if s.kind.startswith(("value", "folded"))]
        self.ellipses = [s for s in shapes if s.kind.startswith("operation")]
        self.frames = [s for s in shapes if s.kind == "scope"]
        self.named = {s.element.get("data-name"): s for s in shapes}
        self.arrows = [g for g in groups if (g.get("class") or "").startswith("arrow")]
        self.legend = [text.text for g in groups if g.get("class") == "legend" for text in g.iter(f"{SVG}text")]
        names = [[text.text or "" for text in g] for g in groups if g.get("class") == "scope-name"]
        for frame, name in zip(self.frames, names, strict=True):
            frame.texts = name

    @property
    def texts(self):
        """All texts, in the order of the file."""
        return [text.text or "" for text in self.root.iter(f"{SVG}text")]

    @property
    def connections(self):
        """Pairs of shapes that an arrow connects, with the arrow's first point and its tip."""
        for arrow in self.arrows:
            line, tip = arrow.findall(f"{SVG}path")
            start, end = self.named[arrow.get("data-from")], self.named[arrow.get("data-to")]
            yield start, end, _points(line)[0], _points(tip)[0]


def _points(path):
    return [tuple(map(float, point)) for point in re.findall(r"(-?[\d.]+),(-?[\d.]+)", path.get("d"))]


def _shape(group):
    texts = [text.text or "" for text in group.findall(f"{SVG}text")]
    ellipse = group.find(f"{SVG}ellipse")
    if ellipse is not None:
        x, y, rx, ry = (float(ellipse.get(name)) for name in ("cx", "cy", "rx", "ry"))
        return Shape(group.get("class"), texts, x - rx, y - ry, x + rx, y + ry, group)
    rectangle = next((r for r in group.findall(f"{SVG}rect") if r.get("class") == "face"), group.find(f"{SVG}rect"))
    x, y, width, height = (float(rectangle.get(name)) for name in ("x", "y", "width", "height"))
    return Shape(group.get("class"), texts, x, y, x + width, y + height, group)
