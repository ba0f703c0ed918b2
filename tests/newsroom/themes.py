"""What every theme of the small sites shares: a page to be printed, how it looks, how it dates, and its truth."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from .html import attribute, inline
from .story import Stated, Story, dated, people, truth
from .themes_dates import Shown, TimeTag, machine, written

if TYPE_CHECKING:
    from datetime import date

PREFIXES = ("td", "jn", "mag", "nv", "smr", "blk", "art", "gz", "portal", "v2", "app", "lt")


@dataclass(frozen=True)
class Brand:
    """A site as its pages name it; `home` is the origin without a slash, `company` the publisher it states."""

    name: str
    home: str
    tagline: str
    company: str
    menu: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Look:
    """Everything about a page that is drawn from the seed and means nothing: class names, nesting, typography."""

    key: str
    prefix: str
    joint: str
    native: bool
    paragraphs: Literal["p", "br", "div"]
    aside: Literal["none", "left", "right", "before", "after"]
    depth: int
    charset: Literal["utf-8", "windows-1251"]
    declared: Literal["header", "meta", "both", "nothing", "wrong-header", "wrong-meta"]
    flavour: int
    lazy: bool
    tags: bool
    shown: Shown = "full"
    time_tag: TimeTag = ""

    def rng(self, *about: object) -> random.Random:
        return random.Random(":".join(map(str, (self.key, *about))))

    def name(self, part: str) -> str:
        if self.joint == "camel":
            return self.prefix + part.title().replace("-", "")
        return f"{self.prefix}{self.joint}{part}"

    def css(self, part: str, native: str = "") -> str:
        """A class attribute: the system's own name where the look keeps it, else one of the theme's making."""
        return f' class="{native if native and self.native else self.name(part)}"'

    def nested(self, html: str, part: str) -> str:
        """The markup inside as many meaningless boxes as this look likes."""
        for number in range(self.depth):
            html = f'<div class="{self.name(part)}-{("inner", "wrap", "box")[number % 3]}">\n{html}\n</div>'
        return html


def drawn(rng: random.Random, key: str) -> Look:
    native = rng.random() < 0.5
    return Look(
        key=key,
        prefix=rng.choice(PREFIXES),
        joint=rng.choice(("-", "__", "_", "camel")),
        native=native,
        paragraphs=rng.choice(("p", "br", "div")),
        aside=rng.choice(("none", "left", "right", "before", "after")),
        depth=rng.randrange(4),
        charset=rng.choice(("utf-8", "utf-8", "windows-1251")),
        declared=rng.choice(("header", "meta", "both", "nothing", "wrong-header", "wrong-meta")),
        flavour=rng.randrange(2),
        lazy=rng.random() < 0.25,
        tags=rng.random() < 0.35,
    )


@dataclass(frozen=True)
class Leaf:
    """One page: whose, about what, where, how it looks, and on which day it is served.

    `section` is its name and path, `rubric` whether the page shows it to a visitor; `play` names the nasty thing that
    the page does, where its markup has to know; `comments` is their number.
    """

    brand: Brand
    story: Story
    url: str
    look: Look
    today: date
    section: tuple[str, str]
    number: int
    rubric: bool = True
    play: str = ""
    comments: int = 0

    def rng(self, *about: object) -> random.Random:
        return self.look.rng(self.story.key, *about)

    def text(self, text: str, *about: object, link: str = "") -> str:
        """HTML that reads as `text`, with the page's accidents of typing, and with a link in it where one is given."""
        return inline(text, self.rng(text, *about), link)


class Theme:
    """How one kind of content system prints a page.

    A theme prints `head` and wraps what a site puts in order (`page`); its parts are `title`, `when`, `rubric`, `lead`,
    `text` and `tags`. `states` are the fields that its head states, `places` the dates there, most trusted first;
    `uploads` is where the system keeps pictures (a template of the day), `native` its own class names by part.
    """

    name: ClassVar[str] = ""
    shown: ClassVar[tuple[Shown, ...]] = ("full", "spaced", "dotted")
    time_tags: ClassVar[tuple[TimeTag, ...]] = ("",)
    title_tag: ClassVar[str] = "h1"
    native: ClassVar[dict[str, str]] = {}
    uploads: ClassVar[str] = ""

    def head(self, leaf: Leaf) -> str:
        raise NotImplementedError

    def states(self, leaf: Leaf) -> dict[str, Any]:
        raise NotImplementedError

    def places(self, leaf: Leaf) -> list[Stated]:  # noqa: ARG002 - a theme whose head is silent about dates
        return []

    def page(self, leaf: Leaf, parts: Parts) -> str:
        raise NotImplementedError

    def css(self, leaf: Leaf, part: str) -> str:
        return leaf.look.css(part, self.native.get(part, ""))

    def title(self, leaf: Leaf) -> str:
        headline = leaf.text(leaf.story.headline, "title")
        return f"<{self.title_tag}{self.css(leaf, 'title')}>{headline}</{self.title_tag}>"

    def again(self, leaf: Leaf) -> str:  # noqa: ARG002 - most themes print a title once
        """The title a second time, where a theme does that."""
        return ""

    def rubric(self, leaf: Leaf) -> str:
        name, path = leaf.section
        return f'<a href="{leaf.brand.home}{path}" rel="category tag">{name}</a>'

    def lead(self, leaf: Leaf, credit: str = "") -> str:
        """The picture above the text, with its caption or with the credit that is handed in."""
        raise NotImplementedError

    def text(self, leaf: Leaf, after: str = "") -> str:
        """The container of the text; `after` stands in it behind the last paragraph."""
        raise NotImplementedError

    def tags(self, leaf: Leaf) -> str:
        """The visible tags, where the look shows them."""
        raise NotImplementedError

    def when(self, leaf: Leaf) -> str:
        words = written(leaf.story.published, leaf.look.shown, leaf.today)
        tag = leaf.look.time_tag
        if not words:
            return ""
        if not tag:
            return f"<span{self.css(leaf, 'date')}>{words}</span>"
        return f'<time{self.css(leaf, "date")} datetime="{machine(leaf.story.published, tag)}">{words}</time>'

    def dates(self, leaf: Leaf) -> list[Stated]:
        """Every place where the page dates its article, in the order of belief."""
        return [*self.places(leaf), *visible(leaf)]


