"""Findings of the doctor."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from ..recording.source import Source
from ..value import Value

SEVERITIES = ("error", "warning", "note")

# What each mistake may lead to. Where both are found, the consequence is shown below its cause.
CONSEQUENCES = {
    "labels-from-one": "failed",
    "logarithm-of-zero": "failed",
}


class Edit(NamedTuple):
    """A remedy as a line of code: where it belongs, and the code; an empty one removes the line."""

    place: str  # "before", "after" or "instead"
    line: int
    code: str


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, or looks wrong.

    Attributes:
        code: a short name of the mistake, such as ``"dead-relu"``.
        severity: ``"error"`` (gradients or numbers are wrong), ``"warning"`` (training suffers) or ``"note"``.
        sentence: what is wrong.
        evidence: the numbers that show it.
        remedy: what to do about it.
        node: the node concerned, if there is one.
        source: the statement concerned; without one, that which made the node.
        edits: the remedy as changes of the program's text, where these can be given.
    """

    code: str
    severity: str
    sentence: str
    evidence: str
    remedy: str
    node: Value | None = None
    source: Source | None = None
    edits: tuple[Edit, ...] = ()

    @property
    def where(self) -> Source | None:
        """The statement concerned, where it is known."""
        return self.source or (self.node.source if self.node is not None else None)

    def __str__(self) -> str:
        lines = [f"{self.severity}: {self.sentence} [{self.code}]", f"evidence: {self.evidence}"]
        lines.append(f"remedy:   {self.remedy}")
        if self.where:
            lines.append(f"where:    {self.where}")
        return "\n  ".join(lines)


class Diagnosis(list[Finding]):
    """All findings, the root cause first; printing shows them, and what was examined."""

    def __init__(self, findings: Iterable[Finding], examined: str, *, is_ordered: bool = False) -> None:
        super().__init__(findings)
        if not is_ordered:
            self.sort(key=lambda finding: SEVERITIES.index(finding.severity))
        self.examined = examined

    @property
    def codes(self) -> list[str]:
        """The codes of the findings."""
        return [finding.code for finding in self]

    def __str__(self) -> str:
        return "\n".join([*map(str, self), f"({self.examined})"]) if self else f"No trouble found ({self.examined})."

    __repr__ = __str__
