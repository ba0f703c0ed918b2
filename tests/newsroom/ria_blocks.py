"""Body blocks of ria.ru in the markup of its current layout."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from .html import attribute, hidden, inline, lines, linked_data, poll, russian
from .story import (
    Embed,
    Figure,
    Gallery,
    Heading,
    Items,
    Notice,
    Paragraph,
    Player,
    Quote,
    ReadAlso,
    Summary,
    Table,
)

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence
    from datetime import date

    from .story import Block, Image

BLANK = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
BANNER = (
    '<div class="article__block" data-type="banner" data-position="desktop-{n}"><aside>'
    '<div class="banner m-article-body m-article-desktop" data-position="article_desktop_content-{n}">'
    '<div class="banner__content"></div></div><div class="banner__hidden"><a class="banner__hidden-button"></a>'
    "</div></aside></div>"
)
TAG_URL = "/location_{n}/"


class Blocks:
    """Renders the blocks of one article; `breaks` puts two paragraphs into one div, parted by `<br><br>`."""

    def __init__(self, rng: random.Random, day: date, *, breaks: bool = False, dateline: str = "") -> None:
        self.rng, self.day, self.breaks, self.dateline = rng, day, breaks, dateline

    def html(self, blocks: Sequence[Block]) -> str:
        out: list[str] = []
        queue = list(blocks)
        while queue:
            block = queue.pop(0)
            if isinstance(block, Paragraph):
                texts = [block.text]
                if self.breaks and out and queue and isinstance(queue[0], Paragraph):
                    texts.append(queue.pop(0).text)  # type: ignore[union-attr]
                out.append(self.text(texts, first=not out))
                continue
            out.append(self.block(block))
        for number in range(1, 1 + self.rng.randint(0, 2)):
            out.insert(self.rng.randrange(len(out) + 1), BANNER.format(n=number))
        return "\n".join(out)

    def text(self, texts: list[str], *, first: bool) -> str:
        parts = []
        for text in texts:
            link = TAG_URL.format(n=self.rng.randint(1, 99)) if self.rng.random() < 0.4 else ""
            parts.append(self._led(text, link) if first and self.dateline else lines(text, self.rng, link))
        pixel = '<img src="https://cdnn21.img.ria.ru/px.gif" width="1" height="1" alt="">' * (
            self.rng.random() < 0.1
        )
        return _block("text", f'<div class="article__text">{"<br><br>".join(parts)}{pixel} </div>')

    def _led(self, text: str, link: str) -> str:
        rest = text.removeprefix(self.dateline).strip()
        return f"<strong>{attribute(self.dateline)}</strong> {lines(rest, self.rng, link)}"

    def block(self, block: Block) -> str:
        match block:
            case Heading(text, level):
                tag = self.rng.choice((f"h{level}", "div"))
                return _block(
                    f"h{level}", f'<{tag} class="article__h{level}">{inline(text, self.rng)}</{tag}>'
                )
            case Quote(texts):
                return self.quote(texts)
            case Items(items, ordered):
                return self.items(items, ordered)
            case Table(rows):
                return self.table(rows)
        return self.pictured(block)

    def pictured(self, block: Block) -> str:
        match block:
            case Figure(image):
                return _block("media", media(image, self.day, lazy=self.rng.random() < 0.5))
            case Gallery(images, title):
                return self.gallery(images, title)
        return self.foreign(block)

    def foreign(self, block: Block) -> str:
        """Blocks that are not the article's text."""
        match block:
            case ReadAlso(title, url):
                return self.read_also(title, url)
            case Embed(kind, text):
                return _block("social", embed(kind, text))
            case Player(title, text):
                return _block("media", player(title, text))
            case Summary(items, title):
                return summary(items, title)
            case Notice(kind, text):
                return self.notice(kind, text)
        raise TypeError(f"no markup for {type(block).__name__}")

    def notice(self, kind: str, text: str) -> str:
        if kind == "hidden":
            return hidden(text, self.rng)
        if kind == "poll":
            return _block("vote", poll(text))
        return _block(kind, f'<div class="article__{kind}"><p>{inline(text, self.rng)}</p></div>')

    def quote(self, texts: tuple[str, ...]) -> str:
        inner = "<br><br>".join(inline(text, self.rng) for text in texts)
        return _block(
            "quote",
            '<div class="article__quote"><div class="article__quote-bar color-bg"></div>'
            f'<div class="article__quote-text m-small">{inner}</div></div>',
        )

    def items(self, items: tuple[str, ...], ordered: bool) -> str:
        tag = "ol" if ordered else "ul"
        label = '<span class="article__list-label"></span>'
        inner = self.rng.choice(("span", "div"))
        texts = [f'<{inner} class="article__list-text">{inline(item, self.rng)}</{inner}>' for item in items]
        rows = "".join(f'<li class="article__list-item">{label}{text}</li>' for text in texts)
        return _block("list", f'<div class="article__list"><{tag}>{rows}</{tag}></div>')

    def table(self, rows: tuple[tuple[str, ...], ...]) -> str:
        body = "".join(
            "<tr>"
            + "".join(f"<td>{inline(cell, self.rng) if cell else '&nbsp;'}</td>" for cell in row)
            + "</tr>\n"
            for row in rows
        )
        return _block("table", f'<div class="article__table"><table><tbody>{body}</tbody></table></div>')

    def read_also(self, title: str, url: str) -> str:
        picture = (
            '<div class="article__article-image"><img media-type="ar16x9" class=" lazyload" width="1920" height="1080" '
            f'alt="" src="https://cdnn21.img.ria.ru/images/07ea/also/{self.rng.randint(10**6, 10**7)}.jpg"></div>'
        ) * (self.rng.random() < 0.6)
        when = f"{russian(self.day, year=False)}, {self.rng.randint(0, 23):02}:{self.rng.randint(0, 59):02}"
        return (
            '<div class="article__block" data-type="article" data-nosnippet="true" data-article="main-photo">'
            f'<div class="article__article color-font-hover-only m-image">{picture}<span class="article__article-desc">'
            f'<a href="{attribute(url)}?in=t" class="article__article-title" data-ab="a">{inline(title, self.rng)}</a>'
            '<div class="article__article-info" data-type="article">'
            f'<div class="article__block-date">{when}</div></div></span></div></div>'
        )

    def gallery(self, images: tuple[Image, ...], title: str) -> str:
        total = len(images)
        shown = "".join(self.shot(image, number, total) for number, image in enumerate(images, 1))
        return (
            '<div class="article__block" data-type="photolenta" data-style="carousel">'
            '<div class="article__photo m-carousel"><a href="https://ria.ru/photolents/" '
            f'class="article__photo-title color-font-hover-only">{inline(title, self.rng)}</a>'
            f'<div class="article__photo-item-set">{shown}</div></div></div>'
        )

    def shot(self, image: Image, number: int, total: int) -> str:
        copyright_ = f'<div class="media__copyright-item m-copyright">{attribute(image.credit)}</div>'
        return (
            f'<div class="article__photo-item" data-item="{number}"><div class="article__photo-item-image">'
            f'{photo(image, self.day)}</div><div class="article__photo-inner-desc"><div class="article__photo-item-desc">'
            f'<div class="article__photo-item-over"><div class="article__photo-item-text"><p>{attribute(image.caption)}</p>'
            f'</div><div class="article__photo-item-copyright"><div class="media__copyright " data-nosnippet="true">'
            f'{copyright_}<div class="media__copyright-item m-buy"><a href="https://riamediabank.ru/">Перейти в медиабанк'
            f'</a></div></div></div></div><div class="article__photo-item-counter">{number} из {total}</div></div></div></div>'
        )


