"""The pictures of an article: the lead picture first, then those inside its text, each once."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urljoin, urlsplit

from lxml import etree

from crawler import linked_data, names
from crawler.text import content, shut, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lxml.html import HtmlElement

    from crawler.layout import Layout

IMAGES = frozenset({"img", "amp-img"})
LAZY = ("data-src", "data-lazy-src", "data-original", "data-lazy")
WHOLE = re.compile(
    r"https?://[\w.-]+/[\w!$%&'()*+,/:=@~.-]*(?:\?[\w!$%&'()*+,/:=@~.-]+)?", re.ASCII
)  # as most are
SIZED = re.compile(r"-\d{2,4}x\d{2,4}$")
CAPTIONS = "figcaption, .wp-caption-text"
ICON_AT_MOST = 48  # pixels, of a stated width or height


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture with the words under it."""

    url: str
    origin: str
    caption: str = ""
    credit: str = ""

    def item(self) -> dict[str, str]:
        """The picture under schema.org's names, absent parts left out."""
        parts = {"url": self.url, "caption": self.caption, "creditText": self.credit}
        return {name: value for name, value in parts.items() if value}

    @property
    def file(self) -> str:
        """What is the same in every size and format of one picture: a telling file name, else the whole URL."""
        name = SIZED.sub("", urlsplit(self.url).path.rpartition("/")[2].rpartition(".")[0])
        return name if len(name) >= len("IMG_1234") else self.url


def absolute(base: str, url: str) -> str:
    """The URL against its page, every character that a URI may not hold percent-encoded; "" when it is none."""
    if WHOLE.fullmatch(url):
        return url
    try:
        full = urljoin(base, url.strip())
        host = urlsplit(full).hostname
    except ValueError:
        return ""
    return quote(full, safe="!#$%&'()*+,/:;=?@[]~-._") if host and full.startswith("http") else ""


def pictures(page: Layout) -> list[Picture]:
    """The article's pictures in order; of one picture in several sizes the first, with the first words said of it."""
    found: dict[str, Picture] = {}
    for picture in (*_lead(page), *(picture for block in page.blocks for picture in _inside(page, block))):
        known = found.get(picture.file)
        if known:
            caption, credit = known.caption or picture.caption, known.credit or picture.credit
            found[picture.file] = replace(known, caption=caption, credit=credit)
        else:
            found[picture.file] = picture
    return list(found.values())


def _lead(page: Layout) -> Iterator[Picture]:
    """The place that the site names, JSON-LD, og:image: the first that has a picture."""
    candidates = chain(
        () if page.lead is None else _told(page, page.part, _images(page.lead)),
        _linked(page),
        (Picture(absolute(page.url, url), "meta") for url in page.markup.metas.get("og:image", ())),
    )
    yield from islice((picture for picture in candidates if picture.url), 1)


def _linked(page: Layout) -> Iterator[Picture]:
    stated = page.markup.linked.get("image")
    for value in stated if isinstance(stated, list) else [stated]:
        parts: dict[str, Any] = value if isinstance(value, dict) else {"url": value}
        url = linked_data.text(parts.get("url") or parts.get("contentUrl"))
        credit = names.credit(linked_data.text(parts.get("creditText")))
        yield Picture(
            absolute(page.url, url) if url else "", "json-ld", linked_data.text(parts.get("caption")), credit
        )


def _inside(page: Layout, block: HtmlElement) -> Iterator[Picture]:
    dropped = page.dropped(block)
    images = {image for image in block.iter(*IMAGES) if not _left_out(image, block, dropped)}
    if images:
        yield from _told(page, block, images)


def _left_out(image: HtmlElement, block: HtmlElement, dropped: set[HtmlElement]) -> bool:
    size = [image.get(side, "").removesuffix("px") for side in ("width", "height")]
    if (
        any(side.isdecimal() and int(side) <= ICON_AT_MOST for side in size)
        or image in dropped
        or shut(image)
    ):
        return True
    for above in image.iterancestors():
        if above is block:
            return False
        if above in dropped or shut(above):
            return True
    return False


def _told(page: Layout, part: HtmlElement, chosen: Iterable[HtmlElement]) -> Iterator[Picture]:
    """The chosen pictures, each with the caption and the credit that stand between it and the next picture."""
    wanted = set(chosen)
    captions, credits_ = ", ".join(filter(None, (CAPTIONS, page.caption))), page.credit
    captioned = set(page.inside(part, captions))
    credited = set(page.inside(part, credits_)) if credits_ else set()
    current: Picture | None = None
    said = captioned | credited
    for node in part.iter(*IMAGES, *{node.tag for node in said}):
        if node.tag not in IMAGES and node not in said:
            continue
        if next(node.iterancestors("noscript"), None) is not None:
            continue  # the same picture once more, for readers without scripts
        if node.tag in IMAGES:
            if current:
                yield current
            url = source(node, page.url) if node in wanted else ""
            current = Picture(url, "css") if url else None
        elif current and node in credited:
            current = replace(current, credit=current.credit or names.credit(content(node)))
        elif current:
            current = replace(current, caption=current.caption or _caption(node, credited))
    if current:
        yield current


def _caption(node: HtmlElement, credited: set[HtmlElement]) -> str:
    """A caption's own words, without a credit that stands inside it."""
    walk, texts = etree.iterwalk(node, events=("start", "end")), []
    for event, child in walk:
        if event == "start" and child in credited:
            walk.skip_subtree()
        elif event == "start":
            texts.append(child.text or "")
        elif child is not node:
            texts.append(child.tail or "")
    return words("".join(texts))


def _images(node: HtmlElement) -> list[HtmlElement]:
    return [node] if node.tag in IMAGES else list(node.iter(*IMAGES))[:1]


def source(image: HtmlElement, base: str) -> str:
    """The picture's absolute URL, whether it loads at once or lazily; "" for none."""
    plain = (image.get(name) for name in (*LAZY, "src"))
    sets = (_largest(image.get(name, "")) for name in ("data-srcset", "srcset"))
    usable = (url for url in chain(plain, sets) if url and not url.startswith(("data:", "about:")))
    url = next(usable, "")
    return absolute(base, url) if url else ""


def _largest(srcset: str) -> str:
    """The URL of the widest candidate of a srcset."""
    candidates = [
        [*part.split(), "0w"][:2] for part in re.split(r",\s+|,(?=https?:|/)", srcset) if part.strip()
    ]
    sized = [
        (float(size[:-1]) if re.fullmatch(r"[\d.]+[wx]", size) else 0.0, url) for url, size in candidates
    ]
    return max(sized, default=(0.0, ""))[1]
