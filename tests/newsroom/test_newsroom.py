from __future__ import annotations

import http.client
import json
import re
import ssl
import subprocess
import sys
from collections import Counter
from datetime import date
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.newsroom import Newsroom, Request, Site, newsroom
from tests.newsroom.site import sites

if TYPE_CHECKING:
    from collections.abc import Iterator

TODAY = date(2026, 1, 1)
OWN = {"ria": 60, "rbc_kaliningrad": 55}
# the sources of the contract, as the spiders read them
SOURCES = {
    "ria": (
        "https://ria.ru/export/rss2/archive/index.xml",
        "https://ria.ru/sitemap_article.xml?date_start=20260101&date_end=20260101",
        "https://ria.ru/sitemap_article.xml?date_start=20251231&date_end=20251231",
    ),
    "rbc_kaliningrad": (
        "https://kaliningrad.rbc.ru/kaliningrad/",
        "https://rssexport.rbc.ru/rbcnews/news/30/full.rss",
        "https://www.rbc.ru/sitemap_index.xml",
    ),
}


@pytest.fixture(scope="module")
def room() -> Iterator[Newsroom]:
    with newsroom(7, TODAY) as running:
        yield running


def ask(room: Newsroom, url: str, **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
    scheme, _, rest = url.partition("://")
    host, _, path = rest.partition("/")
    address, _, port = room.connect_to[f"{host}:{443 if scheme == 'https' else 80}"].partition(":")
    connection = http.client.HTTPConnection(address, int(port), timeout=20)
    try:
        if scheme == "https":
            connection.connect()
            context = ssl.create_default_context(cafile=str(room.ca))
            connection.sock = context.wrap_socket(connection.sock, server_hostname=host)
        connection.request("GET", "/" + path, headers={"Host": host, **headers})
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


def site_of(name: str, seed: int = 7, today: date = TODAY) -> Site:
    return next(site for site in sites() if site.name == name)(seed, today)


def fetched(site: Site, url: str, edition: int = 1) -> bytes:
    scheme, _, rest = url.partition("://")
    host, slash, target = rest.partition("/")
    return site.respond(Request("GET", scheme, host, slash + target, edition=edition, attempt=9)).body


def announced(site: Site, edition: int = 1) -> set[str]:
    """Every link that the site's sources name, the sources' own sources among them read."""
    found: set[str] = set()
    for source in SOURCES[site.name]:
        text = fetched(site, source, edition).decode()
        assert text, source
        nested = [url for url in links_in(text) if re.search(r"/sitemap_\d+\.xml$", url)]
        found |= set(links_in(text)) - set(nested)
        for url in nested[:1]:  # the others were last changed before any window
            found |= set(links_in(fetched(site, url, edition).decode()))
    return found


def links_in(text: str) -> list[str]:
    if "<html" in text:
        found = re.findall(r'class="item__link[^"]*"\s+href="([^"]+)"', text)
    elif "<rss" in text:
        tag = "pdalink" if "<pdalink>" in text else "link"
        found = [
            url for item in text.split("<item>")[1:] for url in re.findall(f"<{tag}>([^<]+)</{tag}>", item)
        ]
    else:
        found = re.findall(r"<loc>([^<]+)</loc>", text)
    return [unescape(url) for url in found]


@pytest.mark.parametrize("name", OWN)
def test_every_announced_link_has_one_expected_and_every_expected_is_announced(name: str) -> None:
    site = site_of(name)
    for edition in (1, 2):
        known = Counter(link for one in site.expected(edition) for link in one.json()["links"])
        assert set(known) == announced(site, edition)
        assert max(known.values()) == 1
        identifiers = Counter(one.identifier for one in site.expected(edition))
        assert max(identifiers.values()) == 1


@pytest.mark.parametrize("name", OWN)
def test_a_site_has_enough_articles_and_many_kinds_of_trouble(name: str) -> None:
    expected = site_of(name).expected()
    outcomes = Counter(one.outcome for one in expected)
    assert outcomes["article"] >= OWN[name]
    assert set(outcomes) >= {"article", "rejected", "not-an-article", "http-error", "too-old", "robots"}
    assert len({one.note for one in expected}) >= 30


@pytest.mark.parametrize("name", OWN)
def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(name: str) -> None:
    first, again, other = site_of(name), site_of(name), site_of(name, seed=8)
    truths = [[one.json() for one in site.expected()] for site in (first, again, other)]
    assert truths[0] == truths[1] != truths[2]
    for one in truths[0]:
        assert fetched(first, one["url"]) == fetched(again, one["url"])
    assert [fetched(first, one["url"]) for one in truths[0]] != [
        fetched(other, one["url"]) for one in truths[2]
    ]


@pytest.mark.parametrize("name", OWN)
@pytest.mark.parametrize(
    "today", [date(2024, 2, 29), date(2026, 1, 1), date(2026, 11, 22), date(2018, 10, 2)]
)
def test_all_dates_follow_today(name: str, today: date) -> None:
    window = {today.toordinal(), today.toordinal() - 1}
    for one in site_of(name, today=today).expected():
        if one.article:
            assert date.fromisoformat(one.article["datePublished"][:10]).toordinal() in window


@pytest.mark.parametrize("name", OWN)
def test_an_article_is_edited_and_one_deleted_in_the_second_edition(name: str) -> None:
    site = site_of(name)
    before, after = ({one.identifier: one for one in site.expected(edition)} for edition in (1, 2))
    assert before.keys() == after.keys()
    changed = [key for key in before if before[key].article != after[key].article]
    assert sorted(after[key].outcome for key in changed) == ["article", "http-error"]


def test_it_answers_over_tls_with_its_own_authority_and_by_host(room: Newsroom) -> None:
    response, body = ask(room, "https://ria.ru/robots.txt")
    assert (response.status, body[:11]) == (200, b"User-agent:")
    assert ask(room, "http://ria.ru/robots.txt")[0].status == 301
    assert ask(room, "https://kaliningrad.rbc.ru/nowhere")[0].status == 404


def test_every_host_is_in_the_certificate_and_on_both_ports(room: Newsroom) -> None:
    hosts = [host for site in room.sites for host in site.hosts]
    assert set(room.connect_to) == {f"{host}:{port}" for host in hosts for port in (80, 443)}
    for host in hosts:
        assert ask(room, f"https://{host}/no-such-page")[0].status == 404


def test_one_connection_serves_many_requests(room: Newsroom) -> None:
    address, _, port = room.connect_to["ria.ru:80"].partition(":")
    connection = http.client.HTTPConnection(address, int(port), timeout=20)
    statuses = []
    for path in ("/robots.txt", "/nothing", "/robots.txt"):
        connection.request("GET", path, headers={"Host": "ria.ru"})
        statuses.append((answer := connection.getresponse()).status)
        answer.read()
    connection.close()
    assert statuses == [301, 404, 301]


def test_a_page_unchanged_since_its_etag_is_not_sent_again(room: Newsroom) -> None:
    url = next(one.url for one in room.truth["ria"] if "ETag" in one.note)
    response, body = ask(room, url)
    again, nothing = ask(room, url, **{"If-None-Match": str(response.getheader("ETag"))})
    assert (response.status, again.status, nothing) == (200, 304, b"")
    assert body


def test_a_page_without_an_etag_goes_by_the_very_date_it_gave(room: Newsroom) -> None:
    url = next(one.url for one in room.truth["ria"] if "Last-Modified alone" in one.note)
    date = str(ask(room, url)[0].getheader("Last-Modified"))
    asked = [
        ask(room, url, **{"If-Modified-Since": since})[0] for since in (date, "Thu, 01 Jan 1970 00:00:00 GMT")
    ]
    assert [(one.status, one.getheader("ETag"), one.getheader("Last-Modified")) for one in asked] == [
        (304, None, date),
        (200, None, date),
    ]


def test_gzip_is_sent_to_whom_accepts_it(room: Newsroom) -> None:
    url = next(one.url for one in room.truth["ria"] if one.note == "chunked")
    plain = ask(room, url)[0]
    packed, body = ask(room, url, **{"Accept-Encoding": "gzip, deflate"})
    assert plain.getheader("Content-Encoding") is None
    assert (packed.getheader("Content-Encoding"), packed.getheader("Transfer-Encoding")) == (
        "gzip",
        "chunked",
    )
    assert body[:2] == b"\x1f\x8b"


@pytest.mark.parametrize(("words", "status"), [("429", 429), ("503", 503)])
def test_some_pages_refuse_once_and_are_then_fine(words: str, status: int) -> None:
    with newsroom(3, TODAY) as fresh:
        url = next(one.url for one in fresh.truth["ria"] if one.note.startswith(words))
        assert [ask(fresh, url)[0].status for _ in range(3)] == [status, 200, 200]


def test_a_server_may_cut_a_body_short_or_say_nothing() -> None:
    with newsroom(3, TODAY) as fresh:
        urls = {one.note: one.url for one in fresh.truth["ria"]}
        with pytest.raises(http.client.IncompleteRead):
            ask(fresh, urls["cut off once, then whole"])
        assert ask(fresh, urls["cut off once, then whole"])[0].status == 200
        with pytest.raises(http.client.RemoteDisconnected):
            ask(fresh, urls["the connection is closed without a word"])


def test_the_log_tells_what_was_asked_and_an_edition_starts_anew() -> None:
    with newsroom(3, TODAY) as fresh:
        ask(fresh, "https://ria.ru/robots.txt")
        fresh.edition(2)
        ask(fresh, "https://ria.ru/robots.txt", **{"X-Odd": "yes"})
        log = fresh.requests()
        assert [(one.url, one.edition, one.attempt) for one in log] == [
            ("https://ria.ru/robots.txt", 1, 0),
            ("https://ria.ru/robots.txt", 2, 0),
        ]
        assert log[1].get("x-odd") == "yes"
        assert fresh.truth["ria"] == fresh.sites[[s.name for s in fresh.sites].index("ria")].expected(2)


def test_the_command_says_where_it_listens_and_ends_with_its_input() -> None:
    command = [sys.executable, "-m", "tests.newsroom", "--seed", "5", "--today", "2026-01-01"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdin
        told = json.loads(process.stdout.readline())
        truth = json.loads(Path(told["truth"]).read_text(encoding="utf-8"))
        process.stdin.close()
        assert process.wait(20) == 0
    assert told["today"] == "2026-01-01"
    assert told["connect_to"]["ria.ru:443"].startswith("127.0.0.1:")
    assert set(truth) >= set(OWN)
