"""Something a check found: a value that is returned, counted and tested; only the command line prints it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong, in one sentence, where it is, and which record it concerns (None where no record can be told).

    `severity`: an "error" means that bytes or promises are broken, a "warning" that something should be looked at.

    >>> print(Finding("error", "a.warc.gz@120+80", None, "gzip member cannot be inflated"))
    error: a.warc.gz@120+80: gzip member cannot be inflated
    """

    severity: Literal["error", "warning"]
    place: str
    record: str | None
    reason: str

    def __str__(self) -> str:
        record = f" ({self.record})" if self.record else ""
        return f"{self.severity}: {self.place}{record}: {self.reason}"
