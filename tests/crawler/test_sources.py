import gzip
import time
import tracemalloc
from datetime import date

import pytest

from crawler import sitemap
from crawler.sources import Announced, Feed, Link, Listing, NewsSitemap, Sitemap, Source

BASE = "https://gazeta.example/"
RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:rbc_news="https://example.org/ns"><channel><title>Лента</title>
<item><title>Мост  открыт</title><link>/n/1</link><guid isPermaLink="false">1</guid>
<pubDate>Thu, 01 Jan 2026 10:00:00 +0300</pubDate><pdalink>https://m.gazeta.example/n/1</pdalink>
<rbc_news:full-text>Первый абзац.&lt;br&gt;Второй.</rbc_news:full-text></item>
<item><title>Без ссылки</title><guid>https://gazeta.example/n/2</guid></item>
</channel></rss>"""


def urls(announced: Announced) -> list[str]:
    return [link.url for link in announced.links]


def urlset(*entries: str, name: str = "urlset") -> bytes:
    space = "http://www.sitemaps.org/schemas/sitemap/0.9"
    news = "http://www.google.com/schemas/sitemap-news/0.9"
    image = "http://www.google.com/schemas/sitemap-image/1.1"
    head = f'<?xml version="1.0"?><{name} xmlns="{space}" xmlns:news="{news}" xmlns:image="{image}">'
    return (head + "".join(entries) + f"</{name}>").encode()


def entry(path: str, extra: str = "", name: str = "url") -> str:
    return f"<{name}><loc> {BASE}{path} </loc>{extra}</{name}>"


def test_a_day_in_the_url_makes_one_source_per_day_newest_first() -> None:
    source = Sitemap(BASE + "map.xml?day={day:%Y%m%d}", optional=True)
    days = source.days(date(2025, 12, 31), date(2026, 1, 1))
    assert [day.url for day in days] == [BASE + "map.xml?day=20260101", BASE + "map.xml?day=20251231"]
    assert all(day.optional for day in days)


def test_days_with_the_same_url_are_one_source() -> None:
    assert len(Listing(BASE + "{day:%Y/%m}/").days(date(2026, 1, 1), date(2026, 1, 31))) == 1


def test_a_feed_gives_links_with_its_own_words() -> None:
    first, second = Feed(BASE + "rss").read(RSS.encode(), BASE + "rss").links
    assert first == Link(BASE + "n/1", "Мост открыт", "Thu, 01 Jan 2026 10:00:00 +0300")
    assert second.url == BASE + "n/2"


def test_a_feed_may_keep_url_and_text_in_elements_of_its_own() -> None:
    source = Feed(BASE + "rss", link="pdalink", text="rbc_news:full-text")
    first = source.read(RSS.encode(), BASE + "rss").links[0]
    assert first.url == "https://m.gazeta.example/n/1"
    assert first.text == "Первый абзац.<br>Второй."


def test_an_atom_feed_is_a_feed() -> None:
    atom = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>Т</title><link href="/a"/>'
        "<updated>2026-01-01T10:00:00Z</updated><content type='html'>Весь текст</content></entry></feed>"
    )
    assert Feed(BASE).read(atom.encode(), BASE).links == (
        Link(BASE + "a", "Т", "2026-01-01T10:00:00Z", "Весь текст"),
    )


def test_a_feed_in_windows_1251_is_read_by_what_it_declares() -> None:
    body = RSS.replace("utf-8", "windows-1251").encode("windows-1251")
    announced = Feed(BASE).read(body, BASE, [("Content-Type", "application/rss+xml")])
    assert announced.links[0].title == "Мост открыт"
    assert announced.trouble is None


def test_a_feed_that_breaks_off_keeps_what_came_before() -> None:
    announced = Feed(BASE).read(RSS[: RSS.index("Без")].encode(), BASE)
    assert urls(announced)[0] == BASE + "n/1"
    assert "broken" in (announced.trouble or "")


def test_a_feed_with_a_bare_ampersand_and_a_control_character_is_salvaged() -> None:
    body = RSS.replace("Мост", "Мост & берег \x08").encode()
    announced = Feed(BASE).read(body, BASE)
    assert BASE + "n/1" in urls(announced)
    assert announced.trouble


@pytest.mark.parametrize("source", [Feed(BASE), Sitemap(BASE), NewsSitemap(BASE)])
def test_a_page_that_is_something_else_is_said_to_be_so(source: Source) -> None:
    announced = source.read(b"<!DOCTYPE html><html><body><p>Not here</p></body></html>", BASE)
    assert announced.links == ()
    assert (announced.trouble or "").startswith("this is no ")


def test_a_feed_whose_bytes_are_the_name_of_a_file_is_no_feed() -> None:
    assert Feed(BASE).read(__file__.encode(), BASE) == Announced(trouble="this is no feed")


def test_an_empty_feed_is_read_and_announces_nothing() -> None:
    body = b"<rss version='2.0'><channel><title>x</title></channel></rss>"
    assert Feed(BASE).read(body, BASE) == Announced()


def test_a_sitemap_keeps_lastmod_as_evidence() -> None:
    body = urlset(entry("new", "<lastmod>2026-01-02T00:10:00+03:00</lastmod>"), entry("undated"))
    announced = Sitemap(BASE).read(body, BASE, since=date(2026, 1, 2))
    assert announced == Announced(
        (Link(BASE + "new", modified="2026-01-02T00:10:00+03:00"), Link(BASE + "undated"))
    )


def test_a_news_sitemap_says_title_and_publication_date() -> None:
    news = "<news:news><news:publication_date>2026-01-02</news:publication_date><news:title>Мост</news:title></news:news>"
    picture = f"<image:image><image:loc>{BASE}1.jpg</image:loc><image:title>Вид</image:title></image:image>"
    body = urlset(entry("a", picture + news), entry("b"))
    assert NewsSitemap(BASE).read(body, BASE).links == (
        Link(BASE + "a", "Мост", "2026-01-02"),
        Link(BASE + "b"),
    )


def test_an_index_names_further_sitemaps_within_the_window() -> None:
    body = urlset(
        entry("1.xml", "<lastmod>2026-01-02</lastmod>", "sitemap"),
        entry("2.xml", "<lastmod>2020-01-02</lastmod>", "sitemap"),
        name="sitemapindex",
    )
    announced = Sitemap(BASE, optional=True).read(body, BASE, since=date(2026, 1, 1))
    assert announced == Announced(more=(Sitemap(BASE + "1.xml", optional=True),))


def test_of_a_long_index_the_newest_sitemaps_are_read_and_the_rest_is_said() -> None:
    entries = [entry(f"{n}.xml", f"<lastmod>2026-01-0{n}</lastmod>", "sitemap") for n in range(1, 6)]
    announced = Sitemap(BASE, most=2).read(urlset(*entries, name="sitemapindex"), BASE)
    assert [source.url for source in announced.more] == [BASE + "4.xml", BASE + "5.xml"]
    assert announced.trouble == "the index names 5 sitemaps, of which 2 are read"


def test_a_gzipped_sitemap_and_one_of_lines_are_read() -> None:
    assert urls(Sitemap(BASE).read(gzip.compress(urlset(entry("a"))), BASE)) == [BASE + "a"]
    text = f"\ufeff{BASE}a\r\n{BASE}b\n".encode()
    assert urls(Sitemap(BASE).read(text, BASE + "map.txt")) == [BASE + "a", BASE + "b"]


def test_a_sitemap_that_breaks_off_keeps_what_came_before() -> None:
    body = urlset(entry("a"), entry("b"))
    cut = Sitemap(BASE).read(body[: body.index(b"/b")], BASE)
    assert urls(cut) == [BASE + "a"]
    assert "ends early" in (cut.trouble or "")
    torn = Sitemap(BASE).read(gzip.compress(body)[:-9], BASE)
    assert torn.trouble == "the gzip stream ends early"


def test_a_sitemap_with_a_bare_ampersand_is_salvaged() -> None:
    assert BASE + "b" in urls(Sitemap(BASE).read(urlset(entry("a?x=1&y=2"), entry("b")), BASE))


def test_entities_of_a_sitemap_are_never_resolved() -> None:
    laughs = "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 12))
    head = f"<!DOCTYPE x [<!ENTITY a0 'ha'><!ENTITY f SYSTEM 'file://{__file__}'>{laughs}]>"
    body = head.encode() + urlset(entry("&a11;"), entry("&f;"), entry("good"))[21:]
    began = time.monotonic()
    announced = Sitemap(BASE).read(body, BASE)
    assert time.monotonic() - began < 2
    assert "ha" * 3 not in str(announced)
    assert "import" not in str(announced)


def test_laughing_entities_of_a_feed_do_not_fill_the_memory() -> None:
    laughs = "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 12))
    body = f"<!DOCTYPE rss [<!ENTITY a0 'ha'>{laughs}]>" + RSS[RSS.index("<rss") :].replace("Мост", "&a11;")
    announced = Feed(BASE).read(body.encode(), BASE)
    assert len(str(announced)) < 10_000


def test_a_gzip_bomb_is_cut_at_the_largest_size() -> None:
    bomb = gzip.compress(b"<urlset>" + b" " * (sitemap.LARGEST + 1), compresslevel=1)
    assert Sitemap(BASE).read(bomb, BASE).trouble == sitemap.TOO_LARGE


def test_a_sitemap_of_many_entries_is_read_in_flat_memory() -> None:
    body = urlset(*[entry(str(n)) for n in range(20_000)])
    tracemalloc.start()
    count = sum(1 for _ in sitemap.Entries(body))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 20_000
    assert peak < len(body)


def test_a_listing_gives_every_link_of_the_page_once_with_its_longest_text() -> None:
    page = """<html><body><a href="/n/1"><img></a> <a href="/n/1#c">Мост <b>открыт</b></a>
    <a href="mailto:a@b.example">x</a><a href="javascript:void(0)">y</a><a href="http://[bad">z</a>
    <a href="https://other.example/">w</a><a>v</a></body></html>"""
    assert Listing(BASE).read(page.encode(), BASE).links == (
        Link(BASE + "n/1", "Мост открыт"),
        Link("https://other.example/", "w"),
    )


def test_the_pages_of_a_listing_follow_the_template_until_the_last() -> None:
    second = Listing(BASE + "news/", pages="page/{page}/", most=2).read(b"<p>x</p>", BASE + "news/").more[0]
    assert second.url == BASE + "news/page/2/"
    assert second.optional
    assert second.read(b"<p>x</p>", second.url).more == ()


@pytest.mark.parametrize(
    ("markup", "following"),
    [
        ('<head><link rel="next" href="/news/more/2"></head>', "news/more/2"),
        ('<a rel="nofollow next" href="?p=2">дальше</a>', "news/?p=2"),
        ('<a href="/news/page/3/">3</a><a href="/news/page/2/">2</a>', "news/page/2/"),
        ('<a href="/news/?PAGEN_1=2">2</a>', "news/?PAGEN_1=2"),
        ('<a href="/sport/page/2/">2</a><a href="/news/2/">2</a>', None),
        ('<a rel="next" href="https://other.example/">ad</a>', None),
    ],
)
def test_without_a_template_the_page_itself_says_where_it_goes_on(markup: str, following: str | None) -> None:
    more = Listing(BASE + "news/").read(markup.encode(), BASE + "news/").more
    assert [source.url for source in more] == ([BASE + following] if following else [])


def test_the_third_page_follows_from_the_second() -> None:
    second = Listing(BASE + "news/").read(b'<a href="/news/?PAGEN_1=2">2</a>', BASE + "news/").more[0]
    links = b'<a href="/news/">1</a><a href="/news/?PAGEN_1=2">2</a><a href="/news/?PAGEN_1=3">3</a>'
    assert second.read(links, second.url).more[0].url == BASE + "news/?PAGEN_1=3"


@pytest.mark.parametrize("body", [b"", b"\x00\x01", b"<!-- -->"])
def test_a_listing_without_html_announces_nothing_and_does_not_raise(body: bytes) -> None:
    assert Listing(BASE).read(body, BASE, [("Content-Type", "text/html; charset=nonsense")]).links == ()