@dataclass(frozen=True)
class Parts:
    """A page in pieces of markup, in the reading order that the site wants."""

    header: str
    article: str
    below: str = ""
    aside: str = ""
    footer: str = ""

    def laid_out(self, leaf: Leaf, main: str) -> str:
        """Header, main column, side column and footer, the side column where the look has it."""
        look = leaf.look
        side = f"<aside{look.css('side', 'sidebar')}>\n{self.aside}\n</aside>" if self.aside else ""
        main = f"<main{look.css('main', 'content')}>\n{main}\n{self.below}\n</main>"
        first = look.aside in ("left", "before")
        columns = f"{side}\n{main}" if first else f"{main}\n{side}"
        if look.aside in ("left", "right", "none"):
            columns = f"<div{look.css('columns', 'row')}>\n{columns}\n</div>"
        return f"{self.header}\n{look.nested(columns, 'page')}\n{self.footer}"


def visible(leaf: Leaf) -> list[Stated]:
    """What `when` states: the machine's form first, then the words."""
    at, look = leaf.story.published, leaf.look
    if not look.shown:
        return []
    tag = {"": [], "day": [Stated(at, time=False)], "local": [Stated(at, zone=False)], "offset": [Stated(at)]}
    relative = look.shown == "relative" and 0 <= (leaf.today - at.date()).days <= 1
    exact = at if look.shown == "seconds" else at.replace(second=0)
    year = look.shown != "no-year" and not relative
    words = Stated(exact, time=look.shown != "day", zone=False, year=year)
    return [*tag[look.time_tag], words]


def article(leaf: Leaf, theme: Theme, identifier: str) -> dict[str, Any]:
    """The truth about the page, by the field rules: what this theme states of this story, and nothing else."""
    story, states = leaf.story, theme.states(leaf)
    places = theme.dates(leaf)
    published, assumed = dated(places) if places else ("", [])
    stated = {
        "author": people(story.authors),
        "articleSection": [leaf.section[0]] if leaf.rubric else [],
        "keywords": list(story.tags) if leaf.look.tags else [],
        "image": story.images(),
    }
    return truth(
        identifier=identifier,
        url=leaf.url,
        headline=story.headline,
        articleBody=story.body(),
        datePublished=published,
        assumed=assumed,
        **states | {name: value for name, value in stated.items() if value},
    )


def excerpt(text: str, most: int = 180) -> str:
    """The beginning of a text as content systems cut it for their meta tags."""
    text = " ".join(text.split())
    if len(text) <= most:
        return text
    return text[:most].rsplit(" ", 1)[0].rstrip(",.:;–—- ") + "…"


def encoded(leaf: Leaf, html: str) -> tuple[bytes, str]:
    """The bytes of the page and its Content-Type, declared as rightly as the look wants."""
    look = leaf.look
    body = html.encode(look.charset, "xmlcharrefreplace")
    other = "utf-8" if look.charset == "windows-1251" else "windows-1251"
    header = {"header": look.charset, "both": look.charset, "wrong-header": other}.get(look.declared, "")
    return body, "text/html" + (f"; charset={header}" if header else "")


def charset_meta(look: Look) -> str:
    other = "utf-8" if look.charset == "windows-1251" else "windows-1251"
    names = {"meta": look.charset, "both": look.charset, "wrong-meta": other, "wrong-header": look.charset}
    name = names.get(look.declared, "")
    if not name:
        return ""
    old = f'<meta http-equiv="Content-Type" content="text/html; charset={name}" />'
    return old if look.flavour else f'<meta charset="{name}">'


def og(pairs: list[tuple[str, str]]) -> str:
    return "\n".join(
        f'<meta property="{name}" content="{attribute(text)}" />' for name, text in pairs if text
    )
