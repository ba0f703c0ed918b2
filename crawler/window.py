"""Which of a page's runs may be the article's: those behind the headline, up to an anchor that closes it."""

from collections.abc import Iterator, Sequence
from itertools import islice

from crawler.column import is_anchor, opens_comments
from crawler.runs import HEADINGS, Run, mark_excerpts
from crawler.text import anchor, beginnings

BROTHERS = 2  # of the places where a run stands: its own element, and one of that kind in the same parent
FAR = 0.25  # an anchor with less text before it than this share of what follows is a box's, whatever it says


def bounds(found: Sequence[Run], headline: str, end: frozenset[str]) -> tuple[int, int]:
    """Where the runs behind the headline begin, and where those end that may be the article's: the number of the run that closes it.

    `end` holds the anchors that close an article. Marks the excerpts of other pages among them.
    """
    start = _after_headline(found, headline)
    stop, boxes = _closing(found, start, end)
    mark_excerpts(found[start:stop])
    _reclaim(found[start:stop])
    return start, _last_box(found, start, boxes, stop)


def _closing(found: Sequence[Run], start: int, end: frozenset[str]) -> tuple[int, list[int]]:
    """The first anchor behind some text that opens no box, else how many runs there are; and the boxes up to there."""
    boxes: list[int] = []
    begun, stop = False, start
    for run in islice(found, start, None):
        if (begun or opens_comments(run)) and is_anchor(run, end):
            if not run.opens_box:
                break
            boxes.append(stop)
        begun = begun or run.weight > 0
        stop += 1
    return stop, boxes


def _last_box(found: Sequence[Run], start: int, boxes: Sequence[int], stop: int) -> int:
    """The first «Читайте также» after which the article's own paragraphs do not go on, else `stop`."""
    return next((box for box in boxes if not _goes_on(found, start, box, stop)), stop)


def _goes_on(found: Sequence[Run], start: int, box: int, stop: int) -> bool:
    """Whether the article's own text goes on behind a box: in paragraphs that stand alike, or because most is to come."""
    own = [run for run in found[start:box] if run.weight > 0]
    after = [run for run in found[box + 1 : stop] if run.weight > 0 and not run.excerpt]
    if sum(run.weight for run in own) < FAR * sum(run.weight for run in after):
        return True
    places = {place for run in own for place in _places(run)}
    return any(not places.isdisjoint(_places(run)) for run in after)


def _reclaim(window: Sequence[Run]) -> None:
    """Take texts for the article's own that follow a link but stand like its paragraphs: the link was a box of one line.

    So do teasers where all is made of like parts: they are more than half of what is the article's, or, as its very brothers, more than all.
    """
    texts = [run for run in window if run.weight > 0]
    excerpts = [run for run in texts if run.excerpt]
    own = len(texts) - len(excerpts)
    places = {place for run in texts if excerpts and not run.excerpt for place in _places(run)}
    alike = [run for run in excerpts if not places.isdisjoint(_places(run))]
    if len(alike) > max(1, own // 2):
        brothers = [run for run in alike if not places.isdisjoint(islice(_places(run), BROTHERS))]
        alike = brothers if len(brothers) <= own else []
    for run in alike:
        run.excerpt = False


def is_apart(run: Run, others: Sequence[Run]) -> bool:
    """Whether a run stands like none of the others."""
    places = {place for other in others for place in _places(other)}
    return places.isdisjoint(_places(run))


def _places(run: Run) -> Iterator[tuple[object, ...]]:
    """Where a run stands, in the ways in which two paragraphs of one article may stand alike."""
    element, parent = run.element, run.element.getparent()
    yield (element,)
    if parent is not None:
        yield parent, element.tag, element.get("class")
        yield parent.getparent(), parent.tag, parent.get("class"), element.tag, element.get("class")


def _after_headline(found: Sequence[Run], headline: str) -> int:
    wanted = anchor(headline)
    if not wanted:
        return 0
    first = beginnings(wanted[0])
    ranked: list[tuple[int, int]] = []
    for index, run in enumerate(found):
        if run.beginning in first and run.line == wanted:
            ranked.append((_title_rank(run), index))
            if ranked[-1][0] == 0:
                break
    return min(ranked)[1] + 1 if ranked else 0


def _title_rank(run: Run) -> int:
    """Which of several equal lines is the title: h1, a lower heading, any line; one that is a link only at last."""
    tag = run.element.tag
    if tag == "h1":
        return 0
    return (1 if tag in HEADINGS else 2) + (2 if run.linked else 0)
