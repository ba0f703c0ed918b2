"""Which visible line is the title."""

from __future__ import annotations

import pytest
from lxml import html

from crawler.runs import Runs
from crawler.text import anchor
from crawler.titles import shown_title


def title(body: str, *told: str, sites: tuple[str, ...] = ()) -> str | None:
    found = Runs(html.document_fromstring(f"<html><body>{body}</body></html>"))
    shown = shown_title(found, [anchor(line) for line in told], [anchor(name) for name in sites])
    return shown.text if shown else None


def test_the_heading_is_the_title_and_not_the_crumb_above_it() -> None:
    assert (
        title("<p>Мост покрасили заново</p><h1>Мост покрасили <b>заново</b></h1>", "Мост покрасили заново")
        == "Мост покрасили заново"
    )


def test_a_sites_name_behind_the_told_title_does_not_matter() -> None:
    assert (
        title("<div>Вестник слободы</div><div>Мост покрасили</div>", "Мост покрасили — Вестник слободы")
        == "Мост покрасили"
    )


def test_the_sites_name_in_a_heading_is_not_the_title() -> None:
    page = "<h1>Вестник слободы</h1><h2>Мост покрасили</h2>"
    assert (
        title(page, "Вестник слободы: Мост покрасили", "Мост покрасили", sites=("Вестник слободы",))
        == "Мост покрасили"
    )


def test_a_told_title_that_was_cut_finds_the_whole_one() -> None:
    whole = "Мост у Кузнечной слободы покрасили заново за две недели"
    assert title(f"<h1>{whole}</h1>", "Мост у Кузнечной слободы покрасили…") == whole


def test_a_link_to_the_article_elsewhere_is_not_its_title() -> None:
    page = "<ul><li><a href=/x>Мост покрасили заново</a></ul><div>Мост покрасили заново</div>"
    found = Runs(html.document_fromstring(f"<html><body>{page}</body></html>"))
    shown = shown_title(found, ["мост покрасили заново"], [])
    assert shown is not None
    assert shown.element.tag == "div"


@pytest.mark.parametrize("told", [(), ("Совсем другое название страницы",)])
def test_no_title_is_better_than_a_wrong_one(told: tuple[str, ...]) -> None:
    assert title("<p>Мост покрасили заново</p>", *told) is None


@pytest.mark.parametrize(
    ("body", "told", "walked"),
    [
        ("<h1>Мост покрасили заново</h1>", "Мост покрасили заново", 2),  # it says just that
        ("<h1>Мост покрасили заново</h1>", "Мост покрасили заново — Вестник", 2),  # there is no other h1
        ("<h1>Мост покрасили</h1><h1>Мост покрасили заново</h1>", "Мост покрасили заново", 3),
        ("<h2>Мост покрасили заново</h2>", "Мост покрасили заново", 101),  # an h1 may come
        ("<div>Мост покрасили заново</div>", "Мост покрасили заново", 101),
    ],
)
def test_no_more_is_walked_than_the_title_takes(body: str, told: str, walked: int) -> None:
    page = html.document_fromstring(f"<html><body>{body}{'<p>после</p>' * 100}</body></html>")
    found = Runs(page)
    shown = shown_title(found, [anchor(told)], [], next(reversed(list(page.iter("h1"))), None))
    assert shown is not None
    assert shown.text == "Мост покрасили заново"
    assert len(found._whole) == walked


def test_the_better_one_of_two_h1_is_the_title_wherever_it_stands() -> None:
    page = html.document_fromstring(
        "<html><body><h1>Мост покрасили</h1><p>12 мая</p><h1>Мост покрасили заново</h1><p>текст</p></body></html>"
    )
    shown = shown_title(Runs(page), [anchor("Мост покрасили заново")], [], page.findall(".//h1")[-1])
    assert shown is not None
    assert shown.text == "Мост покрасили заново"


@pytest.mark.parametrize(
    "heading",
    [
        "<h1>Новости города<div>Главное</div>В городе открыли мост</h1>",
        "<h1>Новости города<div>Главное<p>12 мая</p></div>В городе открыли мост</h1>",
    ],
)
def test_the_end_of_the_last_h1_is_waited_for(heading: str) -> None:
    page = html.document_fromstring(f"<html><body>{heading}<p>текст</p></body></html>")
    told = [anchor("В городе открыли мост: новости города")]
    shown = shown_title(Runs(page), told, [], page.find(".//h1"))
    assert shown is not None
    assert shown.text == "В городе открыли мост"
