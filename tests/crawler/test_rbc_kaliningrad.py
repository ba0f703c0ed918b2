from datetime import UTC, datetime
from typing import Any

import pytest

from crawler.article import Article, ArticlePage, read
from crawler.spiders.rbc_kaliningrad import AmpPage, RbcKaliningradSpider, RbcPage
from tests.crawler import real_pages

AT = datetime(2026, 6, 1, tzinfo=UTC)
FULL = "https://kaliningrad.rbc.ru/kaliningrad/27/03/2019/5c9b76669a79473822524c7c"
AMP = "https://amp.rbc.ru/regional/kaliningrad/27/03/2019/5c9b76669a79473822524c7c"


class AnyHostPage(RbcPage):
    """The same template on other hosts of the house."""

    urls = r"https?://www\.(?:autonews|rbc)\.ru/.*/(?P<id>[0-9a-f]{24})"


def rbc(
    html: bytes | str, url: str = FULL, pages: tuple[type[ArticlePage], ...] = RbcKaliningradSpider.pages
) -> Article:
    found = read(pages, url, html.encode() if isinstance(html, str) else html, [], AT)
    assert found.article is not None
    assert found.recognised
    return found.article


def autonews(truth: dict[str, Any]) -> Article:
    return rbc(real_pages.page(f"autonews.ru/{truth['file']}"), truth["url"], (AnyHostPage,))


@real_pages.absent
@pytest.mark.parametrize("truth", real_pages.truths("autonews.ru"), ids=lambda truth: truth["file"])
class TestRealPagesOfTheTemplate:
    def test_headline_and_date_are_exact(self, truth: dict[str, Any]) -> None:
        article = autonews(truth)
        assert (article.headline, article.datePublished) == (truth["headlines"][0], truth["date"])

    def test_the_author_is_the_visible_byline_else_who_is_stated(self, truth: dict[str, Any]) -> None:
        html = real_pages.page(f"autonews.ru/{truth['file']}")
        named = [{"name": name} for name in truth["authors"]]
        byline = AnyHostPage(truth["url"], html).texts(".article__authors__author__name")
        assert autonews(truth).author == ([{"name": name} for name in byline] or named)

    def test_the_body_agrees_with_the_truth_and_goes_on_behind_wide_pictures(
        self, truth: dict[str, Any]
    ) -> None:
        body = autonews(truth).articleBody or ""
        reader = AnyHostPage(truth["url"], real_pages.page(f"autonews.ru/{truth['file']}"))
        reader.blocks = reader.blocks[:1]  # the truth ends with the first of several text blocks
        first = reader.article()
        assert first is not None
        assert max(real_pages.likeness(first.articleBody or "", known) for known in truth["bodies"]) >= 0.95
        assert body.startswith(first.articleBody or "?")
        if len(reader.all(".article__text")) == 1:
            assert max(real_pages.likeness(body, known) for known in truth["bodies"]) >= 0.98


@real_pages.absent
def test_the_page_of_2017_is_read_in_every_field() -> None:
    url = "http://www.rbc.ru/politics/24/10/2017/59ef091c9a7947c01ac87da7"
    article = rbc(real_pages.page("rbc.ru/2017_article_first_slide.cleaned.html"), url, (AnyHostPage,))
    assert article.headline == "Главой штаба Собчак стал консультант президентской кампании Ельцина"
    assert article.datePublished == "2017-10-24T12:46:00+03:00"
    assert (article.description or "").startswith("Телеведущая Ксения Собчак")
    assert article.author == [{"name": "Владислав Гордеев"}, {"name": "Евгения Кузнецова"}]
    assert article.keywords == ["Выборы президента России"]
    paragraphs = (article.articleBody or "").split("\n\n")
    assert len(paragraphs) == 8
    assert paragraphs[0].startswith("Начальником выборного штаба")
    assert paragraphs[-1].endswith("назвала себя кандидатом «против всех».")
    assert [picture["creditText"] for picture in article.image] == ["Владислав Шатило / РБК"] * 3


