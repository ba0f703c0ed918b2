"""sn-gazeta.ru in every markup that it may have: nobody has seen its HTML."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from crawler.spiders.sn_gazeta import SnGazetaPage
from tests.crawler.skins import SKINS, Story, teasers

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.article import Article

URL = "https://sn-gazeta.ru/politics/most-cherez-vop-priotkryli-dlya-peshekhodov/"
PARAGRAPHS = (
    "Мост через реку приоткрыли для пешеходов, машины пустят к весне – так решили на штабе.",
    "Сегодня, 21 октября, на стройке побывали депутаты, о чём пишет «Смоленская народная газета».",
    "– Работы идут с опережением, – уверяют строители.",
    "Напомним, старый мост разобрали позапрошлым летом.",
)
STORY = Story(
    url=URL,
    title="Мост через Вопь приоткрыли для пешеходов",
    paragraphs=PARAGRAPHS,
    date="21 октября 2025 г. 14:30",
    published="2025-10-21T14:30:00+03:00",
    site="Смоленская народная газета",
    rubric="Власть",
    byline="Смоленская народная газета",
    after=teasers(),
)


@pytest.fixture(params=SKINS, ids=lambda skin: skin.__name__)
def article(request: pytest.FixtureRequest) -> Article:
    skin: Callable[[Story], bytes] = request.param
    read = SnGazetaPage(URL, skin(STORY)).article()
    assert read is not None
    return read


def test_the_headline_is_the_visible_title(article: Article) -> None:
    assert article.headline == STORY.title


def test_the_body_ends_before_the_newspapers_name(article: Article) -> None:
    assert (article.articleBody or "").split("\n\n") == list(PARAGRAPHS)


def test_the_date_is_the_articles_and_not_that_of_a_teaser(article: Article) -> None:
    assert article.datePublished == "2025-10-21T14:30:00+03:00"


def test_the_rubric_is_the_section_of_the_url(article: Article) -> None:
    assert article.articleSection == ["Власть"]


def test_the_newspapers_name_is_no_author(article: Article) -> None:
    assert article.author == []


@pytest.mark.parametrize("skin", SKINS, ids=lambda skin: skin.__name__)
def test_a_page_without_any_date_states_none(skin: Callable[[Story], bytes]) -> None:
    html = skin(replace(STORY, date="", published="", after=""))
    read = SnGazetaPage(URL, html).article()
    assert read is not None
    assert read.datePublished is None
    assert (read.articleBody or "").split("\n\n") == list(PARAGRAPHS)


@pytest.mark.parametrize(
    "path", ["politics/", "politics/page/2/", "tag/vlast-i-my/", "bitrix/templates/", "wp-content/uploads/"]
)
def test_lists_are_no_articles(path: str) -> None:
    assert SnGazetaPage.identify(f"https://sn-gazeta.ru/{path}") is None


def test_the_path_is_the_identity() -> None:
    assert SnGazetaPage.identify(URL) == "sn_gazeta:politics/most-cherez-vop-priotkryli-dlya-peshekhodov"
