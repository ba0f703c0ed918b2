"""sn-gazeta.ru: «Смоленская народная газета», now WordPress, now Bitrix, and often without any date (seed 004)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

from .announcing import Pages, paged, rss
from .html import sitemap
from .regional import THEMES, RegionalSite, Turn, noted
from .site import RSS, XML, Response, Shelf, redirect
from .story import Figure, Gallery, Paragraph, Story
from .text import slug
from .themes import Brand, Leaf, Parts, Theme
from .themes_clutter import footer, menu, related, search_form, sidebar
from .themes_dates import MOSCOW

SECTIONS = {"politics": "Власть", "society": "Общество", "economy": "Экономика"}
KITCHEN = "/o-gazete/kontakty-redakcii/"


class SnGazeta(RegionalSite):
    """Section listings, one feed and a sitemap in the manner of the system the seed chooses; identity is the path."""

    name = "sn_gazeta"
    hosts = ("sn-gazeta.ru",)
    brand = Brand(
        name="Смоленская народная газета",
        home="https://sn-gazeta.ru",
        tagline="Газета для всей области",
        company="Смоленская народная газета",
        menu=(*((name, f"/{path}/") for path, name in SECTIONS.items()), ("Контакты", KITCHEN)),
    )

    def __init__(self, seed: int, today: date) -> None:
        super().__init__(seed, today)
        self.bitrix = self.rng("house").random() < 0.5

    def programme(self) -> list[Turn]:
        turns = [self._turn(play, theme, number) for number, (play, theme) in enumerate(self.acts())]
        return [*self._redirected(turns), *self._odd(len(turns))]

    def _turn(self, play: str, theme: Theme, number: int) -> Turn:
        path = "politics" if play == "seed-order" else self.rng("section", number).choice(list(SECTIONS))
        leaf = self.leaf(play, theme, number, section=(SECTIONS[path], f"/{path}/"))
        if play == "seed-order" or (self.rng("undated", number).random() < 0.5 and play != "no-text"):
            leaf = replace(leaf, look=replace(leaf.look, shown="", time_tag=""))
        if play == "seed-order":
            leaf = replace(leaf, look=replace(leaf.look, aside="after", tags=False))
        return self._placed(replace(leaf, story=self._dressed(leaf)), theme)

    def _placed(self, leaf: Leaf, theme: Theme) -> Turn:
        path = f"{leaf.section[1].strip('/')}/{slug(leaf.story.headline, 90)}-{leaf.number + 2}"
        url = f"{self.brand.home}/{path}/"
        sources = {"sitemap", "section"} | ({"feed"} if leaf.number < 20 else set())
        turn = Turn(replace(leaf, url=url), theme, f"{self.name}:{path}", url, frozenset(sources))
        return replace(turn, lastmod=leaf.story.modified or leaf.story.published)

    def _dressed(self, leaf: Leaf) -> Story:
        """A caption or a credit under the picture, never both; now and then a signature with a photographer."""
        rng, story, desk = leaf.rng("dress"), leaf.story, self.desk(f"dress{leaf.number}")
        image = story.image
        if image:
            image = replace(image, caption="") if rng.random() < 0.5 else replace(image, credit="")
        if leaf.play == "seed-order":
            sentence = desk.writer.sentence()
            said = f"Сегодня, 21 октября, {sentence[:1].lower()}{sentence[1:]}"
            story = replace(story, blocks=(*story.blocks, Paragraph(said)))
        several = any(isinstance(block, Figure | Gallery) for block in story.blocks)
        if leaf.play == "plain" and image and not several and rng.random() < 0.3:
            image = replace(image, caption="", credit=desk.writer.person())
            story = replace(story, authors=(desk.writer.person(),))
        return replace(story, image=image)

    def _redirected(self, turns: list[Turn]) -> list[Turn]:
        insecure = self.rng("odd").sample(range(1, len(turns)), 2)
        for number in insecure:
            turn = turns[number]
            hop = turn.asked.replace("https:", "http:")
            turns[number] = noted(replace(turn, asked=hop, hops=(hop,)), "redirected from http to https")
        return turns

    def _odd(self, number: int) -> list[Turn]:
        """Links that end in no article."""
        empty = self._turn("no-text", THEMES["wordpress-graph"], number)
        lost, soft = (self._turn("plain", THEMES["dle-plain"], number + n) for n in (1, 2))
        at = datetime.combine(self.today - timedelta(days=15), time(10, 45), MOSCOW)
        past = self._turn("plain", THEMES["wordpress-graph"], number + 3).leaf
        old = self._placed(replace(past, story=replace(past.story, published=at)), THEMES["wordpress-graph"])
        return [
            noted(replace(empty, outcome="rejected"), "a title and a date, no text"),
            noted(replace(lost, outcome="http-error"), "announced and gone"),
            noted(replace(soft, outcome="not-an-article"), "an error page with status 200"),
            self._contact(number + 4),
            noted(replace(old, outcome="too-old", sources=frozenset({"sitemap"})), "older than the window"),
        ]

    def _contact(self, number: int) -> Turn:
        leaf = self._turn("contact", THEMES["bitrix"], number).leaf
        url = f"{self.brand.home}{KITCHEN}"
        leaf = replace(leaf, url=url, story=replace(leaf.story, headline="Контакты редакции"))
        turn = Turn(
            leaf,
            THEMES["bitrix"],
            f"{self.name}:{KITCHEN.strip('/')}",
            url,
            frozenset({"menu"}),
            "not-an-article",
        )
        return noted(turn, "a form under an address like an article's")

    def ordered(self, leaf: Leaf, theme: Theme) -> Parts:
        """Crumb, kicker, title, rubric, picture, text, signature and the paper's own name."""
        look, rng = leaf.look, leaf.rng("order")
        header = f"<header><a href='/'>{self.brand.name}</a>{menu(self.brand, look.css('menu'))}</header>"
        crumb = f"<div{look.css('crumbs', 'breadcrumb')}><a href='/'>Главная</a> <span>...</span></div>"
        teased = leaf.play == "seed-order" or rng.random() < 0.3
        kicker = self.desk(f"kicker{leaf.number}").writer.headline()
        pieces = (
            crumb,
            f"<div{look.css('kicker', 'entry-kicker')}>{kicker}</div>" if teased else "",
            theme.title(leaf),
            theme.again(leaf),
            f"<div{look.css('meta')}>{theme.rubric(leaf)} {theme.when(leaf)}</div>",
            theme.lead(leaf, self._credit(leaf)),
            theme.text(leaf, self._tail(leaf)),
            theme.tags(leaf),
        )
        below = related(self.others(leaf, 4), "Другие материалы рубрики", look.css("related"))
        news = self.others(leaf, 10, excerpts=leaf.play == "sidebar")
        side = f"{search_form('')}\n{sidebar(news, 'Новости', look.css('widget', 'widget'))}"
        aside = side if look.aside != "none" else ""
        return Parts(header, "\n".join(filter(None, pieces)), below, aside, footer(self.brand))

    def _credit(self, leaf: Leaf) -> str:
        image = leaf.story.image
        return f"Фото: {image.credit}" if image and image.credit and not self._glued(leaf) else ""

    def _glued(self, leaf: Leaf) -> bool:
        """Whether the credit stands in the signature and not under the picture."""
        return bool(leaf.play == "plain" and leaf.story.authors and leaf.story.image)

    def _tail(self, leaf: Leaf) -> str:
        """`Автор: …`, then the paper's name, as the last paragraphs of the text."""
        story = leaf.story
        names = ", ".join(story.authors)
        sign = f"Текст: {names}. Фото: {story.image.credit}" if self._glued(leaf) and story.image else ""
        words = [sign or (f"Автор: {names}" if names else ""), self.brand.name]
        if leaf.look.paragraphs == "br":
            return "".join(f"<br><br>\n{word}" for word in words if word)
        tag = leaf.look.paragraphs
        return "\n".join(f"<{tag}>{word}</{tag}>" for word in words if word)

    def announce(self, shelf: Shelf, turns: list[Turn]) -> None:
        home = self.brand.home
        more = "?PAGEN_1={page}" if self.bitrix else "page/{page}/"
        for path in SECTIONS:
            listed = [t for t in turns if "section" in t.sources and t.leaf.section[1] == f"/{path}/"]
            paged(shelf, self, listed, "section", Pages(f"{home}/{path}/", more, 7))
        fed = rss(self, [turn for turn in turns if "feed" in turn.sources], "feed")
        feed = "rss" if self.bitrix else "feed"
        declared = f'<?xml version="1.0" encoding="UTF-8"?>\n{fed}'
        shelf.put(f"{home}/{feed}/", Response(declared.encode(), headers=RSS))
        self._sitemaps(shelf, turns)
        shelf.put("http://sn-gazeta.ru/robots.txt", redirect(f"{home}/robots.txt"))

    def _sitemaps(self, shelf: Shelf, turns: list[Turn]) -> None:
        """Bitrix: an index of parts; WordPress: the usual address leads to the plugin's index."""
        home = self.brand.home
        named = [turn for turn in turns if "sitemap" in turn.sources]
        posts = [(turn.link("sitemap"), turn.lastmod.isoformat() if turn.lastmod else "") for turn in named]
        part = f"{home}/{'sitemap-iblock-3' if self.bitrix else 'post-sitemap'}.xml"
        index = Response(sitemap([(part, "")], index=True).encode(), headers=XML)
        if self.bitrix:
            shelf.put(f"{home}/sitemap.xml", index)
        else:
            shelf.put(f"{home}/sitemap.xml", redirect(f"{home}/sitemap_index.xml"))
            shelf.put(f"{home}/sitemap_index.xml", index)
        shelf.put(part, Response(sitemap(posts).encode(), headers=XML))