def _block(kind: str, inner: str) -> str:
    return f'<div class="article__block" data-type="{kind}">{inner}</div>'


def photo(image: Image, day: date, *, lazy: bool = False) -> str:
    """An openable photo; its description and credit stand a second time in `photoview__open-info`."""
    small = image.url.replace("_1920x1080_", "_768x0_")
    source = (
        f'src="{BLANK}" data-src="{image.url}" class=" lazyload"'
        if lazy
        else f'src="{image.url}" srcset="{small} 768w,{image.url} 1920w" class=""'
    )
    words = attribute(image.caption.removesuffix(". Архивное фото"))
    return (
        f'<div class="photoview__open" data-photoview-src="{image.url.replace("_1920x1080_", "_1440x900_")}?source-sid=x">'
        '<noindex><div class="photoview__open-info"><span class="photoview__copyright">'
        f'{attribute(image.credit)}</span><span class="photoview__ext-link"></span><span class="photoview__desc-text">'
        f"{words}</span></div></noindex>"
        f'<img media-type="ar16x9a" alt="{words} - РИА Новости, 1920, {day:%d.%m.%Y}" title="{words}" width="1920" '
        f'height="1080" decoding="async" {source}>{linked_data(_image_object(small))}</div>'
    )


def _image_object(url: str) -> dict[str, object]:
    return {"@context": "http://schema.org", "@type": "ImageObject", "url": url, "width": 768, "height": 432}