SLIDE = """<meta property="og:site_name" content="РБК"><div class="js-rbcslider-slide rbcslider__slide" data-url="x"><div class="article">
<div class="article__header"><a class="article__header__category" itemprop="articleSection">Калининград,</a>
<time class="article__header__date" datetime="2025-09-12T10:15:00+02:00" itemprop="datePublished">12 сен, 10:15</time>
<div class="article__header__title"><h1 class="article__header__title-in" itemprop="headline">Мост открыт</h1></div></div>
<div class="article__text article__text_free" itemprop="articleBody"><div class="article__text__overview"><span>Коротко о мосте</span></div>
<div class="article__main-image"><img class="g-image article__main-image__image" src="https://s.example/img/347429058932.jpg">
<div class="article__main-image__title">Мост<span class="article__main-image__author">(Фото: Анна Ким / РБК)</span></div></div>
<p>Мост открыли.</p><div class="article__inline-item"><a>Другая новость</a></div><h2>Сколько ждали</h2><ul><li>Три года.</li></ul>
<blockquote><p>«Долго», — сказал мэр.</p></blockquote><div class="pro-anons">Pro</div></div>
<div class="article__text"><p>За картинкой.</p><p>Читайте РБК в Telegram.</p></div>
<div class="article__authors"><div class="article__authors__author"><span class="article__authors__author__name">Анна Ким</span></div></div>
<div class="article__tags"><div class="article__tags__container"><a class="article__tags__item">мост</a></div></div></div></div>
<div class="js-rbcslider-slide"><div class="article"><h1 class="article__header__title-in">Вторая</h1><div class="article__text"><p>Чужое.</p></div></div></div>"""


def test_the_full_edition_is_read_from_its_first_slide() -> None:
    article = rbc(SLIDE)
    assert article.identifier == "rbc_kaliningrad:5c9b76669a79473822524c7c"
    assert (article.headline, article.description) == ("Мост открыт", "Коротко о мосте")
    assert (
        article.articleBody
        == "Мост открыли.\n\nСколько ждали\n\nТри года.\n\n«Долго», — сказал мэр.\n\nЗа картинкой."
    )
    assert article.datePublished == "2025-09-12T10:15:00+02:00"
    assert (article.author, article.articleSection, article.keywords) == (
        [{"name": "Анна Ким"}],
        ["Калининград"],
        ["мост"],
    )
    assert article.image == [
        {"url": "https://s.example/img/347429058932.jpg", "caption": "Мост", "creditText": "Анна Ким / РБК"}
    ]


def test_the_amp_edition_is_read_by_anchors_and_in_kaliningrad_time() -> None:
    html = f"""<html amp lang=ru><link rel=canonical href="{FULL}"><title>Мост открыт :: РБК</title><body><header><a>РБК</a></header>
    <div class=k1>Калининград, 27 мар 2019, 15:15</div><h1>Мост открыт</h1><a href="{FULL}">Читать в полной версии</a>
    <amp-img src="https://s.example/photo-of-bridge.jpg" width=640 height=400></amp-img><div>Фото: Pixabay</div>
    <div class=k2><p>Мост через реку открыли сегодня утром, его ждали целых три года, сообщили в мэрии города.</p>
    <p>Движение по нему началось сразу после церемонии, на которую пришли сотни жителей соседних улиц.</p></div>
    <div>Pro</div><div>Как строят мосты</div><div>Pro</div><div>Кто платит за мосты</div></body></html>"""
    article = rbc(html, AMP)
    assert article.identifier == RbcPage.identify(FULL)
    assert (article.headline, article.canonicalUrl) == ("Мост открыт", FULL)
    assert article.datePublished == "2019-03-27T15:15:00+02:00"
    assert (article.articleBody or "").split("\n\n")[0].startswith("Мост через реку")
    assert (article.articleBody or "").endswith("соседних улиц.")


@pytest.mark.parametrize("page", [RbcPage, AmpPage])
def test_each_edition_reads_its_own_host_only(page: type[ArticlePage]) -> None:
    own, other = (FULL, AMP) if page is RbcPage else (AMP, FULL)
    assert page.identify(f"{own}?from=materials_on_subject") == "rbc_kaliningrad:5c9b76669a79473822524c7c"
    assert page.identify(other) is None
    assert page.identify(own.replace("kaliningrad/27", "kuban/27")) is None


def test_the_full_edition_is_preferred_by_its_place() -> None:
    assert RbcKaliningradSpider.pages == (RbcPage, AmpPage)
