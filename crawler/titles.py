"""Which visible line of a page is the title that the page tells machines (pure)."""

import re
from collections.abc import Collection, Iterable, Sequence

from lxml.html import HtmlElement

from crawler.runs import TEXT_AT_LEAST, Run
from crawler.text import beginnings

AFTER_TITLE = re.compile(r"\s*[-–—|:»·•/(,]|\s*\.\s")  # before a site's name or a section
TITLE_AT_LEAST, TITLE_AT_MOST = 8, 400  # characters
HEADING = {"h1": 2, "h2": 1, "h3": 1}
_Rank = tuple[bool, int, int, int]
NONE: _Rank = (False, 0, 0, 0)
BY_H1 = (True, HEADING["h1"])
SAME = 3  # as said by `_alike`
SURE = SAME * 10  # the level of a line that says the likeliest title, and no more


def shown_title(
    runs: Iterable[Run], told: Sequence[str], sites: Collection[str], last: HtmlElement | None = None
) -> Run | None:
    """The line that is, but for additions, one of the titles told (the likeliest first); headings before other lines.

    `told` and `sites` (names that are no title) are in the form of `crawler.text.anchor`, `last` is the page's last h1: what is
    behind it is asked only if no h1 will do.
    """
    first = beginnings("".join(title[:1] for title in told))
    best: tuple[_Rank, Run | None] = (NONE, None)
    inside, passed = set(() if last is None else last.iter()), False
    for run in runs:
        if best[0][:2] == BY_H1 and (best[0][2] == SURE or (passed and run.element not in inside)):
            break
        passed = passed or run.element is last
        # a heading, or no link, that begins as a title told does
        heading = run.element.tag in HEADING
        if (run.beginning in first or run.element.tag == "h1") and (heading or not run.linked):
            rank = _rank(run, told, sites)
            if rank[0] and rank > best[0]:
                best = rank, run
    return best[1]


def _rank(run: Run, told: Sequence[str], sites: Collection[str]) -> _Rank:
    line = run.line if run.plain + run.linked < TITLE_AT_MOST else ""
    if len(line) < TITLE_AT_LEAST or line in sites:
        return NONE
    level = max((_alike(line, title) * 10 - place for place, title in enumerate(told)), default=0)
    if level <= 0 and run.element.tag == "h1":
        level = max((_shares_words(line, title) for title in told), default=0)
    heading = HEADING.get(run.element.tag, 0)
    own = not run.linked or (heading > 0 and run.is_link)
    return level > 0 and own, heading, level, len(line)


def _alike(line: str, told: str) -> int:
    """How surely a visible line is the title that machines are told: 3 the same, 2 all but a site's name or a cut end."""
    if line == told:
        return SAME
    cut = told.rstrip(".… ")
    if told.startswith(line) and AFTER_TITLE.match(told, len(line)):
        return 2
    return 2 if len(cut) >= TEXT_AT_LEAST and line.startswith(cut) else 0


def _shares_words(line: str, told: str) -> int:
    words = set(line.split())
    return int(len(words) > 1 and len(words & set(told.split())) * 2 >= len(words))
