"""Invented articles and the truth about them: what a reader of the page must find, by the field rules."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True)
class Image:
    """A picture as the truth tells it; `caption` and `credit` are plain text, empty when not stated."""

    url: str
    caption: str = ""
    credit: str = ""

    def item(self) -> dict[str, str]:
        stated = {"url": self.url, "caption": self.caption, "creditText": self.credit}
        return {name: value for name, value in stated.items() if value}


@dataclass(frozen=True)
class Paragraph:
    text: str


@dataclass(frozen=True)
class Heading:
    text: str
    level: int = 2


@dataclass(frozen=True)
class Quote:
    paragraphs: tuple[str, ...]


@dataclass(frozen=True)
class Items:
    items: tuple[str, ...]
    ordered: bool = False


@dataclass(frozen=True)
class Table:
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Figure:
    image: Image


@dataclass(frozen=True)
class Gallery:
    images: tuple[Image, ...]
    title: str = ""


@dataclass(frozen=True)
class ReadAlso:
    title: str
    url: str
    label: str = "Читайте также"


@dataclass(frozen=True)
class Embed:
    """A post of a social network (`kind`: twitter, telegram, vk, instagram); never part of the body."""

    kind: str
    text: str


@dataclass(frozen=True)
class Player:
    """A video player with the words it shows to whom it does not play."""

    title: str
    text: str = "This is a modal window."


@dataclass(frozen=True)
class Summary:
    """A retelling by a machine; never part of the body."""

    items: tuple[str, ...]
    title: str = "Краткий пересказ"


@dataclass(frozen=True)
class Notice:
    """Words of the site and not of the article: adverts, calls to subscribe, polls, forms."""

    kind: str
    text: str


Block = (
    Paragraph
    | Heading
    | Quote
    | Items
    | Table
    | Figure
    | Gallery
    | ReadAlso
    | Embed
    | Player
    | Summary
    | Notice
)


def paragraphs(block: Block) -> tuple[str, ...]:
    """The paragraphs that a block adds to articleBody (field rules); none for what is not the article's text."""
    match block:
        case Paragraph(text) | Heading(text):
            return (text,)
        case Quote(texts) | Items(texts):
            return texts
        case Table(rows):
            return tuple(" | ".join(cell for cell in row if cell) for row in rows)
    return ()


def pictures(block: Block) -> tuple[Image, ...]:
    """The pictures that a block shows inside the body."""
    match block:
        case Figure(image):
            return (image,)
        case Gallery(images):
            return images
    return ()


@dataclass(frozen=True)
class Story:
    """One article before any markup; all texts are plain: one space between words, no marks of the page."""

    key: str
    headline: str
    published: datetime
    blocks: tuple[Block, ...] = ()
    subtitle: str = ""
    lead: str = ""
    authors: tuple[str, ...] = ()
    section: str = ""
    tags: tuple[str, ...] = ()
    image: Image | None = None
    modified: datetime | None = None
    dateline: str = ""
    note: str = ""

    def body(self) -> str:
        return "\n\n".join(text for block in self.blocks for text in paragraphs(block) if text)

    def images(self) -> list[dict[str, str]]:
        lead = (self.image,) if self.image else ()
        inside = tuple(image for block in self.blocks for image in pictures(block))
        seen: dict[str, Image] = {}
        for image in lead + inside:
            seen.setdefault(image.url, image)
        return [image.item() for image in seen.values()]

    def with_blocks(self, blocks: Iterable[Block], note: str = "") -> Story:
        return replace(self, blocks=tuple(blocks), note=note or self.note)


@dataclass(frozen=True)
class Stated:
    """A date as one place of a page states it: what it leaves out (time of day, zone, year) is said here."""

    at: datetime
    time: bool = True
    zone: bool = True
    year: bool = True


def dated(places: Sequence[Stated], name: str = "datePublished") -> tuple[str, list[str]]:
    """The date that wins among `places` (in the order of belief) and what had to be assumed for it."""
    first = places[0]
    same_day = (p for p in places if p.time and p.at.date() == first.at.date())
    won = first if first.time else next(same_day, first)
    if not won.time:
        return won.at.date().isoformat(), [] if won.year else [f"{name}.year"]
    assumed = [f"{name}.zone"] * (not won.zone) + [f"{name}.year"] * (not won.year)
    return won.at.isoformat(timespec="seconds"), sorted(assumed)


@dataclass(frozen=True)
class Expected:
    """What must become of one announced link.

    `url` is the URL that is asked for (tracking query gone), `links` all forms that sources announce, and
    `article` the content fields that must be there, exactly (None when no article is to be read).
    """

    url: str
    identifier: str
    outcome: str
    article: dict[str, Any] | None = None
    note: str = ""
    links: tuple[str, ...] = field(default=())

    def json(self) -> dict[str, Any]:
        return {
            "url": self.url,
            "identifier": self.identifier,
            "outcome": self.outcome,
            "article": self.article,
            "note": self.note,
            "links": list(self.links or (self.url,)),
        }


FIELDS = (
    "identifier",
    "url",
    "canonicalUrl",
    "headline",
    "alternativeHeadline",
    "description",
    "articleBody",
    "datePublished",
    "dateModified",
    "author",
    "articleSection",
    "keywords",
    "image",
    "inLanguage",
    "dateline",
    "isAccessibleForFree",
    "publisher",
    "assumed",
)


def truth(**fields: Any) -> dict[str, Any]:
    """The article of an Expected: fields in the order of the schema, absent (None or empty) ones left out."""
    unknown = fields.keys() - set(FIELDS)
    if unknown:
        raise ValueError(f"fields the article does not have: {sorted(unknown)}")
    return {name: fields[name] for name in FIELDS if fields.get(name) not in (None, "", [], {}, ())}


def people(names: Iterable[str]) -> list[dict[str, str]]:
    return [{"name": name} for name in dict.fromkeys(names)]


def day(today: date, before: int) -> date:
    return date.fromordinal(today.toordinal() - before)