def media(image: Image, day: date, *, lazy: bool = False) -> str:
    return (
        f'<div class="media" data-media-tipe="ar16x9a"><div class="media__size">{photo(image, day, lazy=lazy)}</div>'
        '<div class="media__after"><div class="media__copyright " data-nosnippet="true">'
        '<div class="media__copyright-item m-copyright">'
        f'<a href="https://ria.ru/docs/about/copyright.html" class="color-font-hover-only">{attribute(image.credit)}</a>'
        '</div><div class="media__copyright-item m-buy"><a href="https://riamediabank.ru/">Перейти в медиабанк</a></div>'
        f'</div><div class="media__description " data-nosnippet="true">{attribute(image.caption)}</div></div></div>'
    )


def player(title: str, text: str) -> str:
    settings = attribute(json.dumps({"title": title}, ensure_ascii=False))
    return (
        '<div class="media"><div class="media__size"><div class="media__video"><div class="video-player">'
        f'<div class="video-js vjs-fluid vjs-paused" data-setup="{settings}"><video playsinline preload="none">'
        '<p class="vjs-no-js">Ваш браузер не поддерживает данный формат видео.</p></video>'
        '<div class="vjs-modal-dialog vjs-hidden" role="dialog">'
        f'<p class="vjs-modal-dialog-description vjs-control-text">{text}</p>'
        '<div class="vjs-modal-dialog-content" role="document"></div></div>'
        '<div class="vjs-control-bar"><span class="vjs-control-text">Play Video</span><span>Current Time 0:00</span></div>'
        "</div></div></div></div></div>"
    )


def embed(kind: str, text: str) -> str:
    words = attribute(text)
    match kind:
        case "twitter":
            return f'<blockquote class="twitter-tweet" data-lang="ru"><p lang="ru" dir="ltr">{words}</p>— Источник</blockquote>'
        case "instagram":
            return f'<blockquote class="instagram-media"><div><p>{words}</p><a href="https://instagram.com/p/1">Посмотреть</a></div></blockquote>'
        case "vk":
            return f'<div id="vk_post_-1_2" class="vk_post">{words}</div><script>VK.Widgets.Post("vk_post_-1_2", -1, 2)</script>'
    return (
        '<script async src="https://telegram.org/js/telegram-widget.js?22" data-telegram-post="rian_ru/1"></script>'
        f'<iframe src="https://t.me/rian_ru/1?embed=1">{words}</iframe>'
    )


def summary(items: tuple[str, ...], title: str) -> str:
    rows = "".join(f"<li>{attribute(item)}</li>" for item in items)
    return (
        '<div class="article__summary"><div class="article__summary-bg color-bg"></div>'
        f'<span class="article__summary-title color-font-hover color-svg-hover">{title} от РИА ИИ<span></span></span>'
        f'<ul class="article__summary-list">{rows}</ul></div>'
    )
