"""What the three small sites share: a programme of stories, themes mixed by the seed, answers and the truth."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar, Literal

from .desk import Desk
from .html import attribute, rfc822
from .plays import Stage
from .site import GONE, NOT_FOUND, TEXT, Response, Shelf, Site, redirect
from .story import Expected, Paragraph, Story
from .themes import Brand, Leaf, Look, Parts, Theme, article, charset_meta, drawn, encoded, excerpt
from .themes_bitrix import Bitrix
from .themes_clutter import Teaser, counters, menu, search_form, sidebar
from .themes_dates import MOSCOW
from .themes_dle import DataLifeGraph, DataLifePlain
from .themes_wordpress import WordPressGraph, WordPressPlain

if TYPE_CHECKING:
    from collections.abc import Iterable

THEMES: dict[str, Theme] = {
    theme.name: theme
    for theme in (WordPressGraph(), WordPressPlain(), DataLifeGraph(), DataLifePlain(), Bitrix())
}
PROGRAMME = (
    "seed-order", "short", "long", "read-also", "hidden", "gallery", "figure", "quotes", "lists", "table", "headings",
    "embeds", "player", "adverts", "poll", "broken", "single-br", "comments", "sidebar", "signed", "modified",
    "no-image", "crowded",
)  # fmt: skip
"""Each is played once on every site, by a theme that the seed chooses; the rest of the articles are plain."""


@dataclass(frozen=True)
class Turn:
    """One announced page: how it is asked for, what answers, and what must become of it.

    `asked` is the URL that a crawler asks for, `links` the form in which a source announces it where that is another,
    `sources` the names of those that announce it; `hops` are redirects before the page, `asked` first.
    """

    leaf: Leaf
    theme: Theme
    identifier: str
    asked: str
    sources: frozenset[str]
    outcome: str = "article"
    links: dict[str, str] = field(default_factory=dict)
    hops: tuple[str, ...] = ()
    lastmod: datetime | None = None

    def link(self, source: str) -> str:
        return self.links.get(source, self.asked)

    def teaser(self) -> Teaser:
        return Teaser(self.leaf.story.headline, self.asked, self.leaf.story.published)

    def expected(self) -> Expected:
        told = article(self.leaf, self.theme, self.identifier) if self.outcome == "article" else None
        forms = tuple(dict.fromkeys(self.link(source) for source in sorted(self.sources)))
        note = f"{self.leaf.story.note}; {self.theme.name}"
        return Expected(self.asked, self.identifier, self.outcome, told, note, forms)


class RegionalSite(Site):
    """A small site: it says how a story is addressed and how a page is put in order.

    `turns(edition)` is the programme; the second edition has one article changed and one gone.
    """

    brand: ClassVar[Brand]
    label: ClassVar[str] = "Читайте также"
    dash: ClassVar[str] = "–"
    plain: ClassVar[int] = 18

    def __init__(self, seed: int, today: date) -> None:
        super().__init__(seed, today)
        self.house = self.rng("house").choice(list(THEMES))
        self._turns: dict[int, list[Turn]] = {}

    def turns(self, edition: int) -> list[Turn]:
        if edition not in self._turns:
            turns = self.programme()
            self._turns[edition] = turns if edition == 1 else list(map(self._later, turns))
        return self._turns[edition]

    def programme(self) -> list[Turn]:
        """Every page that the sources announce."""
        raise NotImplementedError

    def ordered(self, leaf: Leaf, theme: Theme) -> Parts:
        """The page in the order of this site."""
        raise NotImplementedError

    def announce(self, shelf: Shelf, turns: list[Turn]) -> None:
        """Put the sources on the shelf."""
        raise NotImplementedError

    def expected(self, edition: int = 1) -> list[Expected]:
        return [turn.expected() for turn in self.turns(edition)]

    def shelf(self, edition: int) -> Shelf:
        shelf, turns = Shelf(), self.turns(edition)
        shelf.put(f"{self.brand.home}/robots.txt", Response(self.robots().encode(), headers=TEXT))
        for turn in turns:
            self.put_page(shelf, turn)
        self.announce(shelf, turns)
        return shelf

    def robots(self) -> str:
        return "User-agent: *\nDisallow: /wp-admin/\nDisallow: /bitrix/\nDisallow: /engine/\nDisallow: /*print:\n"

    def put_page(self, shelf: Shelf, turn: Turn) -> None:
        for hop, target in pairwise((*turn.hops, turn.leaf.url)):
            shelf.put(hop, redirect(target))
        shelf.put(turn.leaf.url, self.answer(turn))

    def answer(self, turn: Turn) -> Response:
        if turn.outcome == "http-error":
            return GONE if turn.leaf.look.flavour else NOT_FOUND
        leaf, theme = turn.leaf, turn.theme
        if turn.outcome == "not-an-article":
            html = self.no_article(leaf)
        else:
            html = theme.page(leaf, self.ordered(leaf, theme))
        body, content_type = encoded(leaf, html)
        framing: Literal["length", "chunked", "close"] = leaf.rng("framing").choice(
            ("length", "chunked", "close")
        )
        return Response(
            body, headers=(("Content-Type", content_type),), framing=framing, etag=leaf.number % 2 == 0
        )

    def no_article(self, leaf: Leaf) -> str:
        """A page with status 200 that holds no article: a form under a heading, or an error box."""
        header = menu(self.brand, "")
        if leaf.play == "contact":
            map_frame = '<iframe src="https://yandex.ru/map-widget/v1/?um=constructor" width="600"></iframe>'
            fields = "".join(
                f"<label>{name} <input name='{name}'></label>" for name in ("Имя", "Телефон", "Сообщение")
            )
            main = f"<h1>Обратная связь</h1>{map_frame}<form action='/mail' method='post'>{fields}<button>Отправить</button></form>"
        elif leaf.look.flavour:
            main = f"<h1>Страница не найдена</h1>{search_form('')}"
        else:
            main = '<div class="berrors"><b>Внимание, ошибка</b><br />По этому адресу ничего нет.</div>'
        title = f"<title>{self.brand.name}</title>"
        aside = sidebar(self.others(leaf, 5), "Свежее", ' class="widget"')
        head = f"<head>{charset_meta(leaf.look)}\n{title}\n<meta name='robots' content='noindex'></head>"
        return f'<!DOCTYPE html><html lang="ru">\n{head}\n<body class="error404">{header}\n<main>{main}</main>\n{aside}</body></html>'

    def others(self, leaf: Leaf, number: int, *, excerpts: bool = False) -> list[Teaser]:
        """Other news as this page shows them: invented, and never announced by a source."""
        desk = Desk(leaf.rng("others", number), lambda n: f"{self.brand.home}/x{n}.jpg")
        start = leaf.story.published
        return [
            Teaser(
                desk.writer.headline(),
                f"{self.brand.home}/elsewhere/?item={n}",
                start - timedelta(minutes=13 * n),
                desk.writer.paragraph(2, 3) if excerpts else "",
            )
            for n in range(number)
        ]

    # -- making the programme --

    def desk(self, key: object) -> Desk:
        home, day = self.brand.home, self.today
        return Desk(
            self.rng("desk", key), lambda n: f"{home}/uploads/{day:%Y/%m}/{key}-{n}.jpg", dash=self.dash
        )

    def acts(self) -> list[tuple[str, Theme]]:
        """The plays in an order of their own and a theme for each; every theme has its share."""
        rng = self.rng("acts")
        plays = [*PROGRAMME[1:], *["plain"] * self.plain]
        rng.shuffle(plays)
        names = list(THEMES)
        rng.shuffle(names)
        return [(play, THEMES[names[n % len(names)]]) for n, play in enumerate(["seed-order", *plays])]

    def hour(self, number: int) -> datetime:
        """When the n-th newest article appeared: from today's noon back into yesterday."""
        at = datetime.combine(self.today, time(11, 52), MOSCOW) - timedelta(minutes=34 * number)
        return at + timedelta(minutes=self.rng("minute", number).randrange(25), seconds=number % 60)

    def story(self, play: str, number: int, at: datetime) -> Story:
        desk = self.desk(number)
        stage = Stage(desk, f"{self.brand.home}/elsewhere/?item={number}", self.label)
        return stage.played(play, desk.story(str(number), at))

    def look(self, theme: Theme, number: object) -> Look:
        rng = self.rng("look", number)
        look = drawn(rng, f"{self.seed}:{self.name}:{number}")
        look = replace(look, shown=rng.choice(theme.shown), time_tag=rng.choice(theme.time_tags))
        return replace(look, time_tag="") if look.shown == "relative" else look

    def leaf(self, play: str, theme: Theme, number: int, **differences: object) -> Leaf:
        """A page before it has its address."""
        story = self.story(play, number, self.hour(number))
        leaf = Leaf(
            brand=self.brand,
            story=story,
            url="",
            look=self.look(theme, number),
            today=self.today,
            section=("", ""),
            number=number,
            play=play,
            comments={"comments": 14}.get(play, self.rng("remarks", number).choice((0, 0, 2))),
        )
        return replace(leaf, **differences)  # type: ignore[arg-type]

    def _later(self, turn: Turn) -> Turn:
        """The second edition: what was signed is changed, the poll's page is gone."""
        if turn.leaf.play == "poll":
            return replace(turn, outcome="http-error")
        if turn.leaf.play != "lists":
            return turn
        story = turn.leaf.story
        told = Paragraph(self.desk("later").writer.paragraph())
        changed = replace(story, blocks=(*story.blocks, told), modified=story.published + timedelta(hours=5))
        return replace(turn, leaf=replace(turn.leaf, story=changed), lastmod=changed.modified)

    def rss(self, turns: Iterable[Turn], source: str, full: str = "") -> str:
        """An RSS feed of (title, link, date, description), with the whole text in the element `full`."""
        items = "\n".join(_item(turn, source, full) for turn in turns)
        space = ' xmlns:yandex="http://news.yandex.ru"' if full else ""
        head = f"<title>{self.brand.name}</title>\n<link>{self.brand.home}/</link>\n<language>ru</language>"
        return f'<rss version="2.0"{space}>\n<channel>\n{head}\n{items}\n</channel>\n</rss>\n'


