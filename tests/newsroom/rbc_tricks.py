"""The nasty pages of РБК's full edition: each trick changes one piece, and its note says what it plays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from .desk import Desk, inserted
from .story import Embed, Notice, Paragraph, Player

if TYPE_CHECKING:
    from .rbc_page import Piece

Trick = Callable[[Desk, "Piece"], "Piece"]
ALSO = "https://www.rbc.ru/business/01/01/2020/5e0c00000000000000000000"


def of_2017(desk: Desk, piece: Piece) -> Piece:
    names = (desk.writer.person(), desk.writer.person())
    story = replace(piece.story, authors=names)
    return piece.looking(
        "the template of 2017: no microdata, the date in words, two authors", story, layout="2017"
    )


def of_2017_no_year(_desk: Desk, piece: Piece) -> Piece:
    note = "the template of 2017: a date without a year, which the address has"
    return piece.looking(note, layout="2017", year_shown=False)


def of_2017_hour(desk: Desk, piece: Piece) -> Piece:
    story = replace(piece.story, authors=(desk.writer.person(),))
    return piece.looking(
        "the template of 2017: the hour alone, the day in the address", story, layout="2017", time_only=True
    )


def of_2019(_desk: Desk, piece: Piece) -> Piece:
    return piece.looking("the template of 2019: the date as content of a span", layout="2019")


def of_2025(desk: Desk, piece: Piece) -> Piece:
    story = replace(piece.story, authors=(desk.writer.person(),))
    return piece.looking("captions, title and lead as of 2025", story, modern=True, anons=True, layout="2019")


def signed(desk: Desk, piece: Piece) -> Piece:
    story = replace(piece.story, authors=(desk.writer.person(), desk.writer.person(), desk.writer.person()))
    return piece.looking("three authors, and an organisation in microdata", story)


def no_lead(_desk: Desk, piece: Piece) -> Piece:
    return piece.looking("no lead and no description", replace(piece.story, lead=""))


def other_description(desk: Desk, piece: Piece) -> Piece:
    story = replace(piece.story, lead="")
    return piece.looking(
        "no lead, but a description in the head", story, og_description=desk.writer.sentence()
    )


def lead_and_description(desk: Desk, piece: Piece) -> Piece:
    return piece.looking(
        "the lead differs from the description in the head", og_description=desk.writer.sentence()
    )


def in_the_header(_desk: Desk, piece: Piece) -> Piece:
    return piece.looking("the lead in the header and not over the text", anons=True)


def modified(_desk: Desk, piece: Piece) -> Piece:
    story = replace(piece.story, modified=piece.story.published + timedelta(minutes=77))
    return piece.looking("modified, as microdata says", story)


def read_also(desk: Desk, piece: Piece) -> Piece:
    blocks = (desk.read_also(ALSO), desk.read_also(ALSO), desk.read_also("https://pro.rbc.ru/news/1"))
    return piece.looking(
        "read-also blocks inside the body, some in a paragraph", inserted(piece.story, *blocks, at=1)
    )


def summary(desk: Desk, piece: Piece) -> Piece:
    return piece.looking("a table of contents before the text", inserted(piece.story, desk.summary(), at=0))


def gallery(desk: Desk, piece: Piece) -> Piece:
    return piece.looking("a photo report inside the body", inserted(piece.story, desk.gallery(4), at=2))


def figures(desk: Desk, piece: Piece) -> Piece:
    return piece.looking(
        "pictures inside the body", inserted(piece.story, desk.figure(), desk.figure(), at=1)
    )


def figures_2025(desk: Desk, piece: Piece) -> Piece:
    story = inserted(piece.story, desk.figure(), desk.figure(), at=2)
    return piece.looking("pictures inside the body, captioned as of 2025", story, modern=True)


def quotes(desk: Desk, piece: Piece) -> Piece:
    return piece.looking(
        "quotations of several paragraphs", inserted(piece.story, desk.quote(), desk.quote(3), at=1)
    )


def lists(desk: Desk, piece: Piece) -> Piece:
    story = inserted(piece.story, desk.heading(2), desk.items(5), desk.items(3, ordered=True), at=1)
    return piece.looking("lists under a subheading", story)


def table(desk: Desk, piece: Piece) -> Piece:
    return piece.looking("a table in the text", inserted(piece.story, desk.table(4), at=1))


def headings(desk: Desk, piece: Piece) -> Piece:
    return piece.looking("subheadings", inserted(piece.story, desk.heading(2), desk.heading(3), at=1))


def embeds(desk: Desk, piece: Piece) -> Piece:
    kinds = ("twitter", "telegram", "vk", "instagram")
    story = inserted(piece.story, *(Embed(kind, desk.writer.sentence()) for kind in kinds), at=1)
    return piece.looking("embedded posts of four networks", story)


def player(desk: Desk, piece: Piece) -> Piece:
    story = inserted(piece.story, Player(desk.writer.headline()), at=1)
    return piece.looking("a player inside the text: This is a modal window", story)


def telegram(_desk: Desk, piece: Piece) -> Piece:
    tail = Notice("paragraph", "Читайте РБК в Telegram")
    return piece.looking(
        "a last paragraph that calls to Telegram", piece.story.with_blocks([*piece.story.blocks, tail])
    )


def maximum(_desk: Desk, piece: Piece) -> Piece:
    tail = Notice("paragraph", "Оставайтесь на связи с РБК в Max.")
    return piece.looking(
        "a last paragraph that calls to Max", piece.story.with_blocks([*piece.story.blocks, tail])
    )


def notices(desk: Desk, piece: Piece) -> Piece:
    kinds = ("banner", "article__special_container", "subscribe-infographic", "article__ticker")
    story = inserted(piece.story, *(Notice(kind, desk.writer.sentence()) for kind in kinds), at=1)
    return piece.looking("adverts, specials, a subscription and quotes of the exchange", story)


def unseen(desk: Desk, piece: Piece) -> Piece:
    blocks = [Notice("hidden", desk.writer.sentence()) for _ in range(4)]
    return piece.looking("hidden elements between the paragraphs", inserted(piece.story, *blocks, at=1))


def polled(desk: Desk, piece: Piece) -> Piece:
    story = inserted(piece.story, Notice("poll", desk.writer.sentence()), at=1)
    return piece.looking("a poll between the paragraphs", story)


def other_house(desk: Desk, piece: Piece) -> Piece:
    tail = desk.read_also("https://quote.rbc.ru/news/article/1")
    story = piece.story.with_blocks([*piece.story.blocks, tail])
    return piece.looking("a tail that links to another site of the house", story)


def slider(_desk: Desk, piece: Piece) -> Piece:
    return piece.looking("three articles on one page (slider)", following=2)


def slider_2017(_desk: Desk, piece: Piece) -> Piece:
    return piece.looking("two articles on one page, template of 2017", following=1, layout="2017")


def twice(_desk: Desk, piece: Piece) -> Piece:
    return piece.looking("the title twice: in a bar that sticks, and over the text", title_twice=True)


def credit_twice(_desk: Desk, piece: Piece) -> Piece:
    return piece.looking(
        "the photo's credit twice, as regional pages have it", credit_twice=True, modern=True
    )


def no_picture(_desk: Desk, piece: Piece) -> Piece:
    return piece.looking("no picture at all", replace(piece.story, image=None))


def short_news(desk: Desk, piece: Piece) -> Piece:
    story = replace(
        piece.story, blocks=(Paragraph(desk.writer.paragraph(1, 1)),), image=None, lead="", tags=()
    )
    return replace(
        piece.looking("short news: one paragraph, no lead, no tags, no day in the address", story),
        freenews=True,
    )


TRICKS: tuple[Trick, ...] = (
    of_2017,
    of_2017_no_year,
    of_2017_hour,
    of_2019,
    of_2025,
    signed,
    no_lead,
    other_description,
    lead_and_description,
    in_the_header,
    modified,
    read_also,
    summary,
    gallery,
    figures,
    figures_2025,
    quotes,
    lists,
    table,
    headings,
    embeds,
    player,
    telegram,
    maximum,
    notices,
    other_house,
    unseen,
    polled,
    slider,
    slider_2017,
    twice,
    credit_twice,
    no_picture,
    short_news,
)
