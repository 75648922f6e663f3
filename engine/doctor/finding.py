"""Findings of the doctor."""

from dataclasses import dataclass

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
        lines = [f"{self.severity}: {self.sentence} [{self.code}]", f"evidence: {self.evidence}"]
        lines.append(f"remedy:   {self.remedy}")
        if self.node is not None and self.node.source:
            lines.append(f"where:    {self.node.source}")
        return "\n  ".join(lines)


class Diagnosis(list[Finding]):
    """All findings, the most severe first; printing it shows them, and what was examined."""

    def __init__(self, findings: list[Finding], examined: str) -> None:
        super().__init__(sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity)))
        self.examined = examined

    @property
    def codes(self) -> list[str]:
        """The codes of the findings."""
        return [finding.code for finding in self]

    def __str__(self) -> str:
        return "\n".join([*map(str, self), f"({self.examined})"]) if self else f"No trouble found ({self.examined})."

    __repr__ = __str__
