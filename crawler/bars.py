"""A progress bar of bytes on a terminal; nothing where nobody watches."""

from __future__ import annotations

from typing import Self


class Bar:
    """A bar with rate and time left on standard error; what is printed meanwhile stands above it."""

    def __init__(self, *, shown: bool, total: int | None = None) -> None:
        # heavy, and only needed by commands that take a while
        from rich.console import Console  # noqa: PLC0415
        from rich.progress import (  # noqa: PLC0415
            BarColumn,
            DownloadColumn,
            Progress,
            TimeRemainingColumn,
            TransferSpeedColumn,
        )

        columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
        self._bars = Progress(*columns, console=Console(stderr=True), disable=not shown)
        self._task = self._bars.add_task("bytes", total=total)

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def more(self, size: int) -> None:
        """So many bytes more are done."""
        self._bars.advance(self._task, size)

    def at(self, done: int, total: int) -> None:
        """So many bytes are done, of so many."""
        self._bars.update(self._task, completed=done, total=total)
