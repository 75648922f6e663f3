"""Findings of the doctor."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from ..recording.source import Source
from ..value import Value

SEVERITIES = ("error", "warning", "note")

# Findings that say the same once more, if the first of them is there.
IMPLIED = {
    "zeroed-before-step": ("gradients-lost",),
    "unreached-parameter": ("other-parameters", "no-backward"),
    "other-parameters": ("unreached-parameter",),
    "update-assigned": ("decay-too-large",),
    "constant-inputs": ("input-unused",),
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
    """All findings, the root cause or the most severe first; printing shows them, and what was examined."""

    def __init__(self, findings: Iterable[Finding], examined: str, *, is_ordered: bool = False) -> None:
        first: dict[str, Finding] = {}
        for finding in findings:
            first.setdefault(finding.code if is_ordered else str(len(first)), finding)
        implied = IMPLIED.get(next(iter(first), ""), ())
        super().__init__(finding for code, finding in first.items() if code not in implied)
        if not is_ordered:
            self.sort(key=lambda finding: SEVERITIES.index(finding.severity))
        self.examined = examined
        self.is_ordered = is_ordered

    @property
    def codes(self) -> list[str]:
        """The codes of the findings."""
        return [finding.code for finding in self]

    def __str__(self) -> str:
        if not self:
            return f"No trouble found ({self.examined})."
        lines = list(map(str, self))
        if self.is_ordered and len(lines) > 1:
            lines.insert(1, "The following may come from it:")
        return "\n".join([*lines, f"({self.examined})"])

    __repr__ = __str__
