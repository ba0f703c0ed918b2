"""What the short lines around a text say."""

from __future__ import annotations

import pytest
from lxml import html

from crawler import lines
from crawler.runs import Run, Runs


def found(body: str) -> list[Run]:
    return list(Runs(html.document_fromstring(f"<html><body>{body}</body></html>")))


@pytest.mark.parametrize(
    ("line", "rest"),
    [
        ("23 августа 12:47 Деловые новости", "Деловые новости"),
        ("Сегодня, 14:30", ""),
        ("2-01-2026, 01:56 | Общество", "Общество"),
    ],
)
def test_a_date_line_says_its_rubric_too(line: str, rest: str) -> None:
    assert lines.rest_of_date(line).lstrip("-").strip() == rest


@pytest.mark.parametrize(
    "line", ["Фото: Рада К.", "Фото с сайта: muzej.example", "Фото пресс-службы музея", "© Фото автора"]
)
def test_credits_are_known(line: str) -> None:
    assert lines.CREDIT.match(line)


@pytest.mark.parametrize(
    "line", ["Фотографии участников разместят на выставке.", "Фотосинтез идёт на свету.", "На фото: Рада"]
)
def test_sentences_about_photographs_are_no_credits(line: str) -> None:
    assert not lines.CREDIT.match(line)


def test_tags_are_the_first_group_of_tag_links() -> None:
    page = "<p>Теги: <a href=/tags/1>Мост</a>, <a href=/tags/2>Краска</a></p><p>Конец</p><p><a href=/tags/9>Облако</a></p>"
    assert lines.tags(found(page)) == ["Мост", "Краска"]


def test_a_category_link_is_no_tag() -> None:
    assert lines.tags(
        found("<p><a rel='category tag' href=/c/1>Власть</a> <a rel=tag href=/t/1>Мост</a></p>")
    ) == ["Мост"]


def test_the_rubric_links_to_the_section_of_the_url() -> None:
    page = "<p><a href=/>Главная</a> <a href=/sport/>Спорт</a> <a href=/power/>Власть</a></p>"
    assert lines.rubric_link(found(page), "https://a.example/power/most-otkryt/") == "Власть"


def test_published_and_updated_are_told_apart_on_one_line() -> None:
    run = found(
        "<div><time datetime=2026-01-01T10:00>1 января 10:00</time> <span>Обновлено: "
        "<time datetime=2026-01-01T12:00>12:00</time></span></div>"
    )[0]
    assert list(lines.dates(run, updated=False)) == [
        ("microdata", "2026-01-01T10:00"),
        ("text", "1 января 10:00 "),
    ]
    assert next(lines.dates(run, updated=True)) == ("microdata", "2026-01-01T12:00")


def test_a_caption_without_credit_stays_whole() -> None:
    assert lines.credited({"url": "a", "caption": "Мост у слободы"}) == {
        "url": "a",
        "caption": "Мост у слободы",
    }


def test_a_caption_that_is_a_credit_is_no_caption() -> None:
    assert lines.credited({"url": "a", "caption": "Фото: Рада К."}) == {"url": "a", "creditText": "Рада К"}
