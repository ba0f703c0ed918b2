"""PlainPage: an article whose markup is unknown, read by what any markup shows."""

import re
from collections.abc import Callable, Iterator
from functools import cache, cached_property, partial
from typing import ClassVar

from lxml.html import HtmlElement

from crawler import lines, linked_data, names, text, values
from crawler.belief import Found
from crawler.boxes import boxes
from crawler.density import MainText, lead_picture, main_text
from crawler.page import Article, ArticlePage
from crawler.runs import BOX, HEADINGS, SHORT, TEXT_AT_LEAST, Run, Runs
from crawler.text import anchor
from crawler.titles import shown_title

AGO = re.compile(r"сегодня|вчера", re.IGNORECASE)  # the capture tells the year, not the page
COMMENTS = ("Комментарии", "Комментарий", "Комментариев", "Добавить комментарий", "Оставить комментарий")


class PlainPage(ArticlePage):
    """Reads by what the page states to machines, by the lines around its title, and by its densest text.

    A site's selectors are hints here: where they select nothing, the page is read all the same. `end` names whole
    lines that close the article; one that opens a box in the middle of the text («Читайте также») does not end it.
    Two more words may be set, regular expressions:

    - `signature`, with the groups `author` and `credit` (either may be missing): how a byline under the text is
      written; what it matches at the end of the last paragraph is no text of the article.
    - `deck`, with the group `author`: a first paragraph that presents its author, and stays.
    """

    signature: ClassVar[str] = (
        r"(?:Автор(?: текста)?|Текст)\s*:\s*(?P<author>.{3,60}?)(?:[\s,.;|/]+(?P<credit>Фото.*))?"
    )
    deck: ClassVar[str] = ""

    _singly = 2

    def found(self, name: str) -> Found | None:
        """What the page states of a field, completed by what it shows."""
        if name not in self._answers:
            stated = None if name == "articleBody" else super().found(name)  # the text is read here alone
            seen = getattr(self, f"_seen_{name}", None)
            self._answers[name] = seen(stated) if seen else stated
        return self._answers[name]

    @cached_property
    def _answers(self) -> dict[str, Found | None]:
        return {}

    @cached_property
    def runs(self) -> Runs:
        """Every visible stretch of text."""
        return Runs(self.part)

    @cached_property
    def title(self) -> str:
        """The article's title as the page shows it."""
        stated = self.found("headline")
        return stated.value if stated else ""

    @property
    def _ends(self) -> tuple[str, ...]:
        return (*self.end, *COMMENTS)

    @cached_property
    def surroundings(self) -> MainText:
        """The main text and the lines around it."""
        return main_text(self.part, self.title, self._ends, self.runs)

    @cached_property
    def blocks(self) -> list[HtmlElement]:
        """The hinted element, microdata's articleBody, or the densest text."""
        return [self._hinted[1]] if self._hinted else list(self.surroundings.elements)

    @cached_property
    def _hinted(self) -> tuple[str, HtmlElement] | None:
        hints = [("css", node) for node in self.all(self.selector("articleBody"))]
        hints += [("microdata", node) for node in self.microdata.props("articleBody")]
        return next((hint for hint in hints if _has_text(hint[1])), None)

    @cached_property
    def lead(self) -> HtmlElement | None:
        """The hinted lead picture, else the first one between the title and the text."""
        hinted = self.first(self.selector("image"))
        return lead_picture(self.surroundings) if hinted is None else hinted

    def dropped(self, block: HtmlElement) -> set[HtmlElement]:
        """What the site's `drop` takes out of a block, and the boxes that any site may have."""
        if block not in self._boxes:
            self._boxes[block] = super().dropped(block) | boxes(block)
        return self._boxes[block]

    @cached_property
    def _boxes(self) -> dict[HtmlElement, set[HtmlElement]]:
        return {}

    @cached_property
    def near(self) -> list[Run]:
        """The lines that may speak of the article."""
        around = self.surroundings
        return list(lines.near(around.before, around.above, around.below))

    @cached_property
    def _paragraphs(self) -> list[str]:
        """The lines of the text with what surrounds it, up to an end anchor that follows some text."""
        ends = text.anchors(self._ends)
        kept: list[str] = []
        for block in self.blocks:
            for line in text.paragraphs(block, drop=self.dropped(block)):
                if anchor(line) not in ends:
                    kept += () if lines.NOISE.fullmatch(line) else (line,)
                elif any(len(part) >= TEXT_AT_LEAST for part in kept) and not BOX.match(line.lower()):
                    return kept
        return kept

    @cached_property
    def _labels(self) -> list[Run]:
        around = self.surroundings
        labels = [run for run in around.above if run.is_label and run.element.tag not in HEADINGS]
        return labels + [run for run in around.below if run.is_label or run.excerpt]

    def _is_label(self, line: str) -> bool:
        told = anchor(line)
        first = text.beginnings(told[:1])
        if told == anchor(self.title) or (lines.LABEL.match(line) and len(line) < SHORT):
            return True
        return self._is_dated(line) or any(run.line == told for run in self._labels if run.beginning in first)

    @cached_property
    def _is_dated(self) -> Callable[[str], bool]:
        """What tells whether a line is a date with little beside it, each line once."""
        moment = self._moment  # not the page, which then would outlive its reading

        def dated(line: str) -> bool:
            short = len(line) < SHORT and len(lines.rest_of_date(line)) < SHORT / 2
            return short and moment(line) is not None

        return cache(dated)

    @cached_property
    def _body(self) -> list[str]:
        """The article's own paragraphs."""
        parts = [
            lines.ADDRESS_CREDIT.sub("", part)
            for place, part in enumerate(self._paragraphs)
            if not self._is_credit(place)
        ]
        while parts and (self._is_label(parts[0]) or self._is_description(parts[0])):
            parts.pop(0)
        while parts and (self._is_label(parts[-1]) or not self._unsigned(parts[-1])):
            parts.pop()
        return [*parts[:-1], *map(self._unsigned, parts[-1:])]

    def _is_description(self, line: str) -> bool:
        """Whether a paragraph that stands apart is what the page gives as its description, in full or cut."""
        lead, stated = self.surroundings.lead, self.found("description")
        if lead is None or stated is None or lead.line != anchor(line):
            return False
        described = anchor(stated.value)
        return lead.line.startswith(described.rstrip(".… ")) or described.startswith(lead.line)

    def _seen_articleBody(self, _: Found | None) -> Found | None:  # noqa: N802  (the field's name)
        origin = self._hinted[0] if self._hinted else "density"
        return Found("\n\n".join(self._body), origin) if self._body else None

    def _is_credit(self, place: int) -> bool:
        """Whether a paragraph is a picture's credit, or the name that stands alone under «Фото с сайта:»."""
        line = self._paragraphs[place]
        if len(line) < 2 * SHORT and lines.CREDIT.match(line) and not lines.ADDRESS_CREDIT.match(line):
            return True
        above = self._paragraphs[place - 1] if place else ""
        return above.endswith(":") and lines.CREDIT.match(above) is not None and len(line) < SHORT

    def _unsigned(self, paragraph: str) -> str:
        """A paragraph without the signature at its end."""
        match = self._signature(paragraph)
        return paragraph[: match.start()] if match else paragraph

    @cached_property
    def _signature(self) -> Callable[[str], re.Match[str] | None]:
        """What finds the signature in a line, each line once: as a whole line or behind a sentence."""
        return cache(re.compile(rf"(?:^|(?<=[.!?…»\"])\s+)(?:{self.signature or '(?!)'})$").search)

    def _signed(self, group: str) -> str | None:
        """What the signature says, in the last paragraphs or the lines around the text."""
        around = self.surroundings
        last = (*self._paragraphs[:-4:-1], *(run.text for run in (*around.below[:4], *around.above)))
        said = (match.groupdict().get(group) for line in last if (match := self._signature(line)))
        return next((words for words in said if words), None)

    def _seen_headline(self, stated: Found | None) -> Found | None:
        """The visible line that the page's titles for machines speak of; else what is stated."""
        last = next(reversed(self.all("h1")), None)
        shown = shown_title(self.runs, self._told, {anchor(name) for name in self._names}, last)
        return Found(text.words("".join(shown.pieces)), "text") if shown else stated

    @cached_property
    def _told(self) -> list[str]:
        """The titles that machines are told, the likeliest to be free of additions first."""
        markup = self.markup
        titles = (
            linked_data.text(markup.linked.get("headline")),
            markup.meta("og:title", "twitter:title"),
            markup.title,
        )
        plain = [names.title(title, self._names) for title in titles if title]
        return list(dict.fromkeys(anchor(title) for title in (*plain, *titles) if title))

    @cached_property
    def _names(self) -> list[str]:
        stated = (self.markup.meta("og:site_name"), linked_data.text(self.markup.linked.get("publisher")))
        return [name for name in stated if name]

    def article(self) -> Article | None:
        """The article; None also for a page that shows no title and has no date, such as an error told with status 200."""
        article = super().article()
        return article if article and (article.is_dated or self.surroundings.headed) else None

    @cached_property
    def _moment(self) -> Callable[[str], values.Moment | None]:
        """What tells the date in a line, each line once."""
        return cache(partial(values.moment, zone=self.zone, near=values.url_date(self.url), at=self.at))

    def _moments(self, *, updated: bool) -> Iterator[Found]:
        """The dates of the lines around, as published or as updated."""
        for run in self.near:
            if not self._is_dated(run.text):
                continue
            for origin, words in lines.dates(run, updated=updated):
                if moment := self._moment(words):
                    assumed = dict.fromkeys(
                        ("year", *moment.assumed) if AGO.search(words) else moment.assumed
                    )
                    yield Found(moment.value, origin, moment.raw, tuple(assumed))

    def _seen_datePublished(self, stated: Found | None) -> Found | None:  # noqa: N802
        """The stated date; the shown one where none is stated but in the URL, or where only it has the time of day."""
        if stated and "T" in stated.value:
            return stated
        shown = list(self._moments(updated=False))
        first = shown[0] if shown and (stated is None or stated.origin == "url") else stated
        if first is None or "T" in first.value:
            return first
        return next((found for found in shown if found.value.startswith(f"{first.value}T")), first)

    def _seen_dateModified(self, stated: Found | None) -> Found | None:  # noqa: N802
        return stated or next(self._moments(updated=True), None)

    def _seen_author(self, stated: Found | None) -> Found | None:
        """Who signed the text, else who is stated, else who is named under «Автор:»."""
        byline = self._signed("author") or self._presented()
        if byline is None and stated:
            return stated
        label = re.compile(r"(?:Автор|Текст)\w*\s*:\s*\S", re.IGNORECASE)
        byline = byline or next((run.text for run in self.near if label.match(run.text)), "")
        found = names.names(byline)
        return Found([{"name": name} for name in found], "text") if found else stated

    def _presented(self) -> str | None:
        match = re.match(self.deck or "(?!)", self._body[0]) if self._body else None
        return match["author"] if match else None

    def _seen_articleSection(self, stated: Found | None) -> Found | None:  # noqa: N802
        section = stated or lines.rubric_link(self.near, self.url) or lines.rubric(self.near, self._is_dated)
        return Found([section], "text") if isinstance(section, str) else section

    def _seen_keywords(self, stated: Found | None) -> Found | None:
        around = self.surroundings
        shown = lines.tags((*around.above, *around.below, *around.after))
        return Found(shown, "text") if shown else stated

    def _seen_image(self, stated: Found | None) -> Found | None:
        """The pictures; the first one with the credit that stands in the text's column."""
        if not stated:
            return None
        first, *others = (lines.credited(picture) for picture in stated.value)
        credit = self._signed("credit") or self._credit_line()
        if credit and "creditText" not in first:
            first = {**first, "creditText": names.credit(credit)}
        return Found([first, *others], stated.origin)

    def _credit_line(self) -> str | None:
        around = self.surroundings
        shown = (
            *(run.text for run in around.above),
            *self._paragraphs,
            *(run.text for run in around.below[:4]),
        )
        return lines.credit_line(shown, self._is_dated)


def _has_text(node: HtmlElement) -> bool:
    return not text.hidden(node) and len(text.words(text.content(node))) >= TEXT_AT_LEAST
