"""The generic reader: any news page, without a word of configuration."""

import re
from collections import Counter
from collections.abc import Sequence
from functools import cached_property

from htmldate import find_date
from lxml.html import HtmlElement
from trafilatura import extract

from crawler import linked_data, text
from crawler.belief import Found
from crawler.plain import PlainPage

BOXES = re.compile(
    r"(?:^|[\s_-])(?:advert\w*|author-?(?:bio|info)|byline|captions?|comments?|cookie\w*|copyright|credits?|gallery|media-?info"
    r"|most-?(?:read|popular|viewed)|newsletter\w*|outbrain|promo\w*|recirc\w*|recommend\w*|related\w*|share\w*|sharing|sidebar"
    r"|slideshow|social\w*|sponsor\w*|subscri\w*|taboola|tags?|teasers?|timestamp|toolbar|trending|widget)(?:$|[\s_-])",
    re.IGNORECASE,
)
BOX_AT_MOST = 0.3  # of a block's text: what holds more is the text, whatever it is called
MARKER = re.compile(r"^(?:[-–•] |\| )|(?: \|)$")  # what trafilatura writes before items and around rows
WORD = re.compile(r"\w+")
SHINGLE = 4  # words


class GenericPage(PlainPage):
    """Reads a page that no site's page fits: what it states, what it shows, and the text that most readers agree on.

    Three readers and the page's own JSON-LD say what the text is; the answer nearest to all others is taken. No one
    of them is good on every page, but each fails in its own way.
    """

    end = (
        "Читайте также", "Читайте ещё", "Смотрите также", "Материалы по теме", "Новости по теме", "По теме", "Другие новости",
        "Новости партнёров", "Новости партнеров", "Поделиться", "Поделиться новостью", "Комментарии", "Оставить комментарий",
        "Добавить комментарий", "Подписывайтесь на нас", "Следите за нашими новостями", "Печать", "Версия для печати",
        "Read more", "Related", "Related articles", "Related stories", "Comments", "Leave a comment", "Leave a reply",
        "Share this", "More from", "You may also like", "Recommended",
    )  # fmt: skip

    def dropped(self, block: HtmlElement) -> set[HtmlElement]:
        """The small boxes in a block that are named as what is no text."""
        whole = len(block.text_content())
        named = (node for node in block.iterdescendants() if BOXES.search(f"{node.get('class', '')} {node.get('id', '')}"))
        return {node for node in named if len(node.text_content()) < BOX_AT_MOST * whole}

    @cached_property
    def _body(self) -> list[str]:
        shown = super()._body
        answers = [shown, _read(self.html, precise=True), _read(self.html, precise=False), self._told_body]
        return agreed([answer for answer in answers if answer])

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


def agreed(answers: Sequence[list[str]]) -> list[str]:
    """The answer that agrees most with all others, by the runs of words they share; the first one of equals.

    >>> agreed([["a b c d e", "ad"], ["a b c d e"], ["x y z u v"], ["a b c d e", "f"]])
    ['a b c d e']
    """
    counted = [_shingles(answer) for answer in answers]
    scores = [sum(_likeness(one, other) for other in counted) for one in counted]
    return answers[scores.index(max(scores))] if answers else []


def _shingles(paragraphs: Sequence[str]) -> Counter[tuple[str, ...]]:
    words = [word for part in paragraphs for word in WORD.findall(part.casefold())]
    return Counter(tuple(words[at : at + SHINGLE]) for at in range(max(1, len(words) - SHINGLE + 1)))


def _likeness(one: Counter[tuple[str, ...]], other: Counter[tuple[str, ...]]) -> float:
    return 2 * (one & other).total() / ((one.total() + other.total()) or 1)


def _read(html: str, *, precise: bool) -> list[str]:
    """What trafilatura takes for the text: with its precise rules, or with its quick ones that leave out less."""
    found = extract(html, include_comments=False, favor_precision=precise, fast=not precise) or ""
    return [line for part in found.split("\n") if (line := text.words(MARKER.sub("", part)))]