def _item(turn: Turn, source: str, full: str) -> str:
    story, link = turn.leaf.story, attribute(turn.link(source))
    text = f"<{full}>{attribute(story.body())}</{full}>" if full else ""
    first = story.body().partition("\n")[0]
    return (
        f"<item><title>{attribute(story.headline)}</title><guid isPermaLink='true'>{link}</guid><link>{link}</link>"
        f"<description>{attribute(first)}</description><pubDate>{rfc822(story.published)}</pubDate>{text}</item>"
    )


def listing(site: RegionalSite, turns: Iterable[Turn], source: str, following: str) -> Response:
    """A list of articles with the link to the next page, in a page full of links to other things."""
    items = "\n".join(_listed(turn, source) for turn in turns)
    more = f'<a class="next" href="{following}">Далее</a>' if following else ""
    header, tail = menu(site.brand, ' class="menu"'), footer(site.brand)
    odd = '<a href="javascript:history.go(-1)">Назад</a> <a href="mailto:news@site.example">Почта</a> <a href="#top">Вверх</a>'
    main = f'<div class="list">\n{items}\n</div>\n<div class="navigation"><span>1</span> {more}</div>{odd}'
    head = f'<head><meta charset="utf-8"><title>{site.brand.name}</title></head>'
    html = f'<!DOCTYPE html>\n<html lang="ru">\n{head}\n<body>{header}\n<main>{main}</main>\n{tail}</body>\n</html>'
    return Response(html.encode())


