"""What a reader of РБК Калининград must find in either edition, by the field rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .plan import KALININGRAD, MOSCOW
from .rbc_page import SITE
from .story import Gallery, Stated, dated, people, truth

if TYPE_CHECKING:
    from .rbc_page import Piece


def full_article(piece: Piece) -> dict[str, Any]:
    """The full edition: the visible lead is the description; a date in words alone is Moscow's."""
    story, look = piece.story, piece.look
    at = story.published.astimezone(MOSCOW)
    words = look.layout == "2017"
    published, assumed = dated(
        [Stated(at, zone=not words, year=look.year_shown or look.time_only or not words)]
    )
    modified = story.modified.astimezone(MOSCOW) if story.modified and not words else None
    return common(piece) | truth(
        url=piece.full,
        description=story.lead or look.og_description,
        datePublished=published,
        dateModified=modified.isoformat(timespec="seconds") if modified else "",
        author=people(story.authors),
        articleSection=[] if words else [story.section],
        keywords=list(story.tags),
        image=images(piece),
        publisher={"name": SITE},
        assumed=assumed,
    )


def common(piece: Piece) -> dict[str, Any]:
    story = piece.story
    return truth(
        identifier=f"rbc_kaliningrad:{piece.id}",
        canonicalUrl=piece.full,
        headline=story.headline,
        articleBody=story.body(),
        inLanguage="ru",
    )


def images(piece: Piece) -> list[dict[str, str]]:
    """Without photo reports: they are teasers of other pages."""
    blocks = [block for block in piece.story.blocks if not isinstance(block, Gallery)]
    return piece.story.with_blocks(blocks).images()


def amp_article(piece: Piece) -> dict[str, Any]:
    """The AMP edition: Kaliningrad's own time in words, a credit without a caption, and what data it may have."""
    story, look = piece.story, piece.look
    stated = [Stated(story.published)] if look.amp_data else []
    published, assumed = dated([*stated, Stated(story.published.astimezone(KALININGRAD), zone=False)])
    data = look.amp_data
    image = story.image
    return common(piece) | truth(
        url=piece.amp,
        description=story.lead if data or look.amp_og else "",
        datePublished=published,
        dateModified=story.modified.isoformat(timespec="seconds") if data and story.modified else "",
        author=people(story.authors) if data else [],
        keywords=list(story.tags) if data else [],
        image=[{"url": image.url, "creditText": image.credit}] if image else [],
        publisher={"name": SITE} if data or look.amp_og else None,
        assumed=assumed,
    )
