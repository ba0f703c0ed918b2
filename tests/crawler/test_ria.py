from datetime import UTC, datetime
from typing import Any

import pytest

from crawler.article import Article, read
from crawler.spiders.ria import RiaPage, RiaSpider
from tests.crawler import real_pages

AT = datetime(2026, 6, 1, tzinfo=UTC)
URL = "https://ria.ru/20260531/luna-2095779946.html"


def ria(html: bytes | str, url: str = URL) -> tuple[Article, str]:
    body = html.encode() if isinstance(html, str) else html
    found = read(RiaSpider.pages, url, body, [], AT)
    assert found.article is not None
    return found.article, found.page


@real_pages.absent
@pytest.mark.parametrize("truth", real_pages.truths("ria.ru"), ids=lambda truth: truth["file"])
class TestRealPages2026:
    def test_the_first_title_is_the_headline_and_the_second_the_alternative(
        self, truth: dict[str, Any]
    ) -> None:
        article, _ = ria(real_pages.page(f"ria.ru/{truth['file']}"), truth["url"])
        assert article.headline == truth["headlines"][0]
        assert article.alternativeHeadline == (truth["headlines"][1:] or [None])[0]

    def test_the_date_is_right_to_the_minute(self, truth: dict[str, Any]) -> None:
        assert ria(real_pages.page(f"ria.ru/{truth['file']}"), truth["url"])[0].datePublished == truth["date"]

    def test_the_body_is_the_article_and_nothing_else(self, truth: dict[str, Any]) -> None:
        article, page = ria(real_pages.page(f"ria.ru/{truth['file']}"), truth["url"])
        assert page == "RiaPage"
        assert max(real_pages.likeness(article.articleBody or "", body) for body in truth["bodies"]) >= 0.99

    def test_the_body_is_as_long_as_the_page_says(self, truth: dict[str, Any]) -> None:
        html = real_pages.page(f"ria.ru/{truth['file']}")
        reader = RiaPage(truth["url"], html)
        stated = int(reader.part.get("data-text-length", "0"))
        article = reader.article()
        assert article is not None
        own = len((article.articleBody or "").replace("\n\n", "")) - len(article.dateline or "")
        assert own == pytest.approx(stated, rel=0.02)


@real_pages.absent
def test_the_excerpt_of_may_2026_is_read_in_every_field() -> None:
    article, _ = ria(real_pages.page("ria.ru/2026-05-31_polnolunie-2095779946.excerpt.html"))
    assert article.datePublished == article.dateModified == "2026-05-31T00:44:00+03:00"
    assert article.author == [{"name": "Дарья Буймова"}]
    assert (article.articleSection, article.keywords) == (
        ["Наука"],
        ["Наука", "Луна", "Российская академия наук"],
    )
    assert (article.image[0]["caption"], article.image[0]["creditText"]) == (
        "Луна. Архивное фото",
        "© РИА Новости / Сергей Киркач",
    )
    assert article.dateline == "МОСКВА, 31 мая - РИА Новости"
    own = len((article.articleBody or "").replace("\n\n", "")) - len(article.dateline)
    assert own == pytest.approx(1104, rel=0.02)


HIDDEN = """<div class="article__meta" itemscope itemtype="https://schema.org/Article"><div itemprop="headline">Мост открыт</div>
<div itemprop="datePublished">2025-09-02T17:32:00+03:00</div><div itemprop="dateModified">2025-09-02T18:18:00+03:00</div>
<div itemprop="articleBody">СМОЛЕНСК, 2 сен - РИА Новости. Мост открыли. Всё ещё раз одним куском.</div></div>"""
BLOCKS = """<div class="article__block" data-type="text"><div class="article__text"><strong>СМОЛЕНСК, 2 сен - РИА Новости.</strong> Мост открыли.</div></div>
<div class="article__block" data-type="h3"><h3 class="article__h2">Сколько ждали</h3></div>
<div class="article__block" data-type="quote"><div class="article__quote"><div class="article__quote-text">Ждали три года.</div><div class="article__quote-bar">Пётр Ли</div></div></div>
<div class="article__block" data-type="text"><div class="article__text"><ul><li>Раз;</li><li>два.</li></ul></div></div>
<div class="article__block" data-type="vrez"><div class="article__vrez"><p>Справка сбоку.</p></div></div>
<div class="article__block" data-type="media"><div class="media"><img src="https://img.example/inner-photo.jpg"><div class="media__copyright"><div class="media__copyright-item m-copyright">© Пётр Ли</div><div class="media__copyright-item m-buy">Купить</div></div><div class="media__description">Мост ночью</div></div></div>
<div class="article__block" data-type="article"><div class="article__article"><img src="https://img.example/other-photo.jpg"><a>Другая новость</a></div></div>
<div class="article__summary"><ul><li>Пересказ машины.</li></ul></div>"""


