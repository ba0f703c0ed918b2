# ruff: noqa: SIM905  (lists of fifty quoted tags would be harder to read)
"""The text of an element as paragraphs, by the field rules: what a reader would call the article's words."""

import re
from collections.abc import Collection
from functools import lru_cache

from lxml import etree
from lxml.html import HtmlElement

UNSEEN = "\u00ad\u200b\u200c\u200d\u2060\ufeff"  # soft hyphen, zero-width space and joiners, byte order mark
BREAK, CELL, LINK, UNLINK = "\x1e", "\x1f", "\x1c", "\x1d"  # separators that no decoded page text keeps

INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark noindex nobr q rb rp rt ruby s samp "
    "small span strike strong sub sup time tt u var wbr img picture source".split()
)
NEVER = frozenset(
    "script style noscript template iframe object embed video audio canvas svg math form button select textarea input "
    "nav aside h1 head title figcaption map dialog amp-ad amp-iframe amp-video amp-analytics amp-embed amp-social-share "
    "amp-youtube amp-twitter amp-instagram".split()
)
CLUTTER = re.compile(
    r"(?:^|[\s_-])(?:visually-hidden|visuallyhidden|sr-only|screen-reader-text|twitter-tweet|twitter-video|instagram-media|fb-post"
    r"|tiktok-embed|vk[_-]post|vk[_-]widget|telegram-post|tgme_widget\w*|video-js|vjs[\w-]*|jw-?player\w*|wp-caption-text"
    r"|sharedaddy|social-share|share-buttons|addtoany\w*|ya-share2|yandex_rtb\w*|adsbygoogle|jp-relatedposts"
    r"|related-posts?|read-?also)(?:$|\s)"
)
HIDING = frozenset({"hidden", "aria-hidden", "style"})
HIDDEN = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
PLAYER = re.compile(
    r"(?:This is a modal window|Beginning of dialog window|End of dialog window|Video Player is loading|(?:Play|Pause|Mute)(?: Video)?$"
    r"|Ваш браузер не поддерживает|Читать (?:в полной версии|полностью|далее)$|Your browser does not support|To view this video please enable JavaScript)",
    re.IGNORECASE,
)
READ_ALSO = re.compile(
    r"(?:чита(?:йте|ть)\s+также|(?:смотрите|см\.?)\s+также|читайте\s+(?:по теме|ещ[её]|далее|подробнее)|(?:материалы\s+)?по\s+теме"
    r"|подробнее(?:\s+(?:об\s+этом|по\s+теме))?|ранее\s+по\s+теме|ещ[её]\s+по\s+теме)\s*[:—–-]?\s*",
    re.IGNORECASE,
)
LINKS_ONLY = re.compile(rf"(?:[\s,;|•–—-]*{LINK}[^{UNLINK}]*{UNLINK}[\s,;.|]*)+")
TEASER = re.compile(
    rf"(?:^|(?<=[.!?…»\"]))\s*(?:{READ_ALSO.pattern}(?:{LINK}[^{UNLINK}]*{UNLINK}[\s,;.|]*)+|{LINK}\s*{READ_ALSO.pattern}[^{UNLINK}]*{UNLINK}[\s.]*)$",
    re.IGNORECASE,
)
AFTER_ANCHOR = " :.…"
CELLS = frozenset({"td", "th"})
SILENT = frozenset({"script", "style", "noscript", "template", "br", "input", "svg"})
WORDY = re.compile(r"\s*[\w«\"(]")
TWO_BREAKS = re.compile(rf"{BREAK}\s*(?:{BREAK}\s*)+")


def words(text: str | None) -> str:
    r"""Text with any run of white space as one space, without invisible characters, trimmed.

    >>> words(" два\u00a0 сло\u00adва\n")
    'два слова'
    """
    if not text:
        return ""
    for sign in UNSEEN:  # looking costs little, one translation of all more than the rest together
        if sign in text:
            text = text.replace(sign, "")
    return " ".join(text.split())


def content(element: HtmlElement) -> str:
    """All the text inside an element; of one without children at once, without the XPath that the others take."""
    return str(element.text_content()) if len(element) else element.text or ""


def anchor(text: str) -> str:
    """A text in the form in which anchors are compared: no case, no colon or dots at the end.

    >>> anchor(" Читайте также: ")
    'читайте также'
    """
    return words(text).rstrip(AFTER_ANCHOR).casefold()


@lru_cache(maxsize=64)  # a site's own, on each of its pages
def anchors(texts: tuple[str, ...]) -> frozenset[str]:
    """Several texts in that form."""
    return frozenset(map(anchor, texts))


def beginnings(letters: str) -> str:
    """What a text begins with whose `anchor` begins with one of these letters: cheap to ask before the whole is compared."""
    return letters + letters.upper() + UNSEEN


def hidden(element: HtmlElement) -> bool:
    """Whether the element itself says that it is not shown."""
    return not HIDING.isdisjoint(element.keys()) and (
        element.get("hidden") is not None
        or element.get("aria-hidden") == "true"
        or HIDDEN.search(element.get("style", "")) is not None
    )


