"""The visible stretches of text of a page."""

from __future__ import annotations

import pytest
from lxml import html

from crawler.runs import Run, mark_excerpts, runs

LONG = "Достаточно длинное предложение, чтобы считаться текстом."


def found(body: str) -> list[Run]:
    return runs(html.document_fromstring(f"<html><body>{body}</body></html>"))


def excerpts(body: str) -> list[bool]:
    marked = found(body)
    mark_excerpts(marked)
    return [run.excerpt for run in marked]


def test_an_empty_line_parts_two_runs_of_one_element_and_a_single_break_does_not() -> None:
    assert [run.text for run in found("<div>раз<br>два<br><br>три</div>")] == ["раз два", "три"]


def test_a_block_parts_the_text_around_it() -> None:
    assert [run.text for run in found("<div>раз<p>два</p>три</div>")] == ["раз", "два", "три"]


@pytest.mark.parametrize(
    "unseen",
    [
        "<p hidden>{}</p>",
        "<p style='display:none'>{}</p>",
        "<p aria-hidden=true>{}</p>",
        "<nav>{}</nav>",
        "<script>{}</script>",
    ],
)
def test_what_no_reader_sees_is_no_run(unseen: str) -> None:
    assert found(unseen.format(LONG)) == []


def test_links_weigh_against_text() -> None:
    text, link = found(f"<p>{LONG}</p><p><a href=/x>{LONG}</a></p>")
    assert text.weight > 0
    assert link.weight == 0
    assert link.is_link


@pytest.mark.parametrize(
    "line",
    ["26 августа 2025, 12:17 Фото с сайта: kremlin.example", "Фото: пресс-служба областной филармонии"],
)
def test_a_line_of_date_or_credit_is_no_text_however_long(line: str) -> None:
    assert found(f"<div>{line}</div>")[0].weight == 0


def test_a_text_behind_another_pages_title_is_an_excerpt() -> None:
    title = "<h3><a href=/x>В соседнем посёлке открыли пристань</a></h3>"
    assert excerpts(f"<p>{LONG}</p>{title}<p>{LONG}</p>") == [False, False, True]


def test_a_text_behind_a_read_also_line_is_no_excerpt() -> None:
    box = "<p>Читайте также: <a href=/x>В соседнем посёлке открыли пристань</a></p>"
    assert excerpts(f"<p>{LONG}</p>{box}<p>{LONG}</p>") == [False, False, False]


def test_what_a_site_says_of_itself_is_no_text() -> None:
    lines = (
        "© Вестник слободы. Все права защищены.",
        "При использовании материалов ссылка на «Вестник» обязательна.",
    )
    assert [run.weight for run in found("".join(f"<p>{line}</p>" for line in lines))] == [0, 0]


def test_names_of_elements_only_lower_trust() -> None:
    aside, main = found(f"<div class=sidebar>{LONG}</div><div class=x>{LONG}</div>")
    assert 0 < aside.weight < main.weight


def test_short_cells_are_labels_only_where_they_are_no_table_of_data() -> None:
    row = "<tr><td>Ольховец</td><td>14 причалов</td></tr>"
    assert {run.is_label for run in found(f"<table>{row * 3}</table>")} == {False}
    assert {run.is_label for run in found(f"<table>{row}</table>")} == {True}
    assert {
        run.is_label for run in found("<table><tr><td>Ольховец</td></tr><tr><td>14 мая</td></tr></table>")
    } == {True}


def test_a_page_that_nests_deeper_than_calls_can_go_is_walked() -> None:
    deep = "<div>" * 1500 + "<p>Мост через реку открыли для пешеходов в субботу утром.</p>"
    page = html.document_fromstring(deep, parser=html.HTMLParser(huge_tree=True))
    assert [run.text for run in runs(page)] == ["Мост через реку открыли для пешеходов в субботу утром."]
