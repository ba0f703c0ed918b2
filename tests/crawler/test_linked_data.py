import pytest

from crawler.linked_data import about, blocks, text, texts

ARTICLE = '{"@type": "NewsArticle", "headline": "Мост открыт"}'


def headline(*scripts: str, url: str = "https://a.example/1") -> str:
    return text(about(blocks(scripts), [url]).get("headline"))


@pytest.mark.parametrize(
    "script",
    [
        ARTICLE,
        f"<!-- {ARTICLE} -->",
        f"//<![CDATA[\n{ARTICLE}\n//]]>",
        f"/*<![CDATA[*/{ARTICLE}/*]]>*/",
        f"[{ARTICLE}]",
        f"[[{ARTICLE}]]",
        f'{{"@context": "https://schema.org", "@graph": [{{"@type": "WebSite"}}, {ARTICLE}]}}',
        f'{{"@type": "WebPage", "mainEntity": {ARTICLE}}}',
        ARTICLE.replace("}", ", }"),
        ARTICLE.replace("Мост", "\n  Мост\t") + ";",
        ARTICLE.replace('"', "&quot;"),
        f'{{"@type": "BreadcrumbList"}}\n{ARTICLE}',
        '{"@type": ["Article", "Thing"], "headline": ["Мост открыт"]}',
        '{"@type": "http://schema.org/BlogPosting", "headline": "<b>Мост</b> открыт"}',
        '{"@type": "ReportageNewsArticle", "headline": "Мост\\u00a0открыт", "tags": [1, 2,],}',
    ],
)
def test_an_article_is_found_however_the_block_is_written(script: str) -> None:
    assert headline(script) == "Мост открыт"


def test_what_can_only_be_guessed_at_is_not_taken() -> None:
    assert headline('{"@type": "Article", "headline": "Завод "Луч" построен"}') == ""


def test_an_apostrophe_escaped_as_in_javascript_is_an_apostrophe() -> None:
    assert headline('{"@type": "Article", "headline": "Д\\\'Артаньян"}') == "Д'Артаньян"


def test_a_broken_block_does_not_hide_its_neighbour() -> None:
    assert headline('{"@type": "Article", "headline": ', ARTICLE) == "Мост открыт"


def test_the_article_of_this_page_is_taken_and_not_the_next_one_of_an_endless_page() -> None:
    other = '{"@type": "Article", "url": "https://a.example/2", "headline": "Другая"}'
    own = '{"@type": "Article", "mainEntityOfPage": {"@id": "http://www.a.example/1/"}, "headline": "Мост открыт"}'
    assert headline(other, own) == "Мост открыт"
    assert headline(other, other.replace("/2", "/3")) == ""
    assert headline(other, ARTICLE) == "Мост открыт"


def test_references_by_id_are_resolved() -> None:
    graph = '{"@graph": [{"@type": "Article", "author": {"@id": "#p"}}, {"@id": "#p", "@type": "Person", "name": "Анна"}]}'
    assert texts(about(blocks([graph]), [])["author"]) == ["Анна"]


def test_what_is_no_article_is_not_taken() -> None:
    assert about(blocks(['{"@type": "ImageObject", "name": "фото"}', "[]", "3", '"x"', ""]), []) == {}


def test_hostile_nesting_ends() -> None:
    assert blocks(["[" * 100_000]) == []
    assert blocks(['{"@graph": ' * 400 + "1" + "}" * 400]) != []


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("  Анна &amp; Ко ", "Анна & Ко"),
        ({"name": ["", "Анна"]}, "Анна"),
        (2026, "2026"),
        (True, ""),
        (None, ""),
        ([], ""),
    ],
)
def test_a_value_gives_its_words(value: object, expected: str) -> None:
    assert text(value) == expected
