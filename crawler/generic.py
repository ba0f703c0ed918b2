"""The generic reader: any news page, without a word of configuration."""

import re
from collections import Counter
from collections.abc import Sequence
from functools import cached_property

from htmldate import find_date
from trafilatura import extract

from crawler import linked_data, text
from crawler.belief import Found
from crawler.plain import PlainPage

MARKER = re.compile(r"^(?:[-–•] |\| )|(?: \|)$")  # what trafilatura writes before items and around rows
WORD = re.compile(r"\w+")
SHINGLE = 4  # words
LEAST = 0.05  # of the other reader's text: less is not the article
ENDS = 0.8  # of the text must stay when its ends are trimmed
DIFFERENT = 0.5  # likeness below which two texts are not the same one


class GenericPage(PlainPage):
    """Reads a page that no site's page fits: what it states, what it shows, and its densest text.

    Trafilatura is the second reader of the text, the page's own JSON-LD the judge between them (`settled`).
    """

    end = (
        "Читайте также", "Читайте ещё", "Смотрите также", "Материалы по теме", "Новости по теме", "По теме", "Другие новости",
        "Новости партнёров", "Новости партнеров", "Поделиться", "Поделиться новостью", "Комментарии", "Оставить комментарий",
        "Добавить комментарий", "Подписывайтесь на нас", "Следите за нашими новостями", "Печать", "Версия для печати",
        "Read more", "Related", "Related articles", "Related stories", "Comments", "Leave a comment", "Leave a reply",
        "Share this", "More from", "You may also like", "Recommended",
    )  # fmt: skip

    @cached_property
    def _body(self) -> list[str]:
        return settled(super()._body, _read(self.html), self._told_body)

    @property
    def _told_body(self) -> list[str]:
        told = linked_data.text(self.markup.linked.get("articleBody")) or ""
        return [line for part in told.split("\n") if (line := text.words(part))]

    def _seen_datePublished(self, stated: Found | None) -> Found | None:  # noqa: N802  (the field's name)
        """The stated or shown date, else the likeliest one anywhere on the page."""
        found = super()._seen_datePublished(stated)
        if found:
            return found
        day = find_date(self.html, original_date=True)
        return Found(day, "text", day) if day else None


def settled(shown: Sequence[str], other: Sequence[str], told: Sequence[str]) -> list[str]:
    """The paragraphs of the densest text, corrected by a second reader and by what the page tells machines.

    Paragraphs at either end that the second reader does not see are left out: at the ends readers err, on teasers,
    leads and appeals. Where the two read different texts the page's own words decide; too little text is none.

    >>> settled(["By A. B.", "One two three four five six seven.", "Eight."], ["One two three four five six seven.", "Eight."], [])
    ['One two three four five six seven.', 'Eight.']
    """
    if _length(shown) < LEAST * _length(other):
        return list(other)
    if told and _likeness(shown, other) < DIFFERENT:
        return list(max(shown, other, key=lambda answer: _likeness(list(answer), told)))
    seen, whole = _shingles(other), "\n".join(other).casefold()
    known = [part for part, line in enumerate(shown) if _is_seen(line, seen, whole)]
    trimmed = list(shown[known[0] : known[-1] + 1]) if known else []
    return trimmed if _length(trimmed) > ENDS * _length(shown) else list(shown)


def _length(paragraphs: Sequence[str]) -> int:
    return sum(len(part) for part in paragraphs)


def _shingles(paragraphs: Sequence[str]) -> Counter[tuple[str, ...]]:
    words = [word for part in paragraphs for word in WORD.findall(part.casefold())]
    return Counter(tuple(words[at : at + SHINGLE]) for at in range(max(1, len(words) - SHINGLE + 1)))


def _likeness(one: Sequence[str], other: Sequence[str]) -> float:
    ones, others = _shingles(one), _shingles(other)
    return 2 * (ones & others).total() / (ones.total() + others.total())


def _is_seen(line: str, seen: Counter[tuple[str, ...]], whole: str) -> bool:
    if len(line.split()) < SHINGLE:
        return line.casefold() in whole
    runs = _shingles([line])
    return (runs & seen).total() >= DIFFERENT * runs.total()


def _read(html: str) -> list[str]:
    """What trafilatura takes for the text, by its quick rules."""
    found = extract(html, include_comments=False, fast=True) or ""
    return [line for part in found.split("\n") if (line := text.words(MARKER.sub("", part)))]
