"""The three small sites keep their promises: every theme, one truth per link, and pages that say what the truth says."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urljoin

import lxml.html
import pytest

from .plays import NOTES
from .regional import PROGRAMME, THEMES, RegionalSite, Turn
from .site import Request, Response
from .smollenta import Smollenta
from .sn_gazeta import SnGazeta
from .vybor_naroda import ADDRESS, VyborNaroda

if TYPE_CHECKING:
    from collections.abc import Iterator

TODAY = date(2026, 1, 2)
SITES = (VyborNaroda, Smollenta, SnGazeta)
SEEDS = (1, 77)
INVISIBLE = re.compile("[\u00ad\u200b\u200c\u200d\u2060\ufeff]")
PAGES = {
    "vybor_naroda": r"http://(?:vybor-naroda\.org|83\.69\.226\.28)/[a-z0-9_/-]+/\d+-[^/?]+\.html",
    "smollenta": r"https?://smollenta\.ru/20\d\d/\d\d/[a-z0-9-]+/?",
    "sn_gazeta": r"https?://sn-gazeta\.ru/(?!tag|page|author|search|elsewhere)[a-z0-9_-]+/[a-z0-9-]{8,}/",
}


@pytest.fixture(scope="module", params=[(site, seed) for site in SITES for seed in SEEDS], ids=str)
def site(request: pytest.FixtureRequest) -> RegionalSite:
    made, seed = request.param
    playing: RegionalSite = made(seed, TODAY)
    return playing


def asked(site: RegionalSite, url: str) -> Response:
    """What the site answers, redirects followed."""
    for _ in range(6):
        scheme, _, rest = url.partition("://")
        host, slash, target = rest.partition("/")
        response = site.respond(Request("GET", scheme, host, slash + target))
        location = next((value for name, value in response.headers if name == "Location"), "")
        if not location:
            return response
        url = urljoin(url, location)
    raise AssertionError(f"{url} redirects without end")


def articles(site: RegionalSite) -> Iterator[tuple[Turn, dict[str, Any], str]]:
    """Every article with its truth and its page as text in the charset that it was written in."""
    for turn in site.turns(1):
        truth = turn.expected().article
        if truth is not None:
            yield turn, truth, asked(site, turn.asked).body.decode(turn.leaf.look.charset)


def read(html: str) -> str:
    """All text of a page, one space between words, without invisible marks."""
    root = lxml.html.document_fromstring(html)
    for line_break in root.iter("br"):
        line_break.tail = " " + (line_break.tail or "")
    return flat(cast("str", root.xpath("string()")))


def flat(text: str) -> str:
    return " ".join(INVISIBLE.sub("", text).split())


def found(html: str, path: str) -> list[str]:
    """What an XPath finds on a page: attributes or texts."""
    root = lxml.html.document_fromstring(html.encode(), parser=lxml.html.HTMLParser(encoding="utf-8"))
    return cast("list[str]", root.xpath(path))


def test_every_site_has_forty_articles_and_ends_otherwise_too(site: RegionalSite) -> None:
    outcomes = Counter(expected.outcome for expected in site.expected())
    assert outcomes["article"] >= 40
    assert set(outcomes) == {"article", "rejected", "not-an-article", "http-error", "too-old"}


def test_every_theme_occurs_on_every_site(site: RegionalSite) -> None:
    themes = Counter(turn.theme.name for turn in site.turns(1) if turn.outcome == "article")
    assert set(themes) == set(THEMES)
    assert min(themes.values()) >= 5


def test_every_play_is_played(site: RegionalSite) -> None:
    assert {turn.leaf.play for turn in site.turns(1)} >= set(PROGRAMME)
    assert set(PROGRAMME) <= set(NOTES) | {"comments"}


def test_class_names_and_manners_are_drawn() -> None:
    looks = [turn.leaf.look for turn in SnGazeta(1, TODAY).turns(1)]
    assert {look.paragraphs for look in looks} == {"p", "br", "div"}
    assert {look.charset for look in looks} == {"utf-8", "windows-1251"}
    assert {look.aside for look in looks} == {"none", "left", "right", "before", "after"}
    assert len({look.declared for look in looks}) == 6
    assert len({look.prefix for look in looks}) > 5


def test_no_two_truths_share_a_name_or_an_address(site: RegionalSite) -> None:
    truths = site.expected()
    assert max(Counter(expected.identifier for expected in truths).values()) == 1
    assert max(Counter(expected.url for expected in truths).values()) == 1


def sources(site: RegionalSite) -> Iterator[tuple[str, str]]:
    """URL and text of everything that is no article page."""
    pages = {link for turn in site.turns(1) for link in forms(turn)}
    for url in site.shelf(1).answers:
        response = asked(site, url)
        if url.partition("?")[0] not in pages and not url.endswith("robots.txt"):
            yield (
                url,
                response.body.decode("windows-1251" if b"windows-1251" in response.body[:99] else "utf-8"),
            )


def forms(turn: Turn) -> set[str]:
    own = {turn.leaf.url, turn.asked, *turn.hops, *turn.links.values()}
    return own | {url.replace("http://vybor-naroda.org", ADDRESS) for url in own}


def test_every_link_that_a_source_announces_has_exactly_one_truth(site: RegionalSite) -> None:
    announced = {
        link
        for _, text in sources(site)
        for link in re.findall(rf"(?<=[\"'>]){PAGES[site.name]}(?=[?\"'<])", text)
    }
    menu = {site.brand.home + path for _, path in site.brand.menu}
    truths = {turn.asked: forms(turn) for turn in site.turns(1)}
    for link in announced:
        assert sum(link in forms_of_one for forms_of_one in truths.values()) == 1, link
    for turn in site.turns(1):
        assert any(form in announced | menu for form in forms(turn)), turn.asked


def test_every_truth_says_in_which_forms_its_link_is_announced(site: RegionalSite) -> None:
    texts = "\n".join(text for _, text in sources(site)).replace("&amp;", "&")
    for expected in site.expected():
        assert expected.json()["links"]
        assert all(
            link in texts or link.removeprefix(site.brand.home) in texts for link in expected.json()["links"]
        )


def test_the_truth_stands_on_the_page(site: RegionalSite) -> None:
    for turn, truth, html in articles(site):
        text = read(html)
        assert truth["headline"] in text
        for paragraph in truth["articleBody"].split("\n\n"):
            assert all(flat(cell) in text for cell in paragraph.split(" | ")), (turn.asked, paragraph)
        for image in truth.get("image", []):
            assert image["url"].removeprefix(site.brand.home) in html
            assert image.get("caption", "") in text
            assert image.get("creditText", "") in text
        for author in truth.get("author", []):
            assert author["name"] in text or author["name"] in html
        for keyword in truth.get("keywords", []):
            assert keyword in html


def test_paragraphs_stand_in_the_order_of_the_truth(site: RegionalSite) -> None:
    for turn, truth, html in articles(site):
        if turn.leaf.play in ("hidden", "crowded", "table"):
            continue
        text, at = read(html), 0
        for paragraph in truth["articleBody"].split("\n\n"):
            at = text.index(flat(paragraph), at)


def test_pages_state_what_the_truth_says_of_the_head(site: RegionalSite) -> None:
    for _, truth, html in articles(site):
        described = found(html, "//meta[@property='og:description' or @name='description']/@content")
        assert ("description" in truth) == bool(described)
        assert truth.get("description") in [*map(flat, described), None]
        stated = found(html, "//link[@rel='canonical']/@href | //meta[@property='og:url']/@content")
        assert ([truth["canonicalUrl"]] if "canonicalUrl" in truth else []) == sorted(set(stated))
        assert ([truth["inLanguage"]] if "inLanguage" in truth else []) == found(html, "/html/@lang")
        assert ("publisher" in truth) == ("og:site_name" in html or "ld+json" in html)


def test_linked_data_is_whole_and_its_references_resolve(site: RegionalSite) -> None:
    for turn, truth, html in articles(site):
        scripts = found(html, "//script[@type='application/ld+json']/text()")
        assert bool(scripts) == (turn.theme.name == "wordpress-graph")
        for script in scripts:
            nodes = json.loads(script)["@graph"]
            known = {node["@id"] for node in nodes if "@id" in node}
            told = next(node for node in nodes if node["@type"] in ("Article", "NewsArticle"))
            assert told["publisher"]["@id"] in known
            assert told["headline"] == truth["headline"]
            assert told["datePublished"] == truth["datePublished"]


def test_the_same_seed_gives_the_same_bytes(site: RegionalSite) -> None:
    again = type(site)(site.seed, site.today)
    assert site.shelf(1).answers == again.shelf(1).answers
    assert [one.json() for one in site.expected()] == [one.json() for one in again.expected()]


def test_another_seed_gives_another_newsroom() -> None:
    first, second = (VyborNaroda(seed, TODAY).expected() for seed in (1, 2))
    assert not {one.article["headline"] for one in first if one.article} & {
        one.article["headline"] for one in second if one.article
    }


def test_the_second_edition_changes_one_article_and_takes_one_away(site: RegionalSite) -> None:
    before = {one.identifier: one for one in site.expected(1)}
    after = {one.identifier: one for one in site.expected(2)}
    assert before.keys() == after.keys()
    changed = [key for key in before if before[key].article != after[key].article]
    outcomes = sorted(after[key].outcome for key in changed)
    assert outcomes == ["article", "http-error"]


@pytest.mark.parametrize("seed", [3, 4, 5, 6])
def test_the_seed_dump_is_played_in_its_own_order(seed: int) -> None:
    ends = {
        "vybor_naroda": (
            "Портал разработан",
            "Меню",
            "{when}",
            "{title}",
            "Фото с сайта:",
            "{first}",
            "{last}",
            "Печать",
            "E-mail*:",
            "Архив",
            "Пн",
        ),
        "smollenta": (
            "{title}",
            "{when}",
            "{first}",
            "{last}",
            "{author}",
            " Фото",
            "Читайте также",
            "Новости регионов",
        ),
        "sn_gazeta": (
            "Главная",
            "...",
            "{title}",
            "Власть",
            "{first}",
            "{last}",
            "Смоленская народная газета",
        ),
    }
    for made in SITES:
        playing = made(seed, TODAY)
        turn, truth, html = next(one for one in articles(playing) if one[0].leaf.play == "seed-order")
        text = read(html.partition("<body")[2].partition(">")[2])
        body = truth["articleBody"].split("\n\n")
        known = {
            "title": truth["headline"],
            "when": f"{turn.leaf.story.published:%H:%M}",
            "first": flat(body[0]),
            "last": flat(body[-1]),
            "author": next((one["name"] for one in truth.get("author", [])), ""),
        }
        at = 0
        for part in ends[playing.name]:
            at = text.index(part.format(**known), at) + 1
