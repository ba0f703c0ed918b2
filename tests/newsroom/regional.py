"""What the three small sites share: a programme of stories, themes mixed by the seed, answers and the truth."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import ClassVar, Literal

from .desk import Desk
from .plays import Stage
from .site import GONE, NOT_FOUND, TEXT, Response, Shelf, Site, redirect
from .story import Expected, Paragraph, Story
from .themes import Brand, Leaf, Look, Parts, Theme, article, charset_meta, drawn, encoded
from .themes_bitrix import Bitrix
from .themes_clutter import Teaser, menu, search_form, sidebar
from .themes_dates import MOSCOW
from .themes_dle import DataLifeGraph, DataLifePlain
from .themes_wordpress import WordPressGraph, WordPressPlain

THEMES: dict[str, Theme] = {
    theme.name: theme
    for theme in (WordPressGraph(), WordPressPlain(), DataLifeGraph(), DataLifePlain(), Bitrix())
}
PROGRAMME = (
    "seed-order", "short", "long", "read-also", "hidden", "gallery", "figure", "quotes", "lists", "table", "headings",
    "embeds", "player", "adverts", "poll", "broken", "single-br", "comments", "sidebar", "signed", "modified",
    "no-image", "crowded", "endless",
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

    def burdened(self, leaf: Leaf, theme: Theme) -> Parts:
        """The page in its order, with what some plays put around an article."""
        parts = self.ordered(leaf, theme)
        if leaf.play == "endless":
            return replace(parts, below=f"{parts.below}\n{self._following(leaf, theme)}")
        if leaf.play == "broken":
            return replace(parts, header=f'{parts.header}<div class="{leaf.look.name("top")}"><span>')
        return parts

    def _following(self, leaf: Leaf, theme: Theme) -> str:
        """The next article, as a script appends it when the visitor has read to the end."""
        desk = self.desk(f"following{leaf.number}")
        story = desk.story("following", leaf.story.published - timedelta(minutes=50), paragraphs=9)
        url = f"{self.brand.home}/elsewhere/?item=next"
        after = replace(leaf, story=replace(story, image=None), url=url, look=replace(leaf.look, tags=False))
        title = f"<h2{theme.css(leaf, 'title')}><a href='{url}'>{story.headline}</a></h2>"
        box = f"{title}\n{theme.when(after)}\n{theme.text(after)}"
        return f'<article{theme.css(leaf, "article")} data-url="{url}">\n{box}\n</article>'

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
            html = theme.page(leaf, self.burdened(leaf, theme))
        body, content_type = encoded(leaf, html)
        framing: Literal["length", "chunked", "close"] = leaf.rng("framing").choice(
            ("length", "chunked", "close")
        )
        return Response(
            body,
            headers=(("Content-Type", content_type),),
            framing=framing,
            etag=leaf.number % 3 == 0,
            dated=leaf.number % 3 == 1,
        )

    def no_article(self, leaf: Leaf) -> str:
        """A page with status 200 that holds no article: a form under a heading, or an error box."""
        if leaf.play == "contact":
            css, robots, main = "page", "index", _contact_form()
        elif leaf.look.flavour:
            css, robots, main = "error404", "noindex", f"<h1>Страница не найдена</h1>{search_form('')}"
        else:
            css, robots = "static", "noindex"
            main = '<div class="berrors"><b>Внимание, ошибка</b><br />По этому адресу ничего нет.</div>'
        aside = sidebar(self.others(leaf, 5), "Свежее", ' class="widget"')
        head = f"<title>{self.brand.name}</title>\n<meta name='robots' content='{robots}'>"
        body = f'<body class="{css}">{menu(self.brand, "")}\n<main>{main}</main>\n{aside}\n</body>'
        return (
            f'<!DOCTYPE html><html lang="ru">\n<head>{charset_meta(leaf.look)}\n{head}</head>\n{body}</html>'
        )

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

    def desk(self, key: object, folder: str = "images") -> Desk:
        """A writer of its own for each matter; pictures are named as if they lay in the folder."""
        stem = f"{self.brand.home}/{folder.format(self.today)}/{key}"
        return Desk(self.rng("desk", key), lambda n: f"{stem}-{n}.jpg", dash=self.dash)

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

    def story(self, play: str, number: int, theme: Theme) -> Story:
        desk, at = self.desk(number, theme.uploads), self.hour(number)
        stage = Stage(desk, f"{self.brand.home}/elsewhere/?item={number}", self.label)
        return stage.played(play, desk.story(str(number), at))

    def look(self, theme: Theme, number: object) -> Look:
        rng = self.rng("look", number)
        look = drawn(rng, f"{self.seed}:{self.name}:{number}")
        look = replace(look, shown=rng.choice(theme.shown), time_tag=rng.choice(theme.time_tags))
        return replace(look, time_tag="") if look.shown == "relative" else look

    def leaf(self, play: str, theme: Theme, number: int, **differences: object) -> Leaf:
        """A page before it has its address."""
        story = self.story(play, number, theme)
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


def _contact_form() -> str:
    names = ("Имя", "Телефон", "Сообщение")
    fields = "".join(f"<label>{name} <input name='{name}'></label>" for name in names)
    place = '<iframe src="https://yandex.ru/map-widget/v1/?um=constructor" width="600"></iframe>'
    return f"<h1>Обратная связь</h1>{place}<form action='/mail' method='post'>{fields}<button>Отправить</button></form>"


def noted(turn: Turn, note: str) -> Turn:
    leaf = turn.leaf
    return replace(turn, leaf=replace(leaf, story=replace(leaf.story, note=note)))
