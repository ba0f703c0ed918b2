"""Whether the pages of a listing lead anywhere."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from archive.refusal import NonsenseError

T = TypeVar("T")
IDLE = 20
"""Pages in a row that bring nothing new: an honest server, which may send empty ones where much was deleted, sends fewer."""


class Further:
    """What the pages of one listing have brought, in memory, as the listing itself is."""

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self._idle = 0

    def new(self, page: Iterable[T], name: Callable[[T], str]) -> list[T]:
        """What of the next page no page had before; raises NonsenseError where that is nothing once too often."""
        found: dict[str, T] = {}
        for one in page:
            if name(one) not in self._seen:
                found.setdefault(name(one), one)
        self._seen.update(found)
        self._idle = 0 if found else self._idle + 1
        if self._idle >= IDLE:
            raise NonsenseError(f"goes on with its listing and has sent nothing new on {IDLE} pages")
        return [*found.values()]
