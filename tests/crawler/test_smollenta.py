"""smollenta.ru in every markup that it may have: nobody has seen its HTML."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from crawler.spiders.smollenta import SmollentaPage
from tests.crawler.skins import SKINS, Story, dle_og, dle_tables, teasers, wp_bare

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.article import Article

URL = "https://smollenta.ru/2026/01/kovali-nachali-god"
PARAGRAPHS = (
    "Кузнецы посёлка Наковальня открыли год выставкой, на которую съехались мастера трёх районов.",
    "Как рассказала хранитель музея Вера Лугова, читайте также и подписи под вещами: они в стихах.",
    "«Железо любит тепло», – говорят здесь.",
    "Выставка продлится до марта, вход свободный.",
)
STORY = Story(
    url=URL,
    title="Ковали начали год",
    paragraphs=PARAGRAPHS,
    date="31 декабря 12:15 Деловые новости",
    published="2025-12-31T12:15:00+03:00",
    site="Смоленская лента",
    byline="Андрей СМИРНОВ-ЛУГОВОЙ Фото пресс-службы музея и www.kovali.example",
    after=f"<div><h3>Читайте также</h3></div><h3>Новости регионов</h3>{teasers()}",
)


@pytest.fixture(params=SKINS, ids=lambda skin: skin.__name__)
def article(request: pytest.FixtureRequest) -> Article:
    skin: Callable[[Story], bytes] = request.param
    read = SmollentaPage(URL, skin(STORY)).article()
    assert read is not None
    return read


def test_the_headline_is_the_visible_title(article: Article) -> None:
    assert article.headline == STORY.title


def test_the_body_ends_before_byline_and_other_regions(article: Article) -> None:
    assert (article.articleBody or "").split("\n\n") == list(PARAGRAPHS)


def test_a_december_date_in_a_january_url_is_of_the_year_before(article: Article) -> None:
    assert article.datePublished == "2025-12-31T12:15:00+03:00"


def test_the_rubric_stands_on_the_date_line(article: Article) -> None:
    assert article.articleSection == ["Деловые новости"]


def test_the_byline_is_parted_from_the_credit(article: Article) -> None:
    assert article.author == [{"name": "Андрей СМИРНОВ-ЛУГОВОЙ"}]
    assert article.image[0]["creditText"] == "пресс-службы музея и www.kovali.example"


def test_an_assumed_year_is_said() -> None:
    read = SmollentaPage(URL, wp_bare(STORY)).article()
    assert read is not None
    assert read.assumed == ["datePublished.year", "datePublished.zone"]


@pytest.mark.parametrize(
    ("byline", "author", "credit"),
    [
        ("Андрей СМИРНОВ", ["Андрей СМИРНОВ"], None),
        ("Андрей СМИРНОВ, Мария ЛУГОВАЯ. Фото: авторов", ["Андрей СМИРНОВ", "Мария ЛУГОВАЯ"], "авторов"),
        ("Фото пресс-службы музея", [], "пресс-службы музея"),
    ],
)
@pytest.mark.parametrize("skin", SKINS, ids=lambda skin: skin.__name__)
def test_bylines_and_credits_come_in_several_forms(
    skin: Callable[[Story], bytes], byline: str, author: list[str], credit: str | None
) -> None:
    read = SmollentaPage(URL, skin(replace(STORY, byline=byline))).article()
    assert read is not None
    assert (read.articleBody or "").split("\n\n") == list(PARAGRAPHS)
    assert [person["name"] for person in read.author] == author
    assert read.image[0].get("creditText") == credit


@pytest.mark.parametrize("skin", SKINS, ids=lambda skin: skin.__name__)
def test_a_box_in_the_middle_does_not_end_the_text(skin: Callable[[Story], bytes]) -> None:
    box = "<div class='q'><b>Читайте также:</b> <a href='/2026/01/drugoe'>Другая кузница посёлка получила новый горн</a></div>"
    raw = skin(STORY)
    html = raw.decode("utf-8" if skin not in {dle_og, dle_tables} else "windows-1251")
    third = html.index(PARAGRAPHS[2])
    opening = html.rindex("<", 0, third)
    read = SmollentaPage(URL, (html[:opening] + box + html[opening:]).encode()).article()
    assert read is not None
    assert (read.articleBody or "").split("\n\n") == list(PARAGRAPHS)


def test_the_identifier_holds_year_month_and_slug() -> None:
    assert SmollentaPage.identify("http://smollenta.ru/2016/11/sdelano-2/") == "smollenta:2016/11/sdelano-2"


@pytest.mark.parametrize("path", ["2026/01", "2026/01/", "2026/01/page/2/", "feed/", "about"])
def test_lists_are_no_articles(path: str) -> None:
    assert SmollentaPage.identify(f"https://smollenta.ru/{path}") is None
