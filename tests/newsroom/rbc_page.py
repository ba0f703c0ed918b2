"""Article pages of РБК Калининград, full edition: the template of 2017, with microdata since 2019, as of 2025."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from .html import attribute, inline, linked_data, meta, russian
from .plan import MOSCOW
from .rbc_blocks import ADVERT, Blocks, caption, image_tag

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from .story import Story

SITE = "РБК"
Layout = Literal["2017", "2019", "2022"]


@dataclass(frozen=True)
class Look:
    """How one page is made up."""

    layout: Layout = "2022"
    modern: bool = False  # captions as of 2025
    year_shown: bool = True  # 2017 states the date in words only
    time_only: bool = False  # 2017 on the day itself: the hour alone
    anons: bool = False  # the lead in the header, not over the text
    og_description: str = ""
    credit_twice: bool = False
    title_twice: bool = False
    following: int = 0
    # the AMP edition: with linked data and OpenGraph, or as bare as seed 002
    amp_data: bool = False
    amp_og: bool = True
    amp_pro: int = 8


@dataclass(frozen=True)
class Piece:
    """A story with its identity on both hosts; `published` is in Moscow time."""

    story: Story
    id: str
    look: Look = Look()
    freenews: bool = False

    @property
    def full(self) -> str:
        place = "freenews" if self.freenews else f"{self.story.published.astimezone(MOSCOW):%d/%m/%Y}"
        return f"https://kaliningrad.rbc.ru/kaliningrad/{place}/{self.id}"

    @property
    def amp(self) -> str:
        return self.full.replace("kaliningrad.rbc.ru/kaliningrad", "amp.rbc.ru/regional/kaliningrad")

    def looking(self, note: str, story: Story | None = None, **look: Any) -> Piece:
        told = replace(story or self.story, note=note)
        return replace(self, story=told, look=replace(self.look, **look))


def page(piece: Piece, rng: random.Random, following: Sequence[Piece] = ()) -> str:
    slides = "\n".join(slide(one, rng, index) for index, one in enumerate((piece, *following)))
    return (
        f'<!DOCTYPE html>\n<html lang="ru">\n{head(piece)}<body class="layout-article">\n'
        '<div class="topline"><a href="https://www.rbc.ru/">РБК</a><a href="https://kaliningrad.rbc.ru/">Калининград</a>'
        '<div class="news-bar"><a class="news-bar__link">Курс евро вырос</a></div></div>\n'
        f'<div class="l-col-container"><div class="js-rbcslider">{slides}</div></div>\n'
        '<div class="footer"><p>Чтобы отправить нам сообщение, выделите текст</p><p>© РБК</p></div></body></html>'
    )


def head(piece: Piece) -> str:
    story, look = piece.story, piece.look
    description = look.og_description or story.lead
    pairs = [
        ("og:url", piece.full),
        ("og:site_name", SITE),
        ("og:title", story.headline),
        ("og:type", "article"),
        ("og:description", description),
        ("og:image", story.image.url if story.image else ""),
    ]
    crumbs = {"@context": "https://schema.org", "@type": "BreadcrumbList", "itemListElement": [
        {"@type": "ListItem", "position": 1, "name": "✅РБК", "item": "https://www.rbc.ru/"},
        {"@type": "ListItem", "position": 2, "name": f"✅{story.headline}", "item": piece.full},
    ]}  # fmt: skip
    return (
        '<head>\n<meta http-equiv="Content-Type" content="text/html; charset=utf-8">\n'
        f"<title>{attribute(story.headline)} :: Калининград :: РБК</title>\n"
        f"{meta('name', [('description', description), ('keywords', 'новости, политика')] if description else [])}\n"
        f'{meta("property", [pair for pair in pairs if pair[1]])}\n<link rel="canonical" href="{piece.full}">\n'
        f'<link rel="amphtml" href="{piece.amp}">\n'
        f"{linked_data(crumbs) if look.layout == '2022' else ''}</head>\n"
    )


def slide(piece: Piece, rng: random.Random, index: int) -> str:
    """One article of the slider; further ones are what the page would load when scrolled."""
    story, look = piece.story, piece.look
    blocks = Blocks(rng, modern=look.modern)
    body = ' itemprop="articleBody"' if look.layout != "2017" else ""
    over = f'<div class="article__text__overview"><span>{inline(story.lead, rng)}</span></div>'
    inside = over if story.lead and not look.anons else ""
    picture = _main_image(piece)
    itemscope = ' itemscope itemtype="https://schema.org/NewsArticle"' if body else ""
    return (
        f'<div class="js-rbcslider-slide rbcslider__slide" data-id="{piece.id}" data-url="{piece.full}" '
        f'data-index="{index}" data-type="article"{itemscope}>{_microdata(piece) if body else ""}'
        f'<div class="article g-relative js-rbcslider-article js-article" data-url="{piece.full}">'
        f'<div class="article__fix-width">{RIGHT}{_header(piece, rng)}<div class="article__content">'
        f'<div class="article__text"{body}>{inside}{picture}<div class="article__right-column">{ADVERT}</div>\n'
        f"{blocks.html(story.blocks)}\n</div></div>{_tail(piece)}</div></div>{FOOTER}</div>"
    )


def _microdata(piece: Piece) -> str:
    """What a slide states before the article; the organisation is its author beside the people only."""
    story = piece.story
    organisation = (
        f'<meta itemprop="name" content="{SITE}"><meta itemprop="telephone" content="+7(495)363-11-11">'
    )
    author = (
        f'<div itemprop="author" itemscope itemtype="https://schema.org/Organization">{organisation}</div>'
    )
    modified = (
        f'<meta itemprop="dateModified" content="{story.modified.isoformat()}">' if story.modified else ""
    )
    lead = f'<meta itemprop="description" content="{attribute(story.lead)}">' if story.lead else ""
    return (
        f"{lead}{author * bool(story.authors)}"
        f'<div itemprop="publisher" itemscope itemtype="https://schema.org/Organization">{organisation}</div>{modified}'
        '<meta name="news_keywords" content="Участок, Скорость, Стоимость"><meta itemprop="genre" content="news">'
    )


def _header(piece: Piece, rng: random.Random) -> str:
    story, look = piece.story, piece.look
    title = inline(story.headline, rng)
    if look.layout == "2017":
        shown = f'<div class="article__header__title"><span class="js-slide-title">{title}</span></div>'
    else:
        kind = "js-slide-title" if look.modern else "article__header__title-in js-slide-title"
        shown = (
            f'<div class="article__header__title"><h1 class="{kind}" itemprop="headline">{title}</h1></div>'
        )
    sticky = f'<div class="article__header__sticky">{title}</div>' * look.title_twice
    lead = f'<div class="article__header__anons">{inline(story.lead, rng)}</div>' * (
        look.anons and bool(story.lead)
    )
    return (
        f'<div class="l-row article__header js-article-header">{sticky}<div class="article__header__info-block">'
        f'{_category(piece)}{_date(piece)}<div class="article__header__counter-block">'
        f'<span class="article__header__counter js-insert-views-count">{rng.randint(0, 999)}</span></div>{SHARE}</div>'
        f"{shown}{lead}</div>"
    )


def _category(piece: Piece) -> str:
    section = piece.story.section
    if piece.look.layout == "2017":
        return '<a href="https://www.rbc.ru/story/1" class="article__header__story">Сюжет дня,</a>'
    return (
        f'<a href="https://kaliningrad.rbc.ru/kaliningrad/" class="article__header__category" itemprop="articleSection" '
        f'content="{section}">\n{section},\n</a>'
    )


def _date(piece: Piece) -> str:
    at, look = piece.story.published.astimezone(MOSCOW), piece.look
    if look.layout == "2017":
        words = f"{russian(at, year=look.year_shown, short=True)}, {at:%H:%M}"
        return f'<span class="article__header__date">{f"{at:%H:%M}" if look.time_only else words}</span>'
    words = f"{russian(at, year=False)}, {at:%H:%M}"
    if look.layout == "2019":
        return f'<span class="article__header__date" itemprop="datePublished" content="{at.isoformat()}">{words}</span>'
    return f'<time class="article__header__date" datetime="{at.isoformat()}" itemprop="datePublished">{words}</time>'


def _main_image(piece: Piece) -> str:
    image, look = piece.story.image, piece.look
    if not image:
        return ""
    words = caption(image, "article__main-image", modern=look.modern, twice=look.credit_twice)
    return (
        '<div class="article__main-image"><div class="article__main-image__link">'
        f"{image_tag(image, 'article__main-image__image')}</div>{words}</div>"
    )


def _tail(piece: Piece) -> str:
    """Authors and tags: bare in 2017, behind tabs since."""
    old = piece.look.layout == "2017"
    kind = "article__tag" if old else "article__tags__item"
    tags = "".join(
        f'<a href="https://www.rbc.ru/tags/?tag=1" class="{kind}">{tag}</a>' for tag in piece.story.tags
    )
    shown = tags if old else f'<div class="article__tags__container">{tags}</div>'
    under = _authors(piece) + (f'<div class="article__tags">{shown}</div>' if tags else "")
    return under if old else f'<div class="article__tabs-wrapper">{under}</div>'


def _authors(piece: Piece) -> str:
    names = piece.story.authors
    if not names:
        return ""
    if piece.look.layout == "2017":
        label = "Авторы:" if len(names) > 1 else "Автор:"
        return f'<div class="article__authors"><span class="article__authors__name">{label}</span>\n{", ".join(names)}.</div>'
    rows = "".join(
        '<span class="article__authors__author"><span class="article__authors__author__photo">'
        f'<img src="https://s0.rbk.ru/face.jpg" class="article__authors__image"></span>'
        f'<span class="article__authors__author__name">{name}</span></span>'
        for name in names
    )
    return f'<div class="article__authors"><div class="article__authors__row">{rows}</div></div>'


RIGHT = (
    '<div class="l-base__col__right"><div class="read-more-right"><div class="read-more-right__title">Читайте также</div>'
    '<div class="read-more-right__item"><span class="read-more-right__item__date">4 марта</span>'
    '<a href="https://www.rbc.ru/business/01/01/2020/5e0c00000000000000000000">Что ещё случилось</a></div></div></div>'
)
SHARE = (
    '<div class="article__header__share-block"><span class="g-desktop-visible">Поделиться</span>'
    '<div class="vkontakte">Вконтакте</div><div class="telegram">Telegram</div></div>'
)
FOOTER = (
    '<div class="js-rbcslider-footer g-relative"><div class="js-rbcslider-multy-news">Ещё новости</div></div>'
)
