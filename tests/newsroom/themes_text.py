"""The text of an article as editors leave it in content systems: paragraphs in three manners, and what stands between."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from .html import attribute
from .story import (
    Block,
    Embed,
    Figure,
    Gallery,
    Heading,
    Image,
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
    from .themes import Leaf

System = Literal["wordpress", "dle", "bitrix"]
DOT = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"


def body(leaf: Leaf, system: System) -> str:
    """The blocks of the story as markup, its runs of paragraphs in the manner of the look."""
    out: list[str] = []
    run: list[str] = []
    for number, block in enumerate(leaf.story.blocks):
        if isinstance(block, Paragraph):
            run.append(_words(leaf, block.text, number))
            continue
        out += [*_run(leaf, run), _block(leaf, system, block, number)]
        run = []
    return "\n".join([*out, *_run(leaf, run)])


def _words(leaf: Leaf, text: str, number: int) -> str:
    words = leaf.text(text, number, link=f"{leaf.brand.home}/elsewhere/?item=77" if number % 4 == 2 else "")
    if leaf.play == "single-br" and ", " in words:
        return words.replace(", ", ",<br />\n", 1)
    if leaf.play == "broken" and number % 3 == 1 and leaf.look.paragraphs != "br":
        return f"<b><i></b></i><font size=3 color=black>{words}"
    return words


def _run(leaf: Leaf, run: list[str]) -> list[str]:
    if not run:
        return []
    if leaf.look.paragraphs == "br":
        gap = ("<br><br>", "<br />\n<br />\n", "<br> <br>\n&nbsp;<br>\n")[leaf.rng("gap").randrange(3)]
        return [gap.join(run) + ("<br><br>" if len(leaf.story.blocks) > len(run) else "")]
    if leaf.play == "broken" and leaf.look.paragraphs == "p":
        return [f"<p>{words}" for words in run]
    return _boxes(leaf, run)


def _boxes(leaf: Leaf, run: list[str]) -> list[str]:
    tag, manner = leaf.look.paragraphs, leaf.rng("manner").randrange(4)
    start = ("", ' class="MsoNormal"', ' style="text-align: justify;"', "")[manner]
    inner = ("{}", '<span style="font-size: 12pt;">{}</span>', "{}", "\n    {}\n  ")[manner]
    boxes = [f"<{tag}{start}>{inner.format(words)}</{tag}>" for words in run]
    if manner == 1 and len(boxes) > 1:
        boxes.insert(1, f"<{tag}>&nbsp;</{tag}>")
    return boxes


def _block(leaf: Leaf, system: System, block: Block, number: int) -> str:
    def words(text: str) -> str:
        return leaf.text(text, number)

    match block:
        case Heading(text, level):
            return f"<h{level}>{words(text)}</h{level}>"
        case Quote(texts):
            return _quote(leaf, system, [words(text) for text in texts])
        case Items(texts, ordered):
            return _items(leaf, [words(text) for text in texts], ordered=ordered)
        case Table(rows):
            return _table(leaf, [[words(cell) if cell else "" for cell in row] for row in rows])
    return _foreign(leaf, system, block)


def _foreign(leaf: Leaf, system: System, block: Block) -> str:
    match block:
        case Figure() | Gallery():
            return _shown(leaf, system, block)
        case ReadAlso(title, url, label):
            return _read_also(leaf, title, url, label)
        case Embed(kind, text):
            return _embed(kind, text)
        case Player(title, text):
            return _player(title, text)
        case Summary(items, title):
            return f'<div class="{leaf.look.name("ai-summary")}"><b>{title}</b><ul>{_li(items)}</ul></div>'
        case Notice(kind, text):
            return _notice(leaf, kind, text)
    raise TypeError(f"no markup for {block!r}")


def _li(items: tuple[str, ...]) -> str:
    return "".join(f"<li>{item}</li>" for item in items)


def _quote(leaf: Leaf, system: System, texts: list[str]) -> str:
    if system == "dle":
        return f'<!--QuoteBegin--><div class="quote">{"<br /><br />".join(texts)}</div><!--QuoteEnd-->'
    css = ' class="wp-block-quote"' if system == "wordpress" and leaf.look.native else ""
    return f"<blockquote{css}>" + "".join(f"<p>{text}</p>" for text in texts) + "</blockquote>"


def _items(leaf: Leaf, texts: list[str], *, ordered: bool) -> str:
    tag, end = ("ol" if ordered else "ul"), ("" if leaf.play == "broken" else "</li>")
    return f"<{tag}>\n" + "\n".join(f"<li>{text}{end}" for text in texts) + f"\n</{tag}>"


def _table(leaf: Leaf, rows: list[list[str]]) -> str:
    end = "" if leaf.play == "broken" else "</td>"
    lines = ["<tr>" + "".join(f"<td>{cell}{end}" for cell in row) + "</tr>" for row in rows]
    return '<table border="1" cellpadding="4"><tbody>\n' + "\n".join(lines) + "\n</tbody></table>"


def img(leaf: Leaf, image: Image, css: str = "", alt: str = "") -> str:
    """An image element; the address relative to the site, or kept back for a script where the look is lazy."""
    address = attribute(image.url.removeprefix(leaf.brand.home))
    if leaf.look.lazy:
        late = f'<img{css} src="{DOT}" data-src="{address}" alt="{attribute(alt)}">'
        return f'{late}<noscript><img src="{address}" alt="{attribute(alt)}"></noscript>'
    stem, _, ending = address.rpartition(".")
    sizes = f' srcset="{stem}-300x200.{ending} 300w, {stem}-768x512.{ending} 768w, {address} 1200w"'
    return f'<img{css} src="{address}"{sizes if leaf.look.flavour else ""} alt="{attribute(alt)}" />'


def figure(leaf: Leaf, image: Image, system: System, css: str = "") -> str:
    """A picture in the text with its caption."""
    if not image.caption:
        return f"<div{css}>{img(leaf, image)}</div>"
    if system == "wordpress" and leaf.look.flavour:
        old = f'<div id="attachment_{leaf.number}" class="wp-caption aligncenter" style="width: 810px">'
        return f'{old}{img(leaf, image)}<p class="wp-caption-text">{leaf.text(image.caption)}</p></div>'
    return f"<figure{css}>{img(leaf, image)}<figcaption>{leaf.text(image.caption)}</figcaption></figure>"


def _shown(leaf: Leaf, system: System, block: Figure | Gallery) -> str:
    return (
        figure(leaf, block.image, system)
        if isinstance(block, Figure)
        else _gallery(leaf, block.images, system)
    )


def _gallery(leaf: Leaf, images: tuple[Image, ...], system: System) -> str:
    if system == "dle":
        frames = "".join(
            f'<li><a href="{image.url}" class="highslide">{img(leaf, image)}</a></li>' for image in images
        )
        return f'<ul class="xfieldimagegallery galery">{frames}</ul>'
    if system == "bitrix":
        slides = "".join(
            f'<div class="{leaf.look.name("slide")}">{img(leaf, image)}</div>' for image in images
        )
        return f'<div class="{leaf.look.name("slider")}">{slides}<span aria-hidden="true">1 / {len(images)}</span></div>'
    items = "".join(figure(leaf, image, "bitrix", ' class="gallery-item"') for image in images)
    return f'<div id="gallery-1" class="gallery galleryid-{leaf.number} gallery-columns-3">{items}</div>'


def _read_also(leaf: Leaf, title: str, url: str, label: str) -> str:
    link = f'<a href="{url}">{title}</a>'
    if leaf.look.flavour:
        return f'<p class="{leaf.look.name("read-also")}"><strong>{label}:</strong> {link}</p>'
    return f'<div class="{leaf.look.name("related-inline")}"><span>{label}</span>\n<div>{link}</div></div>'


def _embed(kind: str, text: str) -> str:
    if kind == "twitter":
        sign = '&mdash; Дубравск LIVE (@dubravsk) <a href="https://twitter.com/dubravsk/status/19">January 1, 2026</a>'
        script = '<script async src="https://platform.twitter.com/widgets.js" charset="utf-8"></script>'
        return f'<blockquote class="twitter-tweet"><p lang="ru" dir="ltr">{text}</p>{sign}</blockquote>\n{script}'
    if kind == "instagram":
        link = '<a href="https://www.instagram.com/p/Cx1/">Посмотреть эту публикацию в Instagram</a>'
        return f'<blockquote class="instagram-media" data-instgrm-version="14"><div>{link}<p>{text}</p></div></blockquote>'
    if kind == "vk":
        return (
            '<div id="vk_post_-1_22"></div><script>VK.Widgets.Post("vk_post_-1_22", -1, 22, "hash");</script>'
        )
    frame = (
        '<iframe id="telegram-post-dubravsk-19" src="https://t.me/dubravsk/19?embed=1" width="100%"></iframe>'
    )
    script = (
        '<script async src="https://telegram.org/js/telegram-widget.js?22" data-telegram-post="dubravsk/19">'
    )
    return f"{script}</script>{frame}"


def _player(title: str, text: str) -> str:
    modal = (
        f'<div class="vjs-modal-dialog vjs-hidden" role="dialog"><p class="vjs-control-text">{text}</p></div>'
    )
    bar = f'<div class="vjs-title-bar"><div class="vjs-title-bar-title">{title}</div></div>'
    words = f'<p class="vjs-no-js">Чтобы посмотреть видео, включите JavaScript.</p>{bar}'
    return f'<div class="video-js vjs-default-skin" data-setup="{{}}"><video controls></video>{words}{modal}</div>'


def _notice(leaf: Leaf, kind: str, text: str) -> str:
    look = leaf.look
    if kind == "hidden":
        how = (
            'style="display:none" itemprop="articleBody"',
            "hidden",
            'class="sr-only"',
            'class="visually-hidden"',
            'aria-hidden="true"',
        )
        return f"<div {how[leaf.rng('hidden').randrange(len(how))]}>{text}</div>"
    if kind == "poll":
        options = "".join(
            f'<li><label><input type="radio" name="p" value="{n}"> {n}-й</label></li>' for n in (1, 2, 3)
        )
        return f'<form class="{look.name("poll")}" action="/poll"><b>{text}</b><ul>{options}</ul><button>Ответить</button></form>'
    if kind == "subscribe":
        link = f'<a href="https://t.me/dubravsk" rel="nofollow">{text}</a>'
        return f'<div class="{look.name("subscribe")}">{link}</div>'
    banner = f'<a href="https://ads.example/click?id=7"><img src="https://ads.example/728x90.gif" alt="{text}"></a>'
    small = "<div>Реклама. ООО «Ромашка», erid: 2SDnjc7QkLm</div>"
    pixel = '<img src="https://ads.example/pixel.gif?r=19" width="1" height="1" alt="">'
    return f'<div class="{look.name("banner")} advert" data-ad="1">{small}{banner}<p>{text}</p></div>{pixel}'
