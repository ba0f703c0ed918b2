"""The boxes inside a text that are no text."""

from __future__ import annotations

import pytest
from lxml import html

from crawler.boxes import boxes
from crawler.text import paragraphs

TEXT = [
    "Первый абзац рассказывает о мосте и о том, кто и как его красил две недели.",
    "Второй абзац кончает рассказ о мосте.",
]


def read(inside: str, name: str = "w") -> list[str]:
    page = f"<div><p class={name}>{TEXT[0] * 3}</p>{inside}<p class={name}>{TEXT[1] * 3}</p></div>"
    block = html.fragment_fromstring(page)
    return paragraphs(block, drop=boxes(block))


WHOLE = [TEXT[0] * 3, TEXT[1] * 3]


@pytest.mark.parametrize(
    "box",
    [
        "<div>Реклама. ООО «Ромашка», erid: 2SDnj</div>",
        "<div><div>Реклама. ООО «Ромашка», erid: 2SDnj</div><p>Покупайте ромашки.</p></div>",
        "<div class=x><a href=/t>Подписывайтесь на наш канал</a></div>",
        "<div class='tt-poll'><p>Нравится ли вам цвет?</p></div>",
        "<p class='article-related'>Другие мосты города</p>",
    ],
)
def test_a_box_between_the_paragraphs_is_left_out(box: str) -> None:
    assert read(box) == WHOLE


@pytest.mark.parametrize(
    "kept", ["<p>Реклама моста обошлась городу недёшево.</p>", "<p>Подписались под письмом все.</p>"]
)
def test_sentences_that_only_begin_alike_stay(kept: str) -> None:
    assert len(read(kept)) == 3


def test_names_that_would_condemn_most_of_the_text_mean_something_else() -> None:
    assert read("<p>Три.</p>", name="share-text") == [WHOLE[0], "Три.", WHOLE[1]]


def test_a_frame_named_after_its_caption_keeps_its_picture() -> None:
    block = html.fragment_fromstring(
        f"<div><div class=wp-caption><img src=a.jpg><p>Мост</p></div><p>{TEXT[0]}</p></div>"
    )
    assert not any(node.get("class") == "wp-caption" for node in boxes(block))
