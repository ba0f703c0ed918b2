"""The generic reader on pages that nobody described to it."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.article import read
from crawler.generic import GenericPage, settled
from tests.crawler.skins import SKINS, Story, teasers

PAGES = Path(__file__).parents[3] / "shared" / "pages"
URL = "https://gazeta.example/gorod/2026/05/14/most-pokrasili.html"
PARAGRAPHS = (
    "Пешеходный мост у Кузнечной слободы покрасили заново: работы шли две недели, сообщили в мэрии.",
    "«Цвет выбирали всем городом», – рассказала главный художник Рада Ключевская, которая вела опрос.",
    "Осенью дойдёт очередь и до лодочной станции, её обещают сделать голубой.",
)
STORY = Story(
    url=URL,
    title="Мост у Кузнечной слободы покрасили заново",
    paragraphs=PARAGRAPHS,
    date="14 мая 2026, 18:40",
    published="2026-05-14T18:40:00+03:00",
    site="Слободской вестник",
    after=f"<h3>Читайте также</h3>{teasers()}",
)


@pytest.mark.parametrize("skin", SKINS, ids=lambda skin: skin.__name__)
def test_an_unknown_page_is_read_whole(skin: object) -> None:
    article = GenericPage(URL, skin(STORY)).article()  # type: ignore[operator]
    assert article is not None
    assert article.headline == STORY.title
    assert article.datePublished == STORY.published
    assert (article.articleBody or "").split("\n\n") == list(PARAGRAPHS)


def test_a_page_that_no_site_claims_is_read_and_said_to_be_unrecognised() -> None:
    reading = read([], URL, SKINS[0](STORY), [], datetime(2026, 5, 15, tzinfo=UTC))
    assert not reading.recognised
    assert reading.article is not None
    assert reading.article.identifier == URL


def test_a_page_of_links_is_no_article() -> None:
    assert (
        GenericPage(URL, f"<html><body>{teasers().replace('p>', 'i>')}</body></html>".encode()).article()
        is None
    )


LONG = "Длинный абзац о том, как красили мост, и кто его красил."


def test_ends_that_the_second_reader_does_not_see_are_left_out() -> None:
    assert settled(["Рада К.", LONG, LONG, "Поделись"], [LONG, LONG], []) == [LONG, LONG]


def test_what_only_one_reader_sees_inside_the_text_stays() -> None:
    assert settled([LONG, "Врезка, которой второй не видит.", LONG], [LONG, LONG], []) == [
        LONG,
        "Врезка, которой второй не видит.",
        LONG,
    ]


def test_a_second_reader_that_saw_little_trims_nothing() -> None:
    text = [f"{LONG} Часть {number}." for number in range(9)]
    assert settled(text, [text[4]], []) == text


def test_where_readers_differ_the_pages_own_words_decide() -> None:
    other = ["Совсем другой текст о другом событии в другом месте и в другое время."]
    assert settled([LONG], other, other) == other
    assert settled([LONG], other, [LONG]) == [LONG]


def test_where_nothing_was_found_the_second_reader_is_believed() -> None:
    assert settled([], [LONG], []) == [LONG]


def truths() -> list[pytest.param]:
    lines = [
        (folder, json.loads(line))
        for folder in (PAGES / "tatar-inform.ru", PAGES / "other")
        if folder.exists()
        for line in (folder / "truth.jsonl").read_text("utf-8").splitlines()
    ]
    return [pytest.param(folder, truth, id=truth["file"]) for folder, truth in lines] or [
        pytest.param(None, None, marks=pytest.mark.skip(reason="no real pages beside the project"))
    ]


@pytest.mark.parametrize(("folder", "truth"), truths())
def test_a_real_page_is_read(folder: Path, truth: dict[str, object]) -> None:
    page = gzip.decompress((folder / str(truth["file"])).read_bytes())
    article = GenericPage(str(truth["url"]), page).article()
    assert article is not None
    assert article.headline in truth["headlines"]  # type: ignore[operator]
    assert (article.datePublished or "")[:10] == str(truth["date"])[:10]
    wanted = {word for body in truth["bodies"] for word in body.split()}  # type: ignore[attr-defined]
    got = (article.articleBody or "").split()
    assert sum(word in wanted for word in got) > 0.9 * len(got)
