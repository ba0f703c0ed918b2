"""The nasty pages of ria.ru: each trick changes one piece, and its note says what it plays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from .desk import Desk, inserted
from .story import Embed, Image, Notice, Paragraph, Player, Story

if TYPE_CHECKING:
    from .ria_page import Look, Piece

Trick = Callable[[Desk, "Piece"], "Piece"]
ALSO = "https://ria.ru/20200101/ssylka-1562000000.html"


def changed(piece: Piece, note: str, story: Story | None = None, **look: object) -> Piece:
    told = replace(story or piece.story, note=note)
    looks: Look = replace(piece.look, **look)  # type: ignore[arg-type]
    return replace(piece, story=told, look=looks)


def seed_003(desk: Desk, piece: Piece) -> Piece:
    """Seed 003: counter's alt, supertag with the alt of its banner, day alone, photo told twice, dateline, no clutter inside."""
    note = "order of text of seed 003: banner's alt with an old date, a day without time, photo's words twice"
    person = desk.writer.person()
    assert piece.story.image
    image = replace(
        piece.story.image, caption=f"{person}. Архивное фото", credit="© Фото : Администрация округа"
    )
    story = replace(
        piece.story, subtitle="", image=image, modified=piece.story.published + timedelta(minutes=46)
    )
    story = _retagged(story, (story.section, person))
    return changed(piece, note, story, data="doubled", supertag=True, time_shown=False)


def _retagged(story: Story, tags: tuple[str, ...]) -> Story:
    return replace(story, tags=tuple(dict.fromkeys(tags)))


def read_also(desk: Desk, piece: Piece) -> Piece:
    blocks = [desk.read_also(ALSO) for _ in range(3)]
    return changed(piece, "read-also blocks inside the body", inserted(piece.story, *blocks, at=1))


def ai_summary(desk: Desk, piece: Piece) -> Piece:
    story = inserted(piece.story, desk.summary(), at=0)
    return changed(piece, "a summary by a machine before the text", story)


def doubled(_desk: Desk, piece: Piece) -> Piece:
    return changed(piece, "the whole text a second time in hidden microdata", data="doubled")


def microdata(_desk: Desk, piece: Piece) -> Piece:
    return changed(piece, "microdata of early 2026, no linked data", data="microdata")


def gallery(desk: Desk, piece: Piece) -> Piece:
    return changed(piece, "a photo gallery inside the body", inserted(piece.story, desk.gallery(4), at=3))


def figures(desk: Desk, piece: Piece) -> Piece:
    story = inserted(piece.story, desk.figure(), desk.figure(), at=1)
    return changed(piece, "photos inside the body, some loaded lazily", story)


def quotes(desk: Desk, piece: Piece) -> Piece:
    story = inserted(piece.story, desk.quote(), desk.quote(2), at=1)
    return changed(piece, "quote blocks", story)


def lists(desk: Desk, piece: Piece) -> Piece:
    story = inserted(piece.story, desk.items(4), desk.items(3, ordered=True), at=2)
    return changed(piece, "bulleted and numbered lists", story)


def table(desk: Desk, piece: Piece) -> Piece:
    return changed(piece, "a table in the text", inserted(piece.story, desk.table(), at=2))


def headings(desk: Desk, piece: Piece) -> Piece:
    story = inserted(piece.story, desk.heading(2), desk.heading(3), at=1)
    return changed(piece, "subheadings of two levels", story)


def embeds(desk: Desk, piece: Piece) -> Piece:
    kinds = ("twitter", "telegram", "vk", "instagram")
    story = inserted(piece.story, *(Embed(kind, desk.writer.sentence()) for kind in kinds), at=1)
    return changed(piece, "embedded posts of four networks", story)


def video(_desk: Desk, piece: Piece) -> Piece:
    story = replace(piece.story, image=None)
    return changed(piece, "a player in place of the photo, with the words of its dialogue", story, video=True)


def inner_player(desk: Desk, piece: Piece) -> Piece:
    story = inserted(piece.story, Player(desk.writer.headline()), at=2)
    return changed(piece, "a player inside the text: This is a modal window", story)


def sidenote(desk: Desk, piece: Piece) -> Piece:
    story = inserted(piece.story, Notice("vrez", desk.writer.sentence()), at=2)
    return changed(piece, "a side note (vrez) beside the text, which is not the text", story)