def page(info: str = "", after: str = "") -> str:
    return f"""<meta property="og:site_name" content="РИА Новости"><meta property="article:author" content="РИА Новости">
<meta property="og:description" content="Мост открыли. РИА Новости, 02.09.2025"><div class="endless"><div class="endless__item">{HIDDEN}
<div class="article__info-date"><a href="/20250902/">17:32 02.09.2025</a><span class="article__info-date-modified">{info}</span></div>
<div class="article__header"><div class="article__title">Мост открыт</div><h1 class="article__second-title">Мост ждали три года</h1></div>
<div class="article__body">{BLOCKS}</div></div>{after}</div>"""


def test_the_layout_of_2025_is_read_once_although_hidden_microdata_repeats_it() -> None:
    article, name = ria(page("(обновлено: 18:18 02.09.2025)"))
    assert name == "RiaPage"
    assert article.articleBody == (
        "СМОЛЕНСК, 2 сен - РИА Новости. Мост открыли.\n\nСколько ждали\n\nЖдали три года.\n\nРаз;\n\nдва."
    )
    assert (article.datePublished, article.dateModified) == (
        "2025-09-02T17:32:00+03:00",
        "2025-09-02T18:18:00+03:00",
    )
    assert (article.description, article.author) == ("Мост открыли.", [])
    assert article.image == [
        {"url": "https://img.example/inner-photo.jpg", "caption": "Мост ночью", "creditText": "© Пётр Ли"}
    ]


def test_the_next_articles_of_an_endless_page_are_not_read() -> None:
    following = '<div class="endless__item"><div class="article__title">Вторая</div><div class="article__body"><p>Чужое.</p></div></div>'
    article, _ = ria(page(after=following))
    assert article.headline == "Мост открыт"
    assert "Чужое" not in (article.articleBody or "")


def test_a_bold_question_is_no_dateline() -> None:
    article, _ = ria(page().replace("СМОЛЕНСК, 2 сен - РИА Новости.", "Кто строил мост - город или область?"))
    assert article.dateline is None


def test_the_layout_before_2019_is_read_by_its_microdata() -> None:
    html = """<meta property="article:published_time" content="20171024T1348+0300Z"><div class="b-article" itemscope itemtype="http://schema.org/NewsArticle">
    <h1 class="b-article__title"><span itemprop="headline">Мост открыт</span></h1>
    <div itemprop="articleBody" class="b-article__body"><p>Мост открыли.</p><div class="b-inject"><p>Другая новость</p></div><p>Ждали.</p></div></div>"""
    article, name = ria(html, "https://ria.ru/society/20171024/1507461398.html")
    assert name == "OldRiaPage"
    assert (article.identifier, article.headline, article.articleBody) == (
        "ria:1507461398",
        "Мост открыт",
        "Мост открыли.\n\nЖдали.",
    )
    assert article.datePublished == "2017-10-24T13:48:00+03:00"


@pytest.mark.parametrize(
    "url",
    [
        "https://ria.ru/20250902/khimotras-2039174868.html",
        "https://ria.ru/20250902/khimotras-2039174868.html?in=t",
        "http://m.ria.ru/20250902/2039174868.html",
        "https://www.ria.ru/economy/20250902/2039174868.html#top",
    ],
)
def test_an_article_has_one_identifier_in_every_form_of_its_url(url: str) -> None:
    assert RiaPage.identify(url) == "ria:2039174868"
    assert RiaPage.canonical(url).startswith("https://ria.ru/")
    assert "?" not in RiaPage.canonical(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://ria.ru/20250902/",
        "https://ria.ru/politics/",
        "https://realty.ria.ru/20250902/dom-2039174868.html",
        "https://ria.ru.example/20250902/a-2039174868.html",
    ],
)
def test_other_pages_are_no_articles(url: str) -> None:
    assert RiaPage.identify(url) is None
