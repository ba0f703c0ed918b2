import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from archive.urlkey import any_key, key, plain_key

LABELS = st.sampled_from(
    ["www", "www2", "wwwa", "ria", "rk39", "a-b", "xn--80a", "0x7f", "127", "ru", "1", "r1", "http"]
)
PIECES = st.sampled_from(
    [
        "a",
        "B",
        "2026",
        "news.html",
        "a.aspx",
        "-",
        "_",
        "~",
        "=",
        ";b",
        ":",
        "@",
        "+",
        ",",
        ".",
        "..",
        "a..b",
        "",
        "https:",
        "sid=1",
    ]
)
PARTS = st.sampled_from(
    [
        "a=1",
        "A=2",
        "a",
        "a=",
        "",
        "=",
        "b=1=2",
        "sid=" + "0" * 32,
        "PHPSESSID=" + "a" * 32,
        "cfid=1&cftoken=2",
        "/",
        "?",
        "Id=7",
    ]
)


@st.composite
def urls(draw: st.DrawFn) -> str:
    scheme = draw(st.sampled_from(["http", "https", "https", "ftp"]))
    host = ".".join([*draw(st.lists(LABELS, max_size=3)), draw(LABELS | st.just("example"))])
    path = "".join("/" + piece for piece in draw(st.lists(PIECES, max_size=4)))
    query = "&".join(draw(st.lists(PARTS, max_size=3)))
    return f"{scheme}://{host}{path}{draw(st.sampled_from(['', '?']))}{query}"


@example("https://www.ria.ru/20260531/news-1.html?from=feed")
@example("https://www.ru")
@example("http://a.ru/?&&")
@given(urls() | st.from_regex(r"https?://[a-zA-Z0-9.:-]{1,20}/[!-~]{0,30}", fullmatch=True))
def test_the_short_way_to_a_key_leads_where_surt_does(url: str) -> None:
    found = plain_key(url)
    assert found is None or found == any_key(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://ria.ru/20260531/most-2039174868.html",
        "https://kaliningrad.rbc.ru/kaliningrad/31/05/2026/665a0b1c9a79470d5a0c3b1e?from=newsfeed",
        "http://www.smollenta.ru/news/?page=2&tag=a",
        "https://sn-gazeta.ru/index.php?id=12",
    ],
)
def test_the_urls_of_news_take_the_short_way(url: str) -> None:
    assert plain_key(url) == key(url)