def unseen(desk: Desk, piece: Piece) -> Piece:
    blocks = [Notice("hidden", desk.writer.sentence()) for _ in range(4)]
    return changed(piece, "hidden elements between the paragraphs", inserted(piece.story, *blocks, at=1))


def polled(desk: Desk, piece: Piece) -> Piece:
    story = inserted(piece.story, Notice("poll", desk.writer.sentence()), at=1)
    return changed(piece, "a poll between the paragraphs", story)


def broken_data(_desk: Desk, piece: Piece) -> Piece:
    return changed(piece, "linked data that is no JSON: a quotation mark too many", data="broken")


def other_house(desk: Desk, piece: Piece) -> Piece:
    tail = replace(desk.read_also("https://radiosputnik.ria.ru/20200101/efir-1562000001.html"))
    return changed(
        piece,
        "a tail that links to another site of the house",
        piece.story.with_blocks([*piece.story.blocks, tail]),
    )


def endless(_desk: Desk, piece: Piece) -> Piece:
    return changed(piece, "three articles on one page (endless scroll)", following=2)


def endless_microdata(_desk: Desk, piece: Piece) -> Piece:
    return changed(piece, "two articles on one page, microdata in each", data="microdata", following=1)


def day_only(_desk: Desk, piece: Piece) -> Piece:
    return changed(
        piece, "linked data states the day alone, a meta the time", day_only=True, time_shown=False
    )


def meta_only(_desk: Desk, piece: Piece) -> Piece:
    story = replace(piece.story, modified=piece.story.published + timedelta(minutes=33))
    return changed(piece, "dates without a zone, in metas alone", story, data="meta")


def visible_only(_desk: Desk, piece: Piece) -> Piece:
    return changed(piece, "the date only as the reader sees it", data="visible")


def visible_modified(_desk: Desk, piece: Piece) -> Piece:
    story = replace(piece.story, modified=piece.story.published + timedelta(hours=1, minutes=7))
    return changed(piece, "updated: both dates only as the reader sees them", story, data="visible")


def no_photo(_desk: Desk, piece: Piece) -> Piece:
    return changed(piece, "no picture at all", replace(piece.story, image=None))


def signed(desk: Desk, piece: Piece) -> Piece:
    names = (desk.writer.person(), desk.writer.person())
    story = _undated(replace(piece.story, authors=names))
    return changed(piece, "signed by two, visibly; no dateline", story, author="visible", data="microdata")


def author_in_data(desk: Desk, piece: Piece) -> Piece:
    story = replace(piece.story, authors=(desk.writer.person(),))
    return changed(piece, "the author only in linked data", story, author="jsonld")


def organisation(_desk: Desk, piece: Piece) -> Piece:
    return changed(piece, "linked data names the agency as author", author="organisation")


def _undated(story: Story) -> Story:
    first, *rest = story.blocks
    assert isinstance(first, Paragraph)
    text = first.text.removeprefix(story.dateline).strip()
    return replace(story, dateline="", blocks=(Paragraph(text), *rest))


def no_dateline(_desk: Desk, piece: Piece) -> Piece:
    return changed(piece, "no dateline", _undated(piece.story))


def breaks(_desk: Desk, piece: Piece) -> Piece:
    return changed(piece, "two paragraphs in one div, parted by two br", breaks=True)


def free(_desk: Desk, piece: Piece) -> Piece:
    return changed(piece, "stated to be free", free=True)


def cut_description(_desk: Desk, piece: Piece) -> Piece:
    return changed(piece, "a description cut with dots", short_description=True)


def bare_head(_desk: Desk, piece: Piece) -> Piece:
    return changed(piece, "no canonical link and no language on html", canonical=False, language=False)


def same_credit(desk: Desk, piece: Piece) -> Piece:
    image = Image(desk.image().url, desk.writer.caption(), "© РИА Новости / " + desk.writer.person())
    story = replace(piece.story, image=image)
    return changed(piece, "supertag, and a photo of the agency's own", story, supertag=True)


TRICKS: tuple[Trick, ...] = (
    seed_003,
    read_also,
    ai_summary,
    doubled,
    microdata,
    gallery,
    figures,
    quotes,
    lists,
    table,
    headings,
    embeds,
    video,
    inner_player,
    sidenote,
    other_house,
    unseen,
    polled,
    broken_data,
    endless,
    endless_microdata,
    day_only,
    meta_only,
    visible_only,
    visible_modified,
    no_photo,
    signed,
    author_in_data,
    organisation,
    no_dateline,
    breaks,
    free,
    cut_description,
    bare_head,
    same_credit,
)
