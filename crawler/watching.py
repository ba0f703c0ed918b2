"""How crawls are watched: bars on a terminal, plain lines in a log; a table at the end."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from crawler.fleet import HEADINGS, KILLED, Outcome, columns

LOG_WIDTH = 120


class Lines:
    """Says where each crawl begins and ends, one line each: for logs."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is left to do."""

    def begins(self, site: str) -> None:
        """Say that a crawl begins."""
        self._say(f"{site}: crawling")

    def goes_on(self, site: str, progress: Mapping[str, Any]) -> None:
        """Nothing: a log needs no progress."""

    def says(self, site: str, line: str) -> None:
        """Pass on what the crawl complains of."""
        self._say(f"{site}: {line}")

    def ends(self, outcome: Outcome) -> None:
        """Say what came of a crawl."""
        told = outcome.summary
        if told is None:
            killed = "; killed: `letopis recover`, or the next crawl, finishes what it left in WORK"
            self._say(
                f"{outcome.site}: no snapshot (exit {outcome.exit}){killed if outcome.exit > KILLED else ''}"
            )
            return
        self._say(
            f"{told['snapshot']}: {told['status']} ({told['finish']}), {told['links']} links, {told['captured']} captured, "
            f"{told['articles']} articles, {told['unchanged']} unchanged, {told['rejected']} rejected, head sha256:{told['head']}"
        )
        for line in told["unread"]:
            self._say(f"{outcome.site}: not read: {line}")

    def _say(self, line: str) -> None:
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)


class Silence(Lines):
    """Says nothing: for programs, which read what comes at the end."""

    def _say(self, line: str) -> None:
        pass


class Bars(Lines):
    """Shows a bar for each crawl: for terminals."""

    def __init__(self, console: Console) -> None:
        super().__init__(console)
        shown = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[articles]} articles"),
        )
        self._progress = Progress(*shown, TimeElapsedColumn(), console=console, transient=True)
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def begins(self, site: str) -> None:
        """Put up the bar of a crawl."""
        self._tasks[site] = self._progress.add_task(site, total=None, articles=0)

    def goes_on(self, site: str, progress: Mapping[str, Any]) -> None:
        """Move the bar of a crawl; how long it is shows when the sources have been read."""
        told = {"completed": min(progress["fetched"], progress["asked"] or progress["fetched"])}
        self._progress.update(
            self._tasks[site], total=progress["asked"] or None, articles=progress["articles"], **told
        )

    def ends(self, outcome: Outcome) -> None:
        """Take the bar down and say what came of the crawl."""
        if outcome.site in self._tasks:
            self._progress.remove_task(self._tasks.pop(outcome.site))
        super().ends(outcome)


def console() -> Console:
    """Return where to print: as wide as the terminal, or wide enough for a log."""
    found = Console(stderr=False)
    return found if found.is_terminal else Console(width=LOG_WIDTH)


def watcher(target: Console) -> Lines:
    """Return bars for a terminal, lines for anything else."""
    return Bars(target) if target.is_terminal else Lines(target)


def table(outcomes: Sequence[Outcome]) -> Table:
    """Return the table at the end, one row per site."""
    shown = Table(box=box.SIMPLE)
    for at, heading in enumerate(HEADINGS):
        shown.add_column(heading, justify="right" if 0 < at < len(HEADINGS) - 1 else "left", no_wrap=True)
    for outcome in outcomes:
        shown.add_row(*columns(outcome))
    return shown
