"""A progress bar of bytes on a terminal; nothing where nobody watches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.console import Console


class Bar:
    """A bar with rate and time left; what is printed meanwhile stands above it.

    It is drawn on standard error, or on the `console` that results are printed on where that is a terminal too: lines do not tear it then.
    """

    def __init__(self, *, shown: bool, total: int | None = None, console: Console | None = None) -> None:
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
        drawn = console if console and console.is_terminal else Console(stderr=True)
        self._bars = Progress(*columns, console=drawn, disable=not shown, transient=console is not None)
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
