"""The head of an HTTP message whose lines have the usual form: a value is found in it without taking the rest apart."""

from __future__ import annotations

from functools import lru_cache
from typing import Protocol

from archive.message import Message

BLANK = b"\n\r\n"


class Headed(Protocol):
    """What the index asks of a response."""

    @property
    def status(self) -> int:
        """The status code; 0 for none."""

    def get(self, name: str) -> str | None:
        """The first value of a header, or None."""


class Glance:
    """Answers as Message does for the same bytes, `size` of which are its head; asked for one or two headers, at a tenth of the cost."""

    __slots__ = ("_head", "_lower", "size")

    def __init__(self, head: bytes) -> None:
        self._head = head
        self._lower = head.lower()
        self.size = len(head)

    @classmethod
    def of(cls, data: bytes, begin: int, end: int) -> Glance | None:
        """The head of the message that lies there in `data`; None where Message must read it."""
        blank = data.find(BLANK, begin, end)
        head = data[begin : blank + len(BLANK)]
        # a blank line of another form, a folded line, and space before a colon (or a value that only looks like it)
        odd = b"\n\n" in head or b"\n " in head or b"\n\t" in head or b" :" in head or b"\t:" in head
        return None if odd or blank < 0 else cls(head)

    @property
    def status(self) -> int:
        """The status code; 0 for none."""
        return _status(self._head[: self._head.index(b"\n") + 1])

    def get(self, name: str) -> str | None:
        """The first value of a header, or None."""
        line = _begin(name)
        at = self._lower.find(line)
        if at < 0:
            return None
        at += len(line)
        return self._head[at : self._head.index(b"\n", at)].strip(b" \t\r").decode("latin-1")

    def frames(self, size: int) -> bool:
        """Whether so many bytes that follow are the payload: not chunked, and as many as Content-Length says if it is there once."""
        head = self._lower
        if b"\ntransfer-encoding:" in head:
            return False
        lengths = head.count(b"\ncontent-length:")
        return not lengths or (lengths == 1 and b"\ncontent-length: %d\r\n" % size in head)


@lru_cache(100)
def _begin(name: str) -> bytes:
    return f"\n{name.lower()}:".encode()


@lru_cache(100)
def _status(start_line: bytes) -> int:
    return Message(start_line).status
