# ruff: noqa: N815  (fields carry schema.org's names)
"""The defaults of every field and the order of belief."""

import json
from typing import Any

import pytest

from crawler.article import Article, ArticlePage, Found, read
from tests.crawler.sheet import AT, BODY, URL, Page


def article(html: str, page: type[ArticlePage] = Page, url: str = URL) -> dict[str, Any]:
    found = page(url, html.encode(), (), AT).article()
    assert found is not None
    return found.item()


def ld(**fields: Any) -> str:
    return f"<script type='application/ld+json'>{json.dumps({'@type': 'NewsArticle', **fields})}</script>"


def meta(**fields: str) -> str:
    return "".join(
        f"<meta property='{name.replace('__', ':')}' content='{value}'>" for name, value in fields.items()
    )


def test_a_field_that_the_page_does_not_state_is_absent() -> None:
    assert article(BODY) == {
        "identifier": "a:1",
        "url": URL,
        "headline": "Мост открыт",
        "articleBody": "Мост открыли утром.\n\nЖдали три года.",
        "datePublished": "2026-01-02",
        "datePublishedRaw": "2026-01-02",
        "origins": {"headline": "css", "articleBody": "microdata", "datePublished": "url"},
    }


def test_an_item_keeps_the_declared_order_and_false() -> None:
    item = Article("a:1", "u", isAccessibleForFree=False, headline="З", canonicalUrl="c").item()
    assert list(item.items()) == [
        ("identifier", "a:1"),
        ("url", "u"),
        ("canonicalUrl", "c"),
        ("headline", "З"),
        ("isAccessibleForFree", False),
    ]


LD_DATE, META_DATE = (
    ld(datePublished="2026-01-02T10:00:00+03:00 "),
    meta(article__published_time="2026-01-02T11:00:00Z"),
)
MICRO_DATE = "<time itemprop=datePublished datetime='2026-01-02T12:00'></time>"


@pytest.mark.parametrize(
    ("html", "value", "origin", "assumed"),
    [
        (LD_DATE + META_DATE + MICRO_DATE, "2026-01-02T10:00:00+03:00", "json-ld", None),
        (META_DATE + MICRO_DATE, "2026-01-02T11:00:00+00:00", "meta", None),
        (MICRO_DATE, "2026-01-02T12:00:00+03:00", "microdata", ["datePublished.zone"]),
        (ld(datePublished="2026-01-02") + META_DATE, "2026-01-02T11:00:00+00:00", "meta", None),
        (ld(datePublished="2026-01-01") + META_DATE, "2026-01-01", "json-ld", None),
        (
            ld(datePublished="никогда") + MICRO_DATE,
            "2026-01-02T12:00:00+03:00",
            "microdata",
            ["datePublished.zone"],
        ),
        (ld(dateModified="2026-01-02T10:00:00Z"), "2026-01-02", "url", None),
    ],
)
def test_dates_are_believed_in_order_and_a_time_of_day_is_preferred(
    html: str, value: str, origin: str, assumed: object
) -> None:
    item = article(html + BODY)
    assert (item["datePublished"], item["origins"]["datePublished"], item.get("assumed")) == (
        value,
        origin,
        assumed,
    )


def test_the_raw_date_is_the_winning_sources_own_words() -> None:
    assert article(META_DATE + BODY)["datePublishedRaw"] == "2026-01-02T11:00:00Z"


def test_modified_is_never_filled_from_published_and_an_equal_value_stays() -> None:
    assert "dateModified" not in article(LD_DATE + BODY)
    same = "2026-01-02T10:00:00+03:00"
    assert article(ld(datePublished=same, dateModified=same) + BODY)["dateModified"] == same


def test_the_visible_title_is_believed_before_what_machines_are_told() -> None:
    html = (
        f"<title>Иной | Газета</title>{meta(og__title='Иной', og__site_name='Газета')}{ld(headline='Третий')}"
    )
    assert article(html + BODY)["headline"] == "Мост открыт"
    without = BODY.replace("h1", "b")
    assert article(html + without)["headline"] == "Третий"
    assert article(meta(og__title="Мост — Газета", og__site_name="Газета") + without)["headline"] == "Мост"
    assert article("<title>Мост | Газета</title>" + without)["headline"] == "Мост"


