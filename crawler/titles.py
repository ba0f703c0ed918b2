"""Which visible line of a page is the title that the page tells machines (pure)."""

import re
from collections.abc import Collection, Sequence

from crawler.runs import TEXT_AT_LEAST, Run
from crawler.text import beginnings

AFTER_TITLE = re.compile(r"\s*[-–—|:»·•/(,]|\s*\.\s")  # before a site's name or a section
TITLE_AT_LEAST, TITLE_AT_MOST = 8, 400  # characters
HEADING = {"h1": 2, "h2": 1, "h3": 1}


def shown_title(runs: Sequence[Run], told: Sequence[str], sites: Collection[str]) -> Run | None:
    """The line that is, but for additions, one of the titles told (the likeliest first); headings before other lines.

    `told` and `sites` (names that are no title) are in the form of `crawler.text.anchor`.
    """
    first = beginnings("".join(title[:1] for title in told))
    # a heading, or no link, that begins as a title told does
    likely = (run for run in runs if run.beginning in first or run.element.tag == "h1")
    worth = (run for run in likely if not run.linked or run.element.tag in HEADING)
    ranked = ((_rank(run, told, sites), run) for run in worth)
    rank, best = max(ranked, key=lambda pair: pair[0], default=((False,), None))
    return best if rank[0] else None


def _rank(run: Run, told: Sequence[str], sites: Collection[str]) -> tuple[bool, int, int, int]:
    line = run.line if run.plain + run.linked < TITLE_AT_MOST else ""
    if len(line) < TITLE_AT_LEAST or line in sites:
        return False, 0, 0, 0
    level = max((_alike(line, title) * 10 - place for place, title in enumerate(told)), default=0)
    if level <= 0 and run.element.tag == "h1":
        level = max((_shares_words(line, title) for title in told), default=0)
    heading = HEADING.get(run.element.tag, 0)
    own = not run.linked or (heading > 0 and run.is_link)
    return level > 0 and own, heading, level, len(line)


def _alike(line: str, told: str) -> int:
    """How surely a visible line is the title that machines are told: 3 the same, 2 all but a site's name or a cut end."""
    if line == told:
        return 3
    cut = told.rstrip(".… ")
    if told.startswith(line) and AFTER_TITLE.match(told, len(line)):
        return 2
    return 2 if len(cut) >= TEXT_AT_LEAST and line.startswith(cut) else 0


def _shares_words(line: str, told: str) -> int:
    words = set(line.split())
    return int(len(words) > 1 and len(words & set(told.split())) * 2 >= len(words))
