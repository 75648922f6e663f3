"""The house: its rooms, the floors they stand on, and the arrows between them, read from the imports.

``python -m tests.contracts.house`` writes the drawing in ``engine/README.md`` anew.
"""

import ast
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).parents[2]

# The rooms of the engine, from the ground to the roof. An arrow goes from a room to one on a floor below it.
FLOORS = [
    ["support"],
    ["errors"],
    ["slope", "numerics", "template", "pytorch_words"],
    ["operation", "recording"],
    ["extremum"],
    ["ops", "graph"],
    ["name"],
    ["backprop"],
    ["value"],
    ["micrograd", "numbers", "paths", "sums", "capsule"],
    ["derivatives", "tensors"],
    ["notation", "check"],
    ["steps", "program"],
    ["events"],
    ["drawing", "words", "doctor", "routes"],
    ["page", "comparison"],
    ["debugger"],
    ["teach"],
    ["cli"],
    ["__main__"],
]
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
FROM_ENGINE = {
    "engine.cli",
    "engine.micrograd",
    "engine.program",
    "engine.recording",
    "engine.support",
}  # besides the public names, what nn may take from


def files(package):
    """Return a package's modules, without those of `stepgrad`, the engine's second name, which stands above all."""
    return sorted(path for path in (ROOT / package).rglob("*.py") if "top" not in path.relative_to(ROOT).parts)


@lru_cache(maxsize=1024)
def modules_taken(path, root=ROOT):
    """Return what a file imports, also for type checkers alone, as absolute names.

    A name from a package comes with the package before it.
    """
    package = path.relative_to(root).parent.parts
    found = []
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            parts = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join([*parts, *([node.module] if node.module else [])])
            found += [f"{base}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "engine":
            found.append(f"engine.{node.attr}")
    return found


def room_of(name, public):
    """Return the room of the engine that a name stands in: ``engine.steps.walk`` in ``steps``, ``engine.walk`` too."""
    _, _, inner = name.partition(".")
    first = inner.partition(".")[0]
    if first in FLOOR_OF:
        return first
    return public.get(first, "").lstrip(".").partition(".")[0]


def arrows(public, root=ROOT):
    """Return for each room of the engine the rooms that it takes something from, and the files that do."""
    found = {}
    for path in sorted((root / "engine").rglob("*.py")):
        room = path.relative_to(root / "engine").parts[0].removesuffix(".py")
        if room in ("__init__", "top"):
            continue
        taken = found.setdefault(room, {})
        for name in modules_taken(path, root):
            other = room_of(name, public) if name.startswith("engine") else ""
            if other and other != room:
                taken.setdefault(other, []).append(str(path.relative_to(root)))
    return found


def upward(found):
    """Return the arrows that do not go down, as sentences."""
    return [
        f"{room} takes from {other}, which is not below it: {', '.join(sorted(set(paths)))}"
        for room, taken in found.items()
        for other, paths in taken.items()
        if FLOOR_OF[other] >= FLOOR_OF[room]
    ]


def drawing(found):
    """Return the house as lines, from the roof to the ground: each room, and what it takes from."""
    lines = []
    for rooms in reversed(FLOORS):
        for room in rooms:
            below = sorted(found.get(room, {}), key=lambda other: (-FLOOR_OF[other], other))
            lines.append(f"{room:12}{'-> ' + ', '.join(below) if below else ''}".rstrip())
        lines.append("")
    return "\n".join(lines[:-1]) + "\n"


def marked(text, picture):
    """Return a page with the drawing put between its two marks."""
    before, mark, rest = text.partition("<!-- house -->\n```text\n")
    _, end, after = rest.partition("```\n")
    return before + mark + picture + end + after


if __name__ == "__main__":
    from engine.support.public import public_names

    page = ROOT / "engine" / "README.md"
    page.write_text(marked(page.read_text(), drawing(arrows(public_names(str(ROOT / "engine/__init__.py"))))))
