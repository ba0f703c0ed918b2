"""The visible stretches of text of a page."""

from __future__ import annotations

import pytest
from lxml import html

from crawler.runs import Run, Runs, mark_excerpts

LONG = "Достаточно длинное предложение, чтобы считаться текстом."


def found(body: str) -> list[Run]:
    return list(Runs(_page(body)))


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
    assert [run.text for run in Runs(page)] == ["Мост через реку открыли для пешеходов в субботу утром."]


PAGE = f"<h1>Мост</h1><p>{LONG}<div>А<i>б</i>в</div>г<br><br>д<ul><li>е<li>ж</ul><table><tr><td>з</table><p>и"
WORDS = ["Мост", LONG, "Абв", "г", "д", "е", "ж", "з", "и"]


def _page(body: str) -> html.HtmlElement:
    return html.document_fromstring(f"<html><body>{body}</body></html>")


def test_a_page_is_walked_no_further_than_its_runs_are_asked_for() -> None:
    runs = Runs(_page(PAGE + "<p>к" * 1000))
    assert runs[1].text == LONG
    assert [run.text for run in runs[:4]] == WORDS[:4]
    assert len(runs._whole) == 4
    assert len(runs) == len(WORDS) + 1000


@pytest.mark.parametrize("asked", [[0], [8], [3, 1], [0, 5, 8], [-1], [-9]])
def test_runs_are_the_same_in_whatever_order_they_are_asked_for(asked: list[int]) -> None:
    runs = Runs(_page(PAGE))
    assert [runs[place].text for place in asked] == [WORDS[place] for place in asked]
    assert [run.text for run in runs] == WORDS
    assert [run.text for run in runs[2:]] == WORDS[2:]
    assert [run.text for run in Runs(_page(PAGE))[-3:8]] == WORDS[-3:8]
    assert runs[20:] == []
    assert [run.text for run in Runs(_page(PAGE))[4:1:-1]] == WORDS[4:1:-1]
    assert [run.text for run in Runs(_page(PAGE))[::3]] == WORDS[::3]


def test_two_may_ask_for_runs_in_turns() -> None:
    runs = Runs(_page(PAGE))
    one, other = iter(runs), iter(runs)
    told = [next(one), next(other), next(other), next(other), next(one)]
    assert [run.text for run in told] == [WORDS[0], WORDS[0], WORDS[1], WORDS[2], WORDS[1]]
    assert [run.text for run in one] == WORDS[2:]
    assert [run.text for run in other] == WORDS[3:]
