"""The doctor: what learners get wrong, found in their own graph and said in words."""

from .diagnosing import diagnose
from .finding import Diagnosis, Finding
from .why import Audit, Change, Entry, Ledger, ledger, step_audit, why_nan, why_zero

__all__ = [
    "Audit",
    "Change",
    "Diagnosis",
    "Entry",
    "Finding",
    "Ledger",
    "diagnose",
    "ledger",
    "step_audit",
    "why_nan",
    "why_zero",
]
