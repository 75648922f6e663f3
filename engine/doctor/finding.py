"""Findings of the doctor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

from ..value import Value

SEVERITIES = ("error", "warning", "note")


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
    """

    code: str
    severity: str
    sentence: str
    evidence: str
    remedy: str
    node: Value | None = None

    def __str__(self) -> str:
        source = self.node.source if self.node is not None else None
        line = f"\n  where:    {source}" if source else ""
        head = f"{self.severity}: {self.sentence} [{self.code}]"
        return f"{head}\n  evidence: {self.evidence}\n  remedy:   {self.remedy}{line}"


class Diagnosis(Sequence[Finding]):
    """All findings, the most severe first; printing it shows them.

    Args:
        findings: the findings.
        examined: what was examined.
    """

    def __init__(self, findings: list[Finding], examined: str) -> None:
        self._findings = sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity))
        self.examined = examined

    @property
    def codes(self) -> list[str]:
        """The codes of the findings."""
        return [finding.code for finding in self]

    @overload
    def __getitem__(self, index: int) -> Finding: ...
    @overload
    def __getitem__(self, index: slice) -> list[Finding]: ...
    def __getitem__(self, index: int | slice) -> Finding | list[Finding]:
        return self._findings[index]

    def __len__(self) -> int:
        return len(self._findings)

    def __str__(self) -> str:
        if not self._findings:
            return f"No trouble found ({self.examined})."
        return "\n".join([*map(str, self._findings), f"({self.examined})"])

    __repr__ = __str__