def shut(element: HtmlElement) -> bool:
    """Whether nothing in an element belongs to an article on any site: hidden, a machine's, a widget, an embedded post."""
    if element.tag in NEVER:
        return True
    name = element.get("class")
    return (name is not None and _is_clutter(name)) or hidden(element)


@lru_cache(maxsize=4096)  # a page repeats few names often
def _is_clutter(name: str) -> bool:
    return CLUTTER.search(name) is not None


def unread(element: HtmlElement) -> bool:
    """Whether an element is article text on no site: shut, a picture with its caption, a header or footer of its own."""
    tag = element.tag
    if tag == "figure":
        return next(element.iter("blockquote", "table", "pre"), None) is None
    if tag in {"header", "footer"}:
        above = element.getparent()
        return above is None or above.tag != "blockquote"
    return shut(element)


def paragraphs(
    element: HtmlElement, *, drop: Collection[HtmlElement] = (), end: Collection[str] = ()
) -> list[str]:
    """The element's paragraphs in document order.

    `drop` holds elements that are left out, `end` texts (as `anchor` gives them) of whole elements at which the text
    ends.
    """
    longest = max(map(len, end), default=0)
    kept: list[str] = []
    teasing = False
    for piece in _pieces(element, drop, end):
        plain = words(piece.replace(LINK, "").replace(UNLINK, "") if LINK in piece else piece)
        if not plain:
            continue
        if len(bare := plain.rstrip(AFTER_ANCHOR)) <= longest and bare.casefold() in end:
            break
        teasing = READ_ALSO.fullmatch(plain) is not None or (
            teasing and LINKS_ONLY.fullmatch(piece) is not None
        )
        if not teasing and not PLAYER.match(plain):
            kept.append(plain)
    return kept


def _pieces(element: HtmlElement, drop: Collection[HtmlElement], end: Collection[str]) -> list[str]:
    """Paragraphs with their links still marked, up to an element whose whole text is an anchor."""
    flow = _Flow(end)
    walk = etree.iterwalk(element, events=("start", "end"))
    for event, node in walk:
        if event == "end":
            flow.leave(node)
            if node is not element and (tail := node.tail):
                flow.parts.append(tail)
        elif node is not element and (node in drop or unread(node)):
            walk.skip_subtree()
        elif end and flow.at_anchor(node):
            break
        else:
            flow.enter(node)
            if own := node.text:
                flow.parts.append(own)
    flow.flush()
    return flow.pieces


class _Flow:
    """The pieces so far, and the text since the last border between them; a table row holds its borders back."""

    def __init__(self, end: Collection[str]) -> None:
        self.end, self.beginnings = end, beginnings("".join(line[:1] for line in end))
        self.pieces: list[str] = []
        self.parts: list[str] = []
        self.row: HtmlElement | None = None

    def enter(self, node: HtmlElement) -> None:
        tag = node.tag
        if tag == "br":
            self.parts.append(BREAK)
        elif tag == "a":
            self.parts.append(LINK)
        elif tag not in INLINE:
            self.border()
            if tag == "tr" and self.row is None and tabular(node):
                self.row = node

    def leave(self, node: HtmlElement) -> None:
        tag = node.tag
        if tag == "a":
            self.parts.append(UNLINK)
        elif node is self.row:
            self.row = None
            self.flush()
        elif tag in CELLS and self.row is not None:
            self.parts.append(CELL)
        elif tag not in INLINE and tag not in SILENT:
            self.border()

    def border(self) -> None:
        if self.row is not None:
            self.parts.append(" ")
        elif self.parts:
            self.flush()

    def flush(self) -> None:
        text = "".join(self.parts)
        self.parts.clear()
        if CELL in text:
            cells = text.replace(BREAK, " ").split(CELL)
            self.pieces.append(" | ".join(cell for part in cells if (cell := words(part))))
        elif BREAK in text:
            for piece in TWO_BREAKS.split(text):
                self.add(piece.strip(BREAK + " \n\t").replace(BREAK, " "))
        elif text and not text.isspace():
            self.add(text.strip(" \n\t"))

    def add(self, piece: str) -> None:
        self.pieces.append(TEASER.sub("", piece) if LINK in piece else piece)

    def at_anchor(self, node: HtmlElement) -> bool:
        """Whether this leaf begins a line and says nothing but an anchor."""
        own = node.text
        if not own or own.lstrip()[:1] not in self.beginnings or len(node) or anchor(own) not in self.end:
            return False
        return not words("".join(self.parts).rpartition(BREAK)[2]) and not WORDY.match(node.tail or "")


def tabular(row: HtmlElement) -> bool:
    """Whether a row holds cells of data; a table that only lays out the page holds whole texts in its cells."""
    cells = [cell for cell in row if cell.tag in CELLS]
    return len(cells) > 1 and not any(
        next(cell.iter("table"), None) is not None or sum(1 for _ in cell.iter("p")) > 1 for cell in cells
    )