def test_an_h1_that_names_the_site_is_no_headline() -> None:
    html = meta(og__title="Мост открыт", og__site_name="Газета") + "<h1>Газета</h1>" + BODY
    assert article(html)["headline"] == "Мост открыт"


def test_a_title_printed_again_above_the_text_is_no_text() -> None:
    html = BODY.replace("<p>Мост", "<p>Мост открыт</p><p>Мост", 1)
    assert article(html)["articleBody"] == "Мост открыли утром.\n\nЖдали три года."


def test_the_other_fields_follow_their_order() -> None:
    item = article(
        "<html lang=ru>"
        + meta(
            og__url="/og",
            og__site_name="Газета",
            og__description="Из og",
            og__locale="be_BY",
            article__section="Новости",
            article__tag="мост",
        )
        + "<link rel=canonical href='/most-1.html'><meta name=keywords content='никогда'><meta name=author content='Пётр Ли'>"
        + ld(
            description="Из &laquo;ld&raquo;",
            author=[{"name": "Анна Ким"}, {"name": "Анна Ким"}],
            keywords="мост, река",
            articleSection=["Город", "Город"],
            publisher={"name": "ООО Газета"},
            isAccessibleForFree="False",
            inLanguage="ru-RU",
        )
        + BODY
    )
    expected = {
        "canonicalUrl": "https://a.example/most-1.html", "description": "Из «ld»", "author": [{"name": "Анна Ким"}], "keywords": ["мост", "река"],
        "articleSection": ["Город"], "publisher": {"name": "ООО Газета"}, "isAccessibleForFree": False, "inLanguage": "ru",
    }  # fmt: skip
    assert {name: item[name] for name in expected} == expected


def test_without_json_ld_the_metas_are_believed() -> None:
    html = meta(
        og__url="/og",
        og__site_name="Газета",
        og__description="Из og",
        og__locale="be_BY",
        article__section="Новости",
        article__tag="мост",
    )
    item = article(html + "<meta name=author content='Пётр Ли'>" + BODY)
    assert (item["canonicalUrl"], item["description"], item["inLanguage"]) == (
        "https://a.example/og",
        "Из og",
        "be-BY",
    )
    assert (item["articleSection"], item["keywords"], item["publisher"]) == (
        ["Новости"],
        ["мост"],
        {"name": "Газета"},
    )
    assert item["author"] == [{"name": "Пётр Ли"}]


@pytest.mark.parametrize("name", ["Газета", "https://a.example/people/7"])
def test_a_meta_that_names_the_site_or_an_address_is_no_author(name: str) -> None:
    assert "author" not in article(
        meta(og__site_name="Газета") + f"<meta name=author content='{name}'>" + BODY
    )


def test_microdata_of_another_item_is_not_the_articles() -> None:
    other = "<div itemscope itemtype='https://schema.org/Event'><time itemprop=datePublished datetime='2020-05-05'></time></div>"
    own = f"<div itemscope itemtype='https://schema.org/NewsArticle'>{MICRO_DATE}<div itemprop=author itemscope><b itemprop=name>Анна Ким</b></div>{BODY}</div>"
    item = article(other + own)
    assert item["datePublished"] == "2026-01-02T12:00:00+03:00"
    assert item["author"] == [{"name": "Анна Ким"}]


def test_microdata_outside_the_scope_is_another_articles() -> None:
    dated = "<time itemprop=dateModified datetime='2026-01-02T12:00'></time>"
    assert "dateModified" not in article(ENDLESS + f"<div class=one>{dated}</div>", Site)
    assert article(ENDLESS.replace("<b class=title>", f"{dated}<b class=title>", 1), Site)["dateModified"]


