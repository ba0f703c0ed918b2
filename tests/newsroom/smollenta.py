"""smollenta.ru: dates without a year, bylines run into photo credits, news of the neighbouring region (seed 001)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta

from .announcing import Pages, paged, rss
from .html import sitemap
from .regional import THEMES, RegionalSite, Turn, noted
from .site import RSS, XML, Response, Shelf, redirect
from .story import Figure, Gallery, Story
from .text import slug
from .themes import Brand, Leaf, Parts, Theme
from .themes_clutter import Teaser, footer, menu, region_news, related, sidebar
from .themes_dates import MOSCOW

CREDITS = ("пресс-службы администрации Дубравска", "автора", "пресс-службы порта и www.prichal.example")


class Smollenta(RegionalSite):
    """Feed, WordPress sitemap and month archive; identity is year, month and slug of the address."""

    name = "smollenta"
    hosts = ("smollenta.ru",)
    label = "По теме"
    brand = Brand(
        name="СмолЛента",
        home="https://smollenta.ru",
        tagline="Новости области каждый день",
        company="Редакция СмолЛенты",
        menu=(
            ("Деловые новости", "/category/business"),
            ("Общество", "/category/society"),
            ("Новости регионов", "/category/regions"),
            ("Реклама", "/reklama"),
        ),
    )
    sections = (("Деловые новости", "/category/business"), ("Общество", "/category/society"))

    def programme(self) -> list[Turn]:
        turns = [self._turn(play, theme, number) for number, (play, theme) in enumerate(self.acts())]
        return [*self._redirected(turns), self._new_year(), *self._odd(len(turns))]

    def _turn(self, play: str, theme: Theme, number: int) -> Turn:
        leaf = self.leaf(play, theme, number, section=self.rng("section", number).choice(self.sections))
        tag = leaf.look.time_tag
        look = replace(leaf.look, shown="no-year", time_tag="" if tag == "day" else tag)
        if play == "seed-order":
            look = replace(look, aside="after", tags=False)
        leaf = replace(leaf, look=look, story=self._dressed(leaf))
        return self._placed(leaf, theme, leaf.story.published)

    def _placed(self, leaf: Leaf, theme: Theme, filed: datetime) -> Turn:
        """The page under the month it was filed in; two of one name are told apart as WordPress does."""
        path = f"{filed:%Y/%m}/{slug(leaf.story.headline, 48)}-{leaf.number + 2}"
        url = f"{self.brand.home}/{path}"
        sources = {"sitemap", "month"} | ({"feed"} if leaf.number < 15 else set())
        turn = Turn(replace(leaf, url=url), theme, f"{self.name}:{path}", url, frozenset(sources))
        return replace(turn, lastmod=leaf.story.modified or leaf.story.published)

    def _dressed(self, leaf: Leaf) -> Story:
        """Signatures in this paper's manner; a photo credit only where one picture can be meant by it."""
        rng, story = leaf.rng("dress"), leaf.story
        if leaf.play == "no-text":
            return replace(story, image=story.image and replace(story.image, caption="", credit=""))
        writer = self.desk(f"byline{leaf.number}").writer
        signed = leaf.play in ("seed-order", "signed") or rng.random() < 0.5
        names = [_loud(writer.person()) for _ in range(2 if leaf.play == "headings" else 1)]
        several = any(isinstance(block, Figure | Gallery) for block in story.blocks)
        credited = leaf.play == "seed-order" or rng.random() < 0.6
        credit = rng.choice(CREDITS) if credited and not several and leaf.play != "headings" else ""
        image = story.image and replace(story.image, caption="", credit=credit)
        return replace(story, image=image, authors=tuple(names) if signed else ())

    def _new_year(self) -> Turn:
        """Written before midnight of the thirty-first, filed in January, and the page names no year."""
        leaf = self._turn("plain", THEMES["dle-plain"], 300).leaf
        at = datetime.combine(
            self.today.replace(year=self.today.year - 1, month=12, day=31), time(23, 50), MOSCOW
        )
        leaf = replace(leaf, story=replace(leaf.story, published=at))
        turn = self._placed(leaf, THEMES["dle-plain"], at + timedelta(days=1))
        lastmod = datetime.combine(self.today, time(8, 15), MOSCOW)
        inside = (self.today - timedelta(days=1)).month == 1 or self.today.month == 1
        outcome = "article" if inside else "too-old"  # the month of its address, whenever it was last changed
        turn = replace(turn, sources=frozenset({"sitemap"}), lastmod=lastmod, outcome=outcome)
        return noted(turn, "31 December without a year, under an address of January")

    def _redirected(self, turns: list[Turn]) -> list[Turn]:
        old, slash, chain, tracked = (turns[n] for n in self.rng("odd").sample(range(12), 4))
        plain = chain.asked.replace("https:", "http:")
        changed = {
            old.asked: self._hopped(old, old.asked.replace("https:", "http:")),
            slash.asked: self._hopped(slash, f"{slash.asked}/"),
            chain.asked: self._hopped(chain, f"{plain}/", f"{chain.asked}/"),
            tracked.asked: noted(
                replace(tracked, links={"feed": f"{tracked.asked}?utm_source=rss&utm_medium=feed"}),
                "announced with a tracking query by the feed",
            ),
        }
        return [changed.get(turn.asked, turn) for turn in turns]

    def _hopped(self, turn: Turn, *hops: str) -> Turn:
        return noted(replace(turn, asked=hops[0], hops=hops), f"{len(hops)} redirects to the present address")

    def _odd(self, number: int) -> list[Turn]:
        """Links that end in no article."""
        empty = self._turn("no-text", THEMES["wordpress-plain"], number)
        mute = self._turn("no-text", THEMES["dle-og"], number + 1)
        lost, soft = (self._turn("plain", THEMES["wordpress-graph"], number + n) for n in (2, 3))
        at = datetime.combine(self.today - timedelta(days=40), time(16, 5), MOSCOW)
        past = self._turn("plain", THEMES["wordpress-graph"], number + 4).leaf
        past = replace(past, story=replace(past.story, published=at))
        old = replace(self._placed(past, THEMES["wordpress-graph"], at), sources=frozenset({"sitemap"}))
        return [
            noted(replace(empty, outcome="rejected"), "a title and a date, no text"),
            noted(replace(mute, outcome="rejected"), "a title and a date without a year, no text"),
            noted(replace(lost, outcome="http-error"), "announced and gone"),
            noted(replace(soft, outcome="not-an-article"), "an error page with status 200"),
            noted(replace(old, outcome="too-old"), "older than the window"),
        ]

    def ordered(self, leaf: Leaf, theme: Theme) -> Parts:
        """Title, date and rubric on one line, picture, text, signature; then what the neighbours write."""
        look, rng = leaf.look, leaf.rng("order")
        header = f"<header><a href='/'>{self.brand.name}</a>{menu(self.brand, look.css('menu'))}</header>"
        line = f"<div{look.css('info')}>{theme.when(leaf)} {theme.rubric(leaf)}</div>"
        crumb = f"<div{look.css('crumbs')}><a href='/'>Главная</a> / <span>{leaf.story.headline}</span></div>"
        first = [theme.title(leaf), line, theme.again(leaf)]
        if rng.random() < 0.4 and leaf.play != "seed-order":
            first = [crumb, line, theme.title(leaf), theme.again(leaf)]
        pieces = [*first, theme.lead(leaf), theme.text(leaf, self._signature(leaf)), theme.tags(leaf)]
        seen = self.others(leaf, rng.choice((0, 4)) if leaf.play != "seed-order" else 0)
        below = related(seen, "Читайте также", look.css("related"))
        below += region_news(self._neighbours(leaf), look.css("regions"))
        popular = self.others(leaf, 12, excerpts=leaf.play == "sidebar")
        side = sidebar(popular, "Популярное", look.css("widget", "widget")) if look.aside != "none" else ""
        return Parts(header, "\n".join(filter(None, pieces)), below, side, footer(self.brand))

    def _signature(self, leaf: Leaf) -> str:
        """`Имя ФАМИЛИЯ Фото …` as the last paragraph, in the manner of the paragraphs."""
        story = leaf.story
        names = ", ".join(story.authors)
        credit = story.image.credit if story.image else ""
        glue = " Фото " if leaf.play == "seed-order" else leaf.rng("glue").choice((" Фото ", ". Фото: "))
        words = (
            f"{names}{glue}{credit}" if names and credit else names or (f"Фото: {credit}" if credit else "")
        )
        if not words:
            return ""
        if leaf.look.paragraphs == "br":
            return f"<br><br>\n{words}"
        tag = leaf.look.paragraphs
        return f"<{tag}><em>{words}</em></{tag}>" if leaf.look.flavour else f"<{tag}>{words}</{tag}>"

    def _neighbours(self, leaf: Leaf) -> list[Teaser]:
        """Six pieces of the sister site, which change with every visit and are not this site's."""
        writer = self.desk(f"neighbours{leaf.number}").writer
        at = datetime.combine(self.today, time(15, 7), MOSCOW)
        return [
            Teaser(
                writer.headline(),
                f"https://go32.example/n{n}",
                at - timedelta(hours=3 * n),
                writer.paragraph(3, 4),
            )
            for n in range(6)
        ]

    def announce(self, shelf: Shelf, turns: list[Turn]) -> None:
        home = self.brand.home
        fed = [turn for turn in turns if "feed" in turn.sources]
        declaration = '<?xml version="1.0" encoding="UTF-8"?>\n'
        shelf.put(f"{home}/feed/", Response((declaration + rss(self, fed, "feed")).encode(), headers=RSS))
        self._sitemaps(shelf, turns)
        for month in sorted({f"{day:%Y/%m}" for day in (self.today, self.today - timedelta(days=1))}):
            filed = [turn for turn in turns if "month" in turn.sources and f"/{month}/" in turn.leaf.url]
            paged(shelf, self, filed, "month", Pages(f"{home}/{month}/", "page/{page}/", 12))
        shelf.put("http://smollenta.ru/robots.txt", redirect(f"{home}/robots.txt"))

    def _sitemaps(self, shelf: Shelf, turns: list[Turn]) -> None:
        home = self.brand.home
        posts = [
            (t.link("sitemap"), t.lastmod.isoformat() if t.lastmod else "")
            for t in turns
            if "sitemap" in t.sources
        ]
        pages = [(f"{home}{path}", "") for _, path in self.brand.menu]
        parts = {"posts-post-1": posts, "posts-page-1": pages}
        index = [(f"{home}/wp-sitemap-{part}.xml", "") for part in parts]
        shelf.put(f"{home}/wp-sitemap.xml", Response(sitemap(index, index=True).encode(), headers=XML))
        for part, entries in parts.items():
            shelf.put(f"{home}/wp-sitemap-{part}.xml", Response(sitemap(entries).encode(), headers=XML))

    def put_page(self, shelf: Shelf, turn: Turn) -> None:
        super().put_page(shelf, turn)
        for form in turn.links.values():
            shelf.put(form, self.answer(turn))


def _loud(person: str) -> str:
    name, _, surname = person.partition(" ")
    return f"{name} {surname.upper()}"
