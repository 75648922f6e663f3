"""The marks that a picture in SVG is made of; see https://www.w3.org/TR/SVG11/."""

from __future__ import annotations

from html import escape


def rectangle(x: float, y: float, width: float, height: float, radius: float, attributes: str) -> str:
    """Return a rectangle with its corner at x, y."""
    return f'<rect x="{x:.2f}" y="{y:.2f}" width="{width:.2f}" height="{height:.2f}" rx="{radius:g}" {attributes}/>'


def text(said: str, x: float, baseline: float, attributes: str = "") -> str:
    """Return a line of text as it is typed."""
    return f'<text x="{x:.2f}" y="{baseline:.2f}" xml:space="preserve" {attributes}>{escape(said)}</text>'