def test_pictures_come_once_with_the_words_under_them() -> None:
    html = (
        meta(og__image="/img/lead-photo.jpg?w=1200")
        + ld(image=[{"url": "/img/lead-photo.jpg", "caption": "Мост"}, "/img/lead-photo-300x200.jpg"])
        + "<h1>Мост открыт</h1><div itemprop=articleBody><p>Текст.</p>"
        "<figure><img src='/img/lead-photo-1024x768.jpg'><figcaption>Не это</figcaption></figure>"
        "<img src='data:image/gif;base64,R0' data-src='/img/вторая река.jpg' alt=x><p class=wp-caption-text>Река</p>"
        "<img srcset='/img/s-third.jpg 300w, /img/l-third.jpg 1200w'><img src=/count.gif width=1 height=1>"
        "<img src=/icon.png width=16><div hidden><img src=/hidden-one.jpg></div><img src='data:x'></div>"
    )
    assert article(html)["image"] == [
        {"url": "https://a.example/img/lead-photo.jpg", "caption": "Мост"},
        {
            "url": "https://a.example/img/%D0%B2%D1%82%D0%BE%D1%80%D0%B0%D1%8F%20%D1%80%D0%B5%D0%BA%D0%B0.jpg",
            "caption": "Река",
        },
        {"url": "https://a.example/img/l-third.jpg"},
    ]


class Site(Page):
    scope = ".one"
    headline = ".title"
    alternativeHeadline = ".second"
    description = ".lead"
    articleBody = ".text"
    datePublished = ".date"
    author = ".by"
    keywords = ".tag"
    image = ".photo"
    caption = ".photo .under"
    credit = ".photo .credit"
    dateline = ".text > strong"
    drop = (".advert", ".more > a")
    end = ("Печать",)


ENDLESS = """<div class=one><i class=date>Вчера, 10:30</i><h1>Имя раздела</h1><b class=title>Мост открыт</b><h2 class=second>Ждали три года</h2>
<div class=photo><img src=/most-most.jpg><i class=under>Мост. <u class=credit>(Фото: Анна Ким)</u></i></div>
<div class=text><p class=lead>Коротко.</p><strong>СМОЛЕНСК, 2 янв - Агентство.</strong> Начало.<div class=advert>Купите</div><p>Дальше.</p>
<div class=more><a>Ещё</a>текст</div><a>Печать</a><p>Лента</p></div><i class=by>Авторы: Анна Ким, Пётр Ли</i><i class=tag>мост</i><i class=tag>Мост</i></div>
<div class=one><b class=title>Вторая</b><div class=text>Чужое.</div></div>"""


def test_a_sites_words_are_read_inside_the_first_article_only() -> None:
    item = article(ENDLESS, Site)
    assert (item["headline"], item["alternativeHeadline"], item["description"]) == (
        "Мост открыт",
        "Ждали три года",
        "Коротко.",
    )
    assert item["articleBody"] == "СМОЛЕНСК, 2 янв - Агентство. Начало.\n\nДальше.\n\nтекст"
    assert (item["datePublished"], item["datePublishedRaw"]) == ("2026-01-02T10:30:00+03:00", "Вчера, 10:30")
    assert item["author"] == [{"name": "Анна Ким"}, {"name": "Пётр Ли"}]
    assert item["image"] == [
        {"url": "https://a.example/most-most.jpg", "caption": "Мост.", "creditText": "Анна Ким"}
    ]
    assert (item["dateline"], item["keywords"]) == ("СМОЛЕНСК, 2 янв - Агентство", ["мост", "Мост"])


def test_a_method_speaks_before_the_order_and_may_say_absent() -> None:
    class Own(Site):
        def keywords(self) -> Found | None:
            return Found([], "css")

        def author(self) -> Found | None:
            return Found([{"name": "Свой"}], "text") if self.first(".by") is not None else None

    item = article(ENDLESS, Own)
    assert "keywords" not in item
    assert "keywords" not in item["origins"]
    assert (item["author"], item["origins"]["author"]) == ([{"name": "Свой"}], "text")


def test_a_title_and_a_stated_date_are_an_article_without_text() -> None:
    only_titled = read([Page], URL, f"{META_DATE}<h1>Only</h1>".encode(), [], AT).article
    assert only_titled is not None
    assert only_titled.articleBody is None
