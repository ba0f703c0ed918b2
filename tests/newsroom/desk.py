"""The desk: makes plain stories of ordinary shape, which a site then marks up and burdens with its oddities."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .story import (
    Block,
    Embed,
    Figure,
    Gallery,
    Heading,
    Image,
    Items,
    Paragraph,
    Player,
    Quote,
    ReadAlso,
    Story,
    Summary,
    Table,
)
from .text import Writer

if TYPE_CHECKING:
    import random
    from collections.abc import Callable
    from datetime import datetime


class Desk:
    """Makes stories for one site: `picture(n)` gives the URL of the n-th picture, `quotes`/`dash` the typography."""

    def __init__(
        self, rng: random.Random, picture: Callable[[int], str], quotes: str = "«»", dash: str = "—"
    ) -> None:
        self.rng, self._picture = rng, picture
        self.writer = Writer(rng, quotes, dash)
        self._pictures = 0

    def story(self, key: str, published: datetime, *, paragraphs: int = 0) -> Story:
        """Headline, three to seven paragraphs (one of them speech), a section, tags and a lead picture."""
        writer = self.writer
        number = paragraphs or self.rng.randint(3, 7)
        texts = [writer.speech() if at == 1 else writer.paragraph() for at in range(number)]
        return Story(
            key=key,
            headline=writer.headline(),
            published=published,
            blocks=tuple(Paragraph(text) for text in texts),
            section=writer.section(),
            tags=writer.tags(self.rng.randint(1, 4)),
            image=self.image(),
        )

    def image(self) -> Image:
        self._pictures += 1
        return Image(self._picture(self._pictures), self.writer.caption(), self.writer.credit())

    def heading(self, level: int = 2) -> Heading:
        return Heading(self.writer.headline(), level)

    def quote(self, number: int = 1) -> Quote:
        return Quote(tuple(self.writer.said() for _ in range(number)))

    def items(self, number: int = 4, *, ordered: bool = False) -> Items:
        return Items(tuple(self.writer.item() for _ in range(number)), ordered)

    def table(self, number: int = 3) -> Table:
        return Table(self.writer.rows(number))

    def figure(self) -> Figure:
        return Figure(self.image())

    def gallery(self, number: int = 3) -> Gallery:
        return Gallery(tuple(self.image() for _ in range(number)), self.writer.headline())

    def read_also(self, url: str) -> ReadAlso:
        return ReadAlso(self.writer.headline(), url)

    def embed(self, kind: str = "telegram") -> Embed:
        return Embed(kind, self.writer.sentence())

    def player(self) -> Player:
        return Player(self.writer.headline())

    def summary(self, number: int = 3) -> Summary:
        return Summary(tuple(self.writer.sentence() for _ in range(number)))


def inserted(story: Story, *blocks: Block, at: int = 2) -> Story:
    """The story with blocks put between its paragraphs, from position `at` on, every second place."""
    out = list(story.blocks)
    for number, block in enumerate(blocks):
        out.insert(min(at + 2 * number, len(out)), block)
    return replace(story, blocks=tuple(out))
