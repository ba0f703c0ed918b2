"""The nasty things that a page of a small site can do, each made on a plain story."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from .desk import Desk, inserted
from .story import Block, Embed, Figure, Gallery, Heading, Image, Notice, Paragraph, Player, ReadAlso, Story

if TYPE_CHECKING:
    from collections.abc import Callable

NOTES = {
    "plain": "an ordinary article",
    "seed-order": "the order of text of the site's seed",
    "short": "two sentences",
    "long": "fifty paragraphs",
    "read-also": "read-also blocks between the paragraphs",
    "hidden": "the whole text a second time, hidden",
    "gallery": "a gallery between the paragraphs",
    "figure": "a picture with a caption between the paragraphs",
    "quotes": "quotations of several paragraphs",
    "lists": "a bulleted and a numbered list",
    "table": "a table with empty cells",
    "headings": "subheadings of two levels",
    "embeds": "posts of four networks",
    "player": "a video player with the words it shows without scripts",
    "adverts": "adverts between the paragraphs",
    "poll": "a poll and a call to subscribe between the paragraphs",
    "broken": "unclosed and crossed tags",
    "single-br": "single line breaks inside paragraphs",
    "comments": "comments longer than the text",
    "sidebar": "a side column longer than the text",
    "signed": "a visible byline",
    "modified": "changed after it was published",
    "no-image": "no picture at all",
    "crowded": "many of the above at once",
    "endless": "a second whole article below the first",
}


class Stage:
    """Plays a named thing on a story; `elsewhere` is where read-also links lead, `label` how the site names them."""

    def __init__(self, desk: Desk, elsewhere: str, label: str) -> None:
        self.desk, self.elsewhere, self.label = desk, elsewhere, label

    def played(self, name: str, story: Story) -> Story:
        act: Callable[[Story], Story] | None = getattr(self, "_" + name.replace("-", "_"), None)
        return replace(act(story) if act else story, note=NOTES.get(name, name))

    def _picture(self, caption: str = "") -> Image:
        return replace(self.desk.image(), caption=caption, credit="")

    def _short(self, story: Story) -> Story:
        writer = self.desk.writer
        return story.with_blocks([Paragraph(writer.sentence()), Paragraph(writer.sentence())])

    def _comments(self, story: Story) -> Story:
        return self._short(story)

    def _sidebar(self, story: Story) -> Story:
        return self._short(story)

    def _long(self, story: Story) -> Story:
        return story.with_blocks(Paragraph(self.desk.writer.paragraph()) for _ in range(50))

    def _read_also(self, story: Story) -> Story:
        return inserted(story, *(self._also() for _ in range(2)), at=1)

    def _also(self) -> ReadAlso:
        return replace(self.desk.read_also(self.elsewhere), label=self.label)

    def _hidden(self, story: Story) -> Story:
        return inserted(story, Notice("hidden", " ".join(story.body().split())), at=0)

    def _gallery(self, story: Story) -> Story:
        return inserted(story, Gallery(tuple(self._picture() for _ in range(4))))

    def _figure(self, story: Story) -> Story:
        return inserted(story, *(Figure(self._picture(self.desk.writer.caption())) for _ in range(2)), at=1)

    def _quotes(self, story: Story) -> Story:
        return inserted(story, self.desk.quote(2), self.desk.quote(1), at=1)

    def _lists(self, story: Story) -> Story:
        return inserted(story, self.desk.items(5), self.desk.items(3, ordered=True), at=1)

    def _table(self, story: Story) -> Story:
        table = self.desk.table(4)
        rows = (*table.rows[:2], (table.rows[2][0], "", table.rows[2][2]), *table.rows[3:])
        return inserted(story, replace(table, rows=rows), at=1)

    def _headings(self, story: Story) -> Story:
        return inserted(story, self.desk.heading(2), self.desk.heading(3), at=1)

    def _embeds(self, story: Story) -> Story:
        return inserted(
            story, *(self.desk.embed(kind) for kind in ("twitter", "telegram", "vk", "instagram")), at=1
        )

    def _player(self, story: Story) -> Story:
        return inserted(story, Player(self.desk.writer.headline()), at=1)

    def _adverts(self, story: Story) -> Story:
        return inserted(story, *(Notice("advert", self.desk.writer.sentence()) for _ in range(2)), at=1)

    def _poll(self, story: Story) -> Story:
        poll = Notice("poll", self.desk.writer.headline() + "?")
        return inserted(story, poll, Notice("subscribe", "Подписывайтесь на наш канал в Telegram"), at=1)

    def _single_br(self, story: Story) -> Story:
        return story

    def _signed(self, story: Story) -> Story:
        return replace(story, authors=(self.desk.writer.person(),))

    def _modified(self, story: Story) -> Story:
        return replace(story, modified=story.published + timedelta(hours=1, minutes=7, seconds=11))

    def _no_image(self, story: Story) -> Story:
        return replace(story, image=None)

    def _no_text(self, story: Story) -> Story:
        return story.with_blocks([])

    def _crowded(self, story: Story) -> Story:
        writer = self.desk.writer
        blocks: list[Block] = [
            Notice("hidden", writer.paragraph()),
            Paragraph(writer.paragraph()),
            self._also(),
            Paragraph(writer.speech()),
            Heading(writer.headline(), 3),
            self.desk.items(3),
            Figure(self._picture(writer.caption())),
            Paragraph(writer.paragraph()),
            Embed("telegram", writer.sentence()),
            self.desk.quote(1),
            Notice("advert", writer.sentence()),
            Player(writer.headline()),
            Paragraph(writer.paragraph()),
        ]
        return story.with_blocks(blocks)