def _listed(turn: Turn, source: str) -> str:
    story, link = turn.leaf.story, attribute(turn.link(source))
    picture = f'<a href="{link}"><img src="{story.image.url}" alt=""></a>' if story.image else ""
    title = f'<h2><a href="{link}">{story.headline}</a></h2>'
    return f'<div class="short">{picture}{title}<p>{excerpt(story.body())}</p><span>{story.published:%H:%M}</span></div>'


def paged(shelf: Shelf, site: RegionalSite, turns: list[Turn], source: str, pages: Pages) -> None:
    """A listing over as many pages as its articles need; the last one has no link onward."""
    count = max(1, -(-len(turns) // pages.size))
    for number in range(1, count + 1):
        part = turns[(number - 1) * pages.size : number * pages.size]
        following = pages.url(number + 1) if number < count else ""
        shelf.put(pages.url(number), listing(site, part, source, following))


@dataclass(frozen=True)
class Pages:
    """Where the pages of a listing are: `first`, then `first` with `more` (a template of {page})."""

    first: str
    more: str
    size: int

    def url(self, number: int) -> str:
        return self.first if number == 1 else self.first + self.more.format(page=number)


def footer(brand: Brand) -> str:
    return f"<footer><p>© {brand.company}. Все права защищены. 16+</p>{counters()}</footer>"


def noted(turn: Turn, note: str) -> Turn:
    leaf = turn.leaf
    return replace(turn, leaf=replace(leaf, story=replace(leaf.story, note=note)))
