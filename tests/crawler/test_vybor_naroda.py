"""vybor-naroda.org in every markup that it may have: nobody has seen its HTML."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crawler.spiders.vybor_naroda import VyborNarodaPage
from tests.crawler.skins import SKINS, Story, calendar, feed

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.article import Article

URL = "http://vybor-naroda.org/vn_exclusive/390638-ledovyj-put-otkryt.html"
PARAGRAPHS = (
    "Губернатор Озёрной области Пётр Ветров-Заречный – о ледовой переправе.",
    "Провёл совещание в Тихой Пристани: обсудили переправу, которой ждут в четырёх деревнях.",
    "«Лёд окреп, и печать на акте стоит», – сказал начальник участка.",
    "Ждём холодов.",
    "Печатать объявления будем в <a href='/gazeta'>районной газете</a>, чтобы прочёл каждый.",
)
STORY = Story(
    url=URL,
    title="Ледовый путь через залив открыт",
    paragraphs=PARAGRAPHS,
    date="2 декабря 2025, 09:05",
    published="2025-12-02T09:05:00+03:00",
    site="Выбор народа",
    credit="Фото с сайта: ozernaya.example.ru",
    after=f'<div class="x"><a href="?print">Печать</a></div><div>{feed("span")}</div><form>E-mail*: <input> Сумма 8 и 9 будет</form>{calendar()}',
)
PLAIN = [part.replace("<a href='/gazeta'>", "").replace("</a>", "") for part in PARAGRAPHS]


@pytest.fixture(params=SKINS, ids=lambda skin: skin.__name__)
def article(request: pytest.FixtureRequest) -> Article:
    skin: Callable[[Story], bytes] = request.param
    read = VyborNarodaPage(URL, skin(STORY)).article()
    assert read is not None
    return read


def test_the_headline_is_the_visible_title(article: Article) -> None:
    assert article.headline == STORY.title


def test_the_body_runs_from_the_deck_to_the_print_link(article: Article) -> None:
    assert (article.articleBody or "").split("\n\n") == PLAIN


def test_the_date_has_its_time_of_day_in_moscow(article: Article) -> None:
    assert article.datePublished == "2025-12-02T09:05:00+03:00"


def test_the_deck_names_the_author(article: Article) -> None:
    assert article.author == [{"name": "Пётр Ветров-Заречный"}]


def test_the_picture_bears_the_credit_without_its_label(article: Article) -> None:
    assert article.image == [
        {"url": "http://vybor-naroda.org/uploads/2026/lead.jpg", "creditText": "ozernaya.example.ru"}
    ]


def test_an_article_on_the_bare_address_is_the_same_article() -> None:
    bare = "http://83.69.226.28/lentanovostey/390638-ledovyj-put-otkryt.html"
    assert VyborNarodaPage.identify(bare) == VyborNarodaPage.identify(URL) == "vybor_naroda:390638"
    assert VyborNarodaPage.canonical(bare).startswith("http://vybor-naroda.org/")


@pytest.mark.parametrize("path", ["", "2025/12/02/", "vn_exclusive/", "vn_exclusive/page/2/", "rss.xml"])
def test_lists_are_no_articles(path: str) -> None:
    assert VyborNarodaPage.identify(f"http://vybor-naroda.org/{path}") is None
