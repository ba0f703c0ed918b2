"""A stream over a network that breaks: it goes on where it stopped."""

import io
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
    """A body, and what tells the object's version from another one."""

    body: Body
    version: str


def resumed(
    name: str,
    ask: Callable[[int], Answer],
    broken: tuple[type[Exception], ...],
    offset: int,
    end: int | None = None,
) -> BinaryIO:
    """The bytes from `offset` to `end`, whatever breaks: `ask` answers from an offset on, `broken` are the errors that its body may raise.

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
