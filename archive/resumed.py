"""A stream over a network that breaks: it goes on where it stopped."""

import io
import re
from collections.abc import Callable
from typing import BinaryIO, NamedTuple, Protocol, cast

from archive.objects import StoreError

BUFFER = 1 << 18
ATTEMPTS = 5
"""Broken connections in a row without a single byte, after which it is given up."""


class Body(Protocol):
    """An answer's body."""

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes, none at the end."""

    def close(self) -> None:
        """Give up what was not read."""


class Nothing:
    """The body of a range behind the end."""

    def read(self, _size: int, /) -> bytes:
        """No bytes."""
        return b""

    def close(self) -> None:
        """Nothing to give up."""


class Answer(NamedTuple):
    """A body, what tells the object's version from another one, and the offset to which the object's bytes go, if the server says so."""

    body: Body
    version: str
    until: int | None = None


RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")


def extent(told: str, offset: int, end: int | None) -> int | None:
    """How far the bytes from `offset` to `end` go, by a Content-Range; None for one that does not begin there, or makes no sense.

    >>> extent("bytes 5-9/20", 5, 10), extent("bytes 5-19/20", 5, 50), extent("bytes 5-7/20", 5, 10)
    (10, 20, 10)
    >>> extent("bytes 5-9/*", 5, 10), extent("bytes 0-9/20", 5, 10), extent("bytes 5-30/20", 5, 31), extent("", 5, 10)
    (10, None, None, None)
    """
    match = RANGE.fullmatch(told)
    if not match or int(match[1]) != offset or int(match[2]) < offset:
        return None
    if match[3] == "*":
        return int(match[2]) + 1 if end is None else min(end, int(match[2]) + 1)
    total = int(match[3])
    if int(match[2]) >= total:
        return None
    return total if end is None else min(end, total)


def resumed(
    name: str,
    ask: Callable[[int], Answer],
    broken: tuple[type[Exception], ...],
    offset: int,
    end: int | None = None,
) -> BinaryIO:
    """The bytes from `offset` to `end`, whatever breaks: `ask` answers from an offset on, `broken` are the errors that its body may raise.

    A body that ends before it should is broken, too.

    Raises what `ask` raises, and StoreError when it breaks ATTEMPTS times without a byte or when the object was replaced meanwhile.
    """
    return cast(
        "BinaryIO", io.BufferedReader(_Resumed(name, ask, broken, (offset, end), ask(offset)), BUFFER)
    )


class _Resumed(io.RawIOBase):
    def __init__(
        self,
        name: str,
        ask: Callable[[int], Answer],
        broken: tuple[type[Exception], ...],
        part: tuple[int, int | None],
        answer: Answer,
    ) -> None:
        self._name = name
        self._ask = ask
        self._broken = broken
        self._offset, self._end = part
        self._answer = answer

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        wanted = len(buffer) if self._end is None else min(len(buffer), self._end - self._offset)
        for _ in range(ATTEMPTS):
            try:
                data = self._answer.body.read(wanted) if wanted > 0 else b""
            except self._broken:
                self._go_on()
            else:
                if wanted > 0 and not data and self._offset < (self._answer.until or 0):
                    self._go_on()
                    continue
                buffer[: len(data)] = data
                self._offset += len(data)
                return len(data)
        raise StoreError(
            f"cannot read {self._name}: the connection broke {ATTEMPTS} times at byte {self._offset}; run the same command again"
        )

    def _go_on(self) -> None:
        self._answer.body.close()
        before, self._answer = self._answer.version, self._ask(self._offset)
        if self._answer.version != before:
            raise StoreError(
                f"cannot read {self._name}: it was replaced meanwhile; run the same command again"
            )

    def close(self) -> None:
        if not self.closed:
            self._answer.body.close()
        super().close()
