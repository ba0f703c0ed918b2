"""What a reader of ria.ru must find on a page, by the field rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .ria_page import SITE, sharing
from .story import Stated, dated, people, truth

if TYPE_CHECKING:
    from .ria_page import Piece


def article(piece: Piece) -> dict[str, Any]:
    """The article of a page in the current layout."""
    story, look = piece.story, piece.look
    published, assumed = dated(_published(piece))
    modified, assumed_too = dated(_modified(piece), "dateModified") if story.modified else ("", [])
    if modified and look.data == "visible" and story.modified == story.published:
        modified, assumed_too = "", []
    return common(piece) | truth(
        alternativeHeadline=story.subtitle,
        datePublished=published,
        dateModified=modified,
        author=people(_authors(piece)),
        image=images(piece),
        inLanguage="ru" if look.language else "ru-RU",
        isAccessibleForFree=True if look.free and look.data == "jsonld" else None,
        assumed=sorted([*assumed, *assumed_too]),
    )


def common(piece: Piece) -> dict[str, Any]:
    story = piece.story
    return truth(
        identifier=f"ria:{piece.id}",
        url=piece.url,
        canonicalUrl=piece.url,
        headline=story.headline,
        description=piece.description,
        articleBody=story.body(),
        articleSection=[story.section],
        keywords=list(dict.fromkeys(story.tags)),
        dateline=story.dateline.removesuffix("."),
        publisher={"name": SITE},
    )


def _published(piece: Piece) -> list[Stated]:
    """The places that state the date, in the order of belief: linked data, metas, microdata, visible text."""
    at, look = piece.story.published, piece.look
    places = []
    if look.data == "jsonld":
        places.append(Stated(at, time=not look.day_only))
    if look.data not in ("visible", "doubled"):
        places.append(Stated(at, zone=False))
    if look.data in ("microdata", "doubled"):
        places.append(Stated(at))
    return [*places, Stated(at, time=look.time_shown, zone=False)]


def _modified(piece: Piece) -> list[Stated]:
    changed, look = piece.story.modified, piece.look
    assert changed
    zoned = look.data in ("jsonld", "doubled")
    return [Stated(changed, zone=zoned)]


def _authors(piece: Piece) -> tuple[str, ...]:
    match piece.look.author:
        case "organisation":
            return (SITE,)
        case "none":
            return ()
    return piece.story.authors


def images(piece: Piece) -> list[dict[str, str]]:
    inside = piece.story.images()
    return [{"url": sharing(piece)}, *inside] if piece.look.video else inside


def old_article(piece: Piece) -> dict[str, Any]:
    """The article of a page in the layout before 2019: its meta states the zone, pictures have no words."""
    story = piece.story
    return common(piece) | truth(
        datePublished=story.published.isoformat(timespec="seconds"),
        dateModified=story.modified.isoformat(timespec="seconds") if story.modified else "",
        image=[{"url": story.image.url}] if story.image else [],
        inLanguage="ru",
    )


def new_article(piece: Piece) -> dict[str, Any]:
    """The article of a page in an unknown layout: what the linked data and clean HTML say."""
    story, data = piece.story, common(piece)
    return {name: data[name] for name in data if name != "dateline"} | truth(
        datePublished=story.published.isoformat(timespec="seconds"),
        dateModified=story.modified.isoformat(timespec="seconds") if story.modified else "",
        articleSection=list(dict.fromkeys([story.section, *story.tags])),
        keywords=[tag.lower() for tag in story.tags],
        image=[{"url": story.image.url}] if story.image else [],
        inLanguage="ru",
    )
