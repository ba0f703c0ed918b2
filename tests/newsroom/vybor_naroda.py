"""vybor-naroda.org: «Выбор народа», a portal that also answers under its bare address (seed 000)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from . import words
from .announcing import Pages, paged, rss
from .regional import THEMES, RegionalSite, Turn, noted
from .site import Response, Shelf, redirect
from .story import Paragraph, Story
from .text import slug
from .themes import Brand, Leaf, Parts, Theme
from .themes_clutter import Teaser, footer, glued_feed, menu, month_calendar, question_form
from .themes_dates import MOSCOW

if TYPE_CHECKING:
    from collections.abc import Iterable

ADDRESS = "http://83.69.226.28"
DECKED = ("seed-order", "figure", "quotes", "adverts", "plain")
SOURCES_OF_PHOTOS = (
    "gorod-dubravsk.example",
    "пресс-служба округа",
    "Из открытых источников",
    "muzej.example",
)


class VyborNaroda(RegionalSite):
    """Feeds (one with full texts), day archive of DLE; identity is the number in the address."""

    name = "vybor_naroda"
    hosts = ("vybor-naroda.org", "83.69.226.28")
    brand = Brand(
        name="Выбор народа",
        home="http://vybor-naroda.org",
        tagline="Портал о выборах и о том, что между ними",
        company="АНО «Центр ПРИСП»",
        menu=(
            ("Эксклюзив", "/vn_exclusive/"),
            ("Лента новостей", "/lentanovostey/"),
            ("О портале", "/o-portale.html"),
            ("Контакты", "/o_portale/12-kontakty.html"),
        ),
    )
    sections = (("Эксклюзив ВН", "/vn_exclusive/"), ("Лента новостей", "/lentanovostey/"))

    def programme(self) -> list[Turn]:
        turns = [self._turn(play, theme, number) for number, (play, theme) in enumerate(self.acts())]
        return [*self._redirected(turns), *self._odd(len(turns))]

    def _turn(self, play: str, theme: Theme, number: int) -> Turn:
        leaf = self.leaf(
            play, theme, number, rubric=False, section=self.rng("section", number).choice(self.sections)
        )
        if play == "seed-order":
            leaf = replace(
                leaf, look=replace(leaf.look, aside="after", shown="full", time_tag="", tags=False)
            )
        return self._placed(replace(leaf, story=self._dressed(leaf)), theme)

    def _placed(self, leaf: Leaf, theme: Theme) -> Turn:
        """The page under its address: numbers run across the sections, about 61 a day."""
        number = 290700 + 61 * (self.today - date(2025, 8, 26)).days - leaf.number
        url = f"{self.brand.home}{leaf.section[1]}{number}-{slug(leaf.story.headline)}.html"
        exclusive = leaf.section == self.sections[0]
        sources = {"day"} | ({"feed"} if leaf.number % 7 else set()) | ({"exclusive"} if exclusive else set())
        leaf = replace(leaf, url=url, number=number)
        return Turn(leaf, theme, f"{self.name}:{number}", url, frozenset(sources))

    def _dressed(self, leaf: Leaf) -> Story:
        """The photo's source as this site names it, and on some pages the deck that names whose text it is."""
        rng, story = leaf.rng("dress"), leaf.story
        if story.image:
            story = replace(
                story, image=replace(story.image, caption="", credit=rng.choice(SOURCES_OF_PHOTOS))
            )
        if leaf.play not in DECKED or (leaf.play == "plain" and rng.random() < 0.6):
            return story
        person = self.desk(f"deck{leaf.number}").writer.person()
        post = rng.choice(words.POSTS)[0].capitalize()
        deck = f"{post} {person} – о плане {rng.choice(words.MATTERS)}."
        return replace(story, blocks=(Paragraph(deck), *story.blocks), authors=(person,))

    def _redirected(self, turns: list[Turn]) -> list[Turn]:
        """Some are announced under the bare address, under a former title or in a former section."""
        bare, both, renamed, moved = (turns[n] for n in self.rng("odd").sample(range(10, len(turns)), 4))
        changed = {
            bare.asked: noted(self._bare(bare, bare.sources), "announced only under the bare IP address"),
            both.asked: noted(self._bare(both, {"day"}), "announced under two hosts"),
            renamed.asked: self._hopped(renamed, _former(renamed.asked, title=True)),
            moved.asked: self._hopped(
                moved, _former(moved.asked, section=True), _former(moved.asked, title=True)
            ),
        }
        return [changed.get(turn.asked, turn) for turn in turns]

    def _bare(self, turn: Turn, sources: Iterable[str]) -> Turn:
        return replace(turn, links=dict.fromkeys(sources, turn.asked.replace(self.brand.home, ADDRESS)))

    def _hopped(self, turn: Turn, *hops: str) -> Turn:
        return noted(replace(turn, asked=hops[0], hops=hops), f"{len(hops)} redirects to the present address")

    def _odd(self, number: int) -> list[Turn]:
        """Links that end in no article."""
        graph, old = THEMES["wordpress-graph"], THEMES["dle-plain"]
        empty = self._turn("no-text", graph, number)
        dated = replace(self._turn("no-text", old, number + 1).leaf.look, shown="full")
        mute = self._turn("no-text", old, number + 1)
        mute = replace(mute, leaf=replace(mute.leaf, look=dated))
        lost, soft = (self._turn("plain", old, number + n) for n in (2, 3))
        contact = self._turn("contact", old, number + 4)
        at = datetime.combine(self.today - timedelta(days=9), time(13, 5), MOSCOW)
        past = self._turn("plain", graph, number + 700)
        past = replace(past, leaf=replace(past.leaf, story=replace(past.leaf.story, published=at)))
        return [
            noted(replace(empty, outcome="rejected"), "a title and a date, no text"),
            noted(replace(mute, outcome="rejected"), "a title and a visible date, no text"),
            noted(replace(lost, outcome="http-error"), "announced and gone"),
            noted(replace(soft, outcome="not-an-article"), "an error page with status 200"),
            self._contact(contact),
            noted(
                replace(past, outcome="too-old", sources=frozenset({"exclusive"})), "older than the window"
            ),
        ]

    def _contact(self, turn: Turn) -> Turn:
        url = f"{self.brand.home}/o_portale/12-kontakty.html"
        leaf = replace(turn.leaf, url=url, number=12, story=replace(turn.leaf.story, headline="Контакты"))
        turn = Turn(leaf, turn.theme, f"{self.name}:12", url, frozenset({"menu"}), "not-an-article")
        return noted(turn, "a form under an address like an article's")

    def ordered(self, leaf: Leaf, theme: Theme) -> Parts:
        """Site line, menu, date, title, picture with credit, text, «Печать»; then feed, form, calendar."""
        look = leaf.look
        line = f"<div{look.css('line')}>Портал разработан и поддерживается {self.brand.company}</div>"
        header = f"<header>{line}\n<div>Меню</div>{menu(self.brand, look.css('menu'))}</header>"
        image = leaf.story.image
        credit = f"Фото с сайта:<br>\n{image.credit}" if image else ""
        link = leaf.url.replace(f"{leaf.number}-", f"print:page,1,{leaf.number}-")
        printed = f'<div{look.css("print")}><a href="{link}" rel="nofollow">Печать</a></div>'
        pieces = (
            f"<div{look.css('meta')}>{theme.when(leaf)}</div>",
            theme.title(leaf),
            theme.again(leaf),
            byline(leaf, theme),
            theme.lead(leaf, credit),
            theme.text(leaf),
            theme.tags(leaf),
            printed,
        )
        return Parts(header, "\n".join(filter(None, pieces)), "", self._side(leaf), footer(self.brand))

    def _side(self, leaf: Leaf) -> str:
        look = leaf.look
        others = self.others(leaf, 27, excerpts=False)
        own = Teaser(leaf.story.headline, leaf.url, leaf.story.published)
        feed = glued_feed([*others[:9], own, *others[9:]], look.css("feed"))
        archive = (
            f"<div{look.css('archive')}><div>Архив</div>{month_calendar(self.brand.home, self.today)}</div>"
        )
        return f"{feed}\n{question_form(look.css('form'))}\n{archive}"

    def announce(self, shelf: Shelf, turns: list[Turn]) -> None:
        home = self.brand.home
        news = [turn for turn in turns if "feed" in turn.sources][:30]
        exclusive = [turn for turn in turns if "exclusive" in turn.sources]
        shelf.put(f"{home}/rss.xml", self._feed(rss(self, news, "feed")))
        shelf.put(
            f"{home}/vn_exclusive/rss.xml", self._feed(rss(self, exclusive, "exclusive", "yandex:full-text"))
        )
        for day in (self.today, self.today - timedelta(days=1)):
            of_day = [
                turn for turn in turns if "day" in turn.sources and turn.leaf.story.published.date() == day
            ]
            paged(shelf, self, of_day, "day", Pages(f"{home}/{day:%Y/%m/%d}/", "page/{page}/", 9))
        shelf.put(f"{ADDRESS}/robots.txt", redirect(f"{home}/robots.txt"))

    def put_page(self, shelf: Shelf, turn: Turn) -> None:
        super().put_page(shelf, turn)
        shelf.put(turn.leaf.url.replace(self.brand.home, ADDRESS), self.answer(turn))

    def _feed(self, text: str) -> Response:
        coding = self.rng("feed").choice(("windows-1251", "utf-8"))
        body = f'<?xml version="1.0" encoding="{coding}"?>\n{text}'.encode(coding, "xmlcharrefreplace")
        return Response(body, headers=(("Content-Type", "application/rss+xml"),))


def byline(leaf: Leaf, theme: Theme) -> str:
    """«Автор: …» where somebody signed; a deck names its author itself."""
    story = leaf.story
    deck = story.blocks[0].text if story.blocks and isinstance(story.blocks[0], Paragraph) else ""
    if not story.authors or story.authors[0] in deck:
        return ""
    links = ", ".join(
        f'<a href="{leaf.brand.home}/user/{n}/" rel="author">{name}</a>'
        for n, name in enumerate(story.authors)
    )
    return f"<div{theme.css(leaf, 'byline')}>Автор: {links}</div>"


def _former(url: str, *, title: bool = False, section: bool = False) -> str:
    """The address before the article was renamed, or moved to another section."""
    if title:
        url = url.replace(".html", "-utochnyaetsya.html")
    if section:
        return (
            url.replace("/vn_exclusive/", "/x/")
            .replace("/lentanovostey/", "/vn_exclusive/")
            .replace("/x/", "/lentanovostey/")
        )
    return url
