"""Body blocks of РБК's full edition in the markup of its article template."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .html import attribute, hidden, inline, lines, poll
from .ria_blocks import embed
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

    from .story import Block, Image

ADVERT = (
    '<div class="fox-tail" data-role="fox-tail" data-type="video" data-unit="native_video_in_text">'
    '<a target="_blank" href="https://rbc.group/advertisers/" rel="nofollow" class="banner__container__link">'
    '<span class="banner__container__border"><span class="banner__container__info">'
    '<span class="banner__container__color">rbc.group</span></span></span></a></div>'
)
BANNER = (
    '<div class="banner g-banner__article banner__container" data-banner-id="rbc_mobile_2"><div style="display: none;">'
    '<img src="https://banner.rbc.ru/3930" style="width: 1px; height: 1px;"></div><div>Реклама</div></div>'
)


class Blocks:
    """Renders the blocks of one article; `modern` names captions as since 2025 and not as since 2017."""

    def __init__(self, rng: random.Random, *, modern: bool) -> None:
        self.rng, self.modern = rng, modern

    def html(self, blocks: Sequence[Block]) -> str:
        out = [self.block(block) for block in blocks]
        out.insert(self.rng.randint(0, len(out)), self.rng.choice((ADVERT, BANNER)))
        return "\n".join(out)

    def block(self, block: Block) -> str:
        match block:
            case Paragraph(text):
                link = "https://www.rbc.ru/story/1" if self.rng.random() < 0.3 else ""
                return f"<p>{lines(text, self.rng, link)}</p>"
            case Heading(text, level):
                return f'<h{level} id="p{self.rng.randint(1, 9)}">{inline(text, self.rng)}</h{level}>'
            case Quote(texts):
                inner = "".join(f"<p>{inline(text, self.rng)}</p>" for text in texts)
                return f"<blockquote>{inner}</blockquote>"
            case Items(items, ordered):
                return self.items(items, ordered)
            case Table(rows):
                return self.table(rows)
        return self.foreign(block)

    def items(self, items: tuple[str, ...], ordered: bool) -> str:
        tag = "ol" if ordered else "ul"
        inner = "".join(f"<li><p>{inline(item, self.rng)}</p></li>" for item in items)
        return f"<{tag}>{inner}</{tag}>"

    def table(self, rows: tuple[tuple[str, ...], ...]) -> str:
        head, *body = ["".join(f"<{{t}}>{inline(cell, self.rng)}</{{t}}>" for cell in row) for row in rows]
        lines = "".join(f"<tr>{line.format(t='td')}</tr>" for line in body)
        return (
            f'<div class="article__table"><table><thead><tr>{head.format(t="th")}</tr></thead>'
            f"<tbody>{lines}</tbody></table></div>"
        )

    def foreign(self, block: Block) -> str:
        """Pictures, and blocks that are not the article's text; half of them stand in a `p`, where no div may be."""
        match block:
            case Figure(image):
                markup = self.picture(image)
            case Gallery(images, title):
                markup = self.gallery(images, title)
            case ReadAlso(title, url):
                markup = self.read_also(title, url)
            case Embed(kind, text):
                markup = f'<div class="article__fb-post">{embed(kind, text)}</div>'
            case Player(title, text):
                markup = self.player(title, text)
            case Summary(items, _):
                markup = f'<div class="article__special_container"><ul>{"".join(f"<li>{i}</li>" for i in items)}</ul></div>'
            case Notice("hidden", text):
                return hidden(text, self.rng)
            case Notice("poll", text):
                markup = poll(text)
            case Notice(kind, text):
                return notice(kind, inline(text, self.rng))
            case _:
                raise TypeError(f"no markup for {type(block).__name__}")
        return f"<p>\n{markup}\n</p>" if self.rng.random() < 0.5 else markup

    def picture(self, image: Image) -> str:
        words = caption(image, "article__picture", modern=self.modern)
        return (
            '<div class="article__clear"></div><div class="article__picture js-article-max-width">'
            f'<div class="article__picture__wrap"><picture class="smart-image">{image_tag(image, "article__picture__image")}'
            f"</picture></div>{words}</div>"
        )

    def gallery(self, images: tuple[Image, ...], title: str) -> str:
        shown = "".join(
            f'<span class="article__photoreport__image-wrap"><img src="{image.url}" class="article__photoreport__image">'
            "</span>"
            for image in images
        )
        return (
            f'<div class="article__photoreport"><a href="https://www.rbc.ru/photoreport/1">{shown}'
            f'<span class="article__photoreport__more g-mobileVisible">Еще {len(images)} фото</span></a>'
            f'<div class="article__photoreport__bottom"><a class="article__photoreport__category">Фотогалерея</a>'
            f'<span class="article__photoreport__title">{inline(title, self.rng)}</span></div></div>'
        )

    def read_also(self, title: str, url: str) -> str:
        kind = self.rng.choice(("article__inline-item", "pro-anons"))
        return (
            f'<div class="{kind}"><a href="{attribute(url)}" class="{kind}__link"><span class="{kind}__category">'
            f'Материал по теме</span><img src="https://s0.rbk.ru/v6_top_pics/media/img/also.jpg" class="{kind}__image">'
            f'<span class="{kind}__title">{inline(title, self.rng)}</span></a></div>'
        )

    def player(self, title: str, text: str) -> str:
        return (
            '<div class="article__inline-video"><div class="video-js" role="region" aria-label="Video Player">'
            f'<p>{inline(title, self.rng)}</p><div class="vjs-modal-dialog" role="dialog">'
            f'<p class="vjs-modal-dialog-description">{text}</p></div><span>Video</span></div></div>'
        )


def notice(kind: str, words: str) -> str:
    if kind == "paragraph":
        return f"<p>{words}</p>"
    return f'<div class="{kind}"><p>{words}</p></div>'


def image_tag(image: Image, kind: str) -> str:
    small = image.url.replace("/media/img/", "/resized/640xH/media/img/")
    return (
        f'<img src="{image.url}" srcset="{small} 640w, {image.url} 1440w" width="1440" height="900" alt="{attribute(image.caption)}" '
        f'loading="lazy" class="{kind} js-rbcslider-image smart-image__img">'
    )


def caption(image: Image, kind: str, *, modern: bool, twice: bool = False) -> str:
    """The words under a picture: credit inside the title (2017) or beside it (2025); `twice` as regional pages do."""
    credit = (
        f'<span class="{kind}__author">\n(Фото:&nbsp;{attribute(image.credit)})\n</span>'
        if image.credit
        else ""
    )
    credit *= 1 + twice
    words = attribute(image.caption)
    if modern:
        return f'<div class="{kind}__info"><span class="{kind}__description">{words}</span> {credit}</div>'
    return f'<div class="{kind}__title">\n{words}\n{credit}</div>'
