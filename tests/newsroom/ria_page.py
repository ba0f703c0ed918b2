"""Article pages of ria.ru in its current layout: a head, and one or more `.endless__item`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from .html import attribute, inline, linked_data, meta
from .ria_blocks import Blocks, media, player
from .ria_frame import AGGREGATORS, FOOTER, HEADER, NOSCRIPT

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from .story import Story

SITE = "РИА Новости"
Data = Literal["jsonld", "broken", "microdata", "doubled", "meta", "visible"]


@dataclass(frozen=True)
class Look:
    """How one page of ria.ru is made up; `data` says where it states what it is."""

    data: Data = "jsonld"
    day_only: bool = False  # json-ld and the visible date leave the time of day out, a meta has it
    time_shown: bool = True
    supertag: bool = False
    photo: bool = True
    video: bool = False
    author: Literal["jsonld", "visible", "organisation", "none"] = "none"
    breaks: bool = False
    free: bool = False
    following: int = 0  # further articles on the page (endless scroll)
    short_description: bool = False
    canonical: bool = True
    language: bool = True


@dataclass(frozen=True)
class Piece:
    """A story with its place on ria.ru."""

    story: Story
    id: str
    url: str
    look: Look = Look()

    @property
    def description(self) -> str:
        first = self.story.body().split("\n\n")[0].removeprefix(self.story.dateline).strip()
        if not self.look.short_description or len(first) < 120:
            return first
        return first[:110].rsplit(" ", 1)[0].rstrip(",") + "..."

    @property
    def described(self) -> str:
        return f"{self.description} {SITE}, {self.story.published:%d.%m.%Y}"


def sharing(piece: Piece) -> str:
    return f"https://cdnn21.img.ria.ru/images/sharing/article/{piece.id}.jpg?{piece.id}1771520829"


def page(piece: Piece, rng: random.Random, following: Sequence[Piece] = ()) -> str:
    items = "\n".join(item(one, rng) for one in (piece, *following))
    lang = ' lang="ru"' * piece.look.language
    return (
        f'<!DOCTYPE html><html{lang}>{head(piece)}\n<body class="body m-ria m-article-page">\n{HEADER}'
        f'<div class="content" id="content"><div class="endless" id="endless">{items}</div></div>\n{FOOTER}</body></html>'
    )


def head(piece: Piece) -> str:
    story, look = piece.story, piece.look
    names = [("description", piece.described), ("analytics:rubric", story.section), ("analytics:author", "")]
    canonical = f'<link rel="canonical" href="{piece.url}">' * look.canonical
    return (
        '<head prefix="og: http://ogp.me/ns# article: http://ogp.me/ns/article#">\n'
        '<meta http-equiv="Content-Type" content="text/html; charset=utf-8">\n'
        f"{NOSCRIPT}"
        f"<title>{attribute(story.headline)} - {SITE}, {story.published:%d.%m.%Y}</title>\n"
        f"{meta('name', names)}\n{meta('property', _properties(piece))}\n{canonical}\n"
        '<link rel="alternate" type="application/rss+xml" href="https://ria.ru/export/rss2/archive/index.xml">\n'
        '<meta name="robots" content="index, follow, max-image-preview:large">\n</head>'
    )


def _properties(piece: Piece) -> list[tuple[str, str]]:
    story, look = piece.story, piece.look
    pairs = [
        ("og:url", piece.url),
        ("og:title", story.headline),
        ("og:description", piece.described),
        ("og:type", "article"),
        ("og:site_name", SITE),
        ("og:locale", "ru_RU"),
    ]
    if story.image or look.video:
        pairs.append(("og:image", sharing(piece)))
    if look.data not in ("visible", "doubled"):
        pairs.append(("article:published_time", f"{story.published:%Y%m%dT%H%M}"))
        pairs += [("article:modified_time", f"{story.modified:%Y%m%dT%H%M}")] if story.modified else []
    pairs += [("article:author", SITE), ("article:section", "Новости")]
    return pairs + [("article:tag", tag) for tag in story.tags]


def item(piece: Piece, rng: random.Random) -> str:
    """One article of the endless page."""
    story, look = piece.story, piece.look
    blocks = Blocks(rng, story.published.date(), breaks=look.breaks, dateline=story.dateline)
    return (
        f'<div class="endless__item " {_attributes(piece)}><div class="endless__item-content page__width">'
        '<div class="layout-article"><div class="article m-article m-ria m-text-white">'
        f"{_supertag(piece) if look.supertag else ''}{_info(piece)}"
        '<div class="layout-article__over"><div class="layout-article__main"><div class="layout-article__main-over">'
        f'<div class="layout-article__600-align" data-view-scrolls="1">{_data(piece)}{_header(piece, rng)}'
        f'<div class="article__body js-mediator-article mia-analytics">{blocks.html(story.blocks)}'
        '<div class="article__anchor" data-percent="10"></div><div class="article__anchor" data-percent="100"></div>'
        f'</div></div><div class="layout-article__600-align">{_after(piece, rng)}</div></div></div></div>'
        '<div class="recommend__place"><div class="dot-loader m-scheme"><span>&nbsp;</span></div></div>'
        "</div></div></div></div>"
    )


def _attributes(piece: Piece) -> str:
    story = piece.story
    modified = story.modified or story.published
    length = len(story.body()) - len(story.dateline)
    pairs = {
        "id": piece.id,
        "full-url": piece.url,
        "title": story.headline,
        "published-time": f"{story.published:%Y%m%dT%H%M}",
        "modified-time": f"{modified:%Y%m%dT%H%M}",
        "text-length": str(length),
        "keywords": ", ".join(story.tags).lower(),
        "author": " ",
        "analytics-rubric": story.section,
        "article-type": "article",
        "pts": str(int(story.published.timestamp())),
    }
    return " ".join(f'data-{name}="{attribute(text)}"' for name, text in pairs.items())


def _supertag(piece: Piece) -> str:
    words = attribute(piece.story.section)
    return (
        '<div class="article__supertag-header m-media"><a class="article__supertag-header-media" href="/location_1/">'
        f'<img media-type="ar16x4" alt="{words} - {SITE}, 1920, 06.12.2018" title="{words}" width="1920" height="480" '
        'src="https://cdnn21.img.ria.ru/images/154/96/1549603_1920x480.jpg"></a>'
        '<div class="article__supertag-header-size"><div class="article__supertag-header-align"><a href="/location_1/">'
        f'<div class="article__supertag-header-title">{words}</div></a></div></div></div>'
    )


def _info(piece: Piece) -> str:
    at, changed, look = piece.story.published, piece.story.modified, piece.look
    shown = f"{at:%H:%M %d.%m.%Y}" if look.time_shown else f"{at:%d.%m.%Y}"
    modified = f" (обновлено: {changed:%H:%M %d.%m.%Y}) " if changed and changed != at else ""
    return (
        '<div class="article__info" data-nosnippet="true"><div class="article__info-valign">'
        '<div class="article__info-statistic"><div class="dot-loader m-grey"><span>&nbsp;</span></div></div>'
        f'<div class="article__info-date"><a href="/{at:%Y%m%d}/">{shown}</a>'
        f'<span class="article__info-date-modified">{modified}</span></div></div></div>'
    )


def _data(piece: Piece) -> str:
    if piece.look.data == "jsonld":
        return linked_data(article_data(piece))
    if piece.look.data == "broken":
        return linked_data(article_data(piece)).replace('"name": "', '"name": ""', 1)
    if piece.look.data in ("microdata", "doubled"):
        return microdata(piece)
    return ""


def article_data(piece: Piece) -> dict[str, Any]:
    story, look = piece.story, piece.look
    plain = story.headline.replace('"', "'")
    iso = f"{story.published:%Y-%m-%d}" if look.day_only else story.published.isoformat()
    data: dict[str, Any] = {
        "@context": "http://schema.org",
        "@type": "Article",
        "mainEntityOfPage": {"@type": "WebPage", "@id": piece.url},
        "url": piece.url,
        "headline": plain,
        "alternativeHeadline": f"{plain} - {SITE}, {story.published:%d.%m.%Y}",
        "name": plain,
        "description": piece.described,
        "datePublished": iso + " ",
        "dateCreated": iso + " ",
        "articleSection": [story.section, *story.tags],
        "citation": ["https://ria.ru/20200101/ssylka-1562000000.html"],
        "publisher": {"@type": "Organization", "name": SITE, "url": "https://ria.ru/"},
        "genre": "Новости",
        "inLanguage": "ru-RU",
        "keywords": ", ".join(story.tags).lower(),
    }
    if story.modified:
        data["dateModified"] = story.modified.isoformat()
    if story.image:
        data["image"] = [story.image.url, story.image.url.replace("_1920x1080_", "_612x459_")]
    if look.free:
        data["isAccessibleForFree"] = True
    return data | _authors(piece)


def _authors(piece: Piece) -> dict[str, Any]:
    if piece.look.author == "organisation":
        return {"author": [{"@type": "Organization", "name": SITE, "url": "https://ria.ru/"}]}
    if piece.look.author == "jsonld":
        people = [
            {"@type": "Person", "name": name, "url": "https://ria.ru/author/x/"}
            for name in piece.story.authors
        ]
        return {"author": people, "creator": people[0]}
    return {}


def microdata(piece: Piece) -> str:
    """The hidden block of 2025; as "doubled" it repeats the whole text in one run."""
    story = piece.story
    stated = {
        "mainEntityOfPage": piece.url,
        "headline": story.headline,
        "alternativeHeadline": f"{story.headline} - {SITE}, {story.published:%d.%m.%Y}",
        "name": story.headline,
        "description": piece.described,
        "datePublished": story.published.isoformat(),
        "dateCreated": story.published.isoformat(),
    }
    if story.modified:
        stated["dateModified"] = story.modified.isoformat()
    if piece.look.data == "doubled":
        stated["articleBody"] = story.body().replace("\n\n", " ")
    if story.image:
        stated["associatedMedia"] = story.image.url
    rows = [*stated.items(), *(("articleSection", tag.lower()) for tag in story.tags)]
    inner = "\n".join(f'<div itemprop="{name}">{attribute(text)}</div>' for name, text in rows)
    return (
        '<div class="article__meta" itemscope itemtype="https://schema.org/Article">\n'
        f'{inner}\n<a itemprop="url" href="{piece.url}"> </a>'
        '<div itemprop="publisher" itemscope itemtype="http://schema.org/Organization">'
        f'<div itemprop="name">{SITE}</div><div itemprop="telephone">7 495 645-6601</div></div></div>'
    )


def _header(piece: Piece, rng: random.Random) -> str:
    story, look = piece.story, piece.look
    title = inline(story.headline, rng)
    if story.subtitle:
        titles = f'<div class="article__title">{title}</div><h1 class="article__second-title">{inline(story.subtitle, rng)}</h1>'
    else:
        titles = f'<h1 class="article__title">{title}</h1>'
    shown = ""
    if look.video:
        shown = player(story.headline, "This is a modal window.")
    elif story.image:
        shown = media(story.image, story.published.date())
    announce = f'<div class="article__announce">{shown}</div>' if shown else ""
    return f'<div class="article__header">{titles}{announce}{AGGREGATORS}{_signed(piece)}</div>'


def _signed(piece: Piece) -> str:
    if piece.look.author != "visible":
        return ""
    rows = "".join(
        '<div class="article__author-item"><div class="article__author-desc"><div class="article__author-name">'
        f'<a href="/author/x/">{name}</a></div><div class="article__author-links">'
        '<a class="color-font-hover" href="/author/x/">Все материалы</a></div></div></div>'
        for name in piece.story.authors
    )
    return f'<div class="article__author"><div class="article__author-part">{rows}</div></div>'


def _after(piece: Piece, rng: random.Random) -> str:
    shown = [*piece.story.tags, *piece.story.tags[:1]]  # the first stands twice, as on real pages
    tags = "".join(
        f'<a class="article__tags-item" href="https://ria.ru/tag_{rng.randint(1, 99)}/">{tag}</a>'
        for tag in shown
    )
    return (
        '<div class="article__userbar"><div class="dot-loader m-scheme"><span>&nbsp;</span></div></div>'
        f'<div class="article__tags" data-type="tags" data-nosnippet="true">{tags}</div>'
        '<div class="article__best-comments"><div class="dot-loader m-scheme"><span>&nbsp;</span></div></div>'
        '<div class="article__sharebar-line"><div class="article__sharebar m-article-sticky" data-nosnippet="true">'
        f'<span class="share" data-title="{attribute(piece.story.headline)}"></span></div></div>'
    )
