"""Where the main text of a page stands, whatever its markup."""

from __future__ import annotations

import pytest
from lxml import html

from crawler.density import lead_picture, main_text
from crawler.runs import Runs
from crawler.text import paragraphs

TEXT = (
    "Первый абзац рассказывает, что случилось, где и когда, и кто об этом сообщил редакции.",
    "Второй абзац объясняет, почему это важно, и приводит слова очевидцев, которых было немало.",
    "Третий абзац говорит, чего ждать дальше, и кончается, как положено, точкой.",
)
TEASER = f"<div class=t><h3><a href=/x>В соседнем посёлке открыли новую пристань</a></h3><p>{TEXT[0] * 4}</p></div>"
WRITTEN = {
    "p": "<div class=w>" + "".join(f"<p>{part}</p>" for part in TEXT) + "</div>",
    "div": "<div class=w>" + "".join(f"<div>{part}</div>" for part in TEXT) + "</div>",
    "br": "<div class=w>" + "<br><br>".join(TEXT) + "</div>",
    "br with blanks": "<div class=w>" + "<br> \n<br />&nbsp;".join(TEXT) + "</div>",
    "sections": "<div class=w>"
    + "".join(f"<section class=s><p>{part}</p></section>" for part in TEXT)
    + "</div>",
    "crossed tags": "<div class=w><p>" + "<p><font size=3>".join(TEXT) + "</div>",
    "a table for layout": "<table><tr><td class=w>"
    + "".join(f"<p>{part}</p>" for part in TEXT)
    + "</td></tr></table>",
}


def read(body: str, headline: str = "", end: tuple[str, ...] = ()) -> list[str]:
    found = main_text(html.document_fromstring(f"<html><body>{body}</body></html>"), headline, end)
    return [part for element in found.elements for part in paragraphs(element)]


@pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN)
def test_paragraphs_are_found_however_they_are_written(written: str) -> None:
    assert read(
        f"<ul><li><a href=/a>Рубрика</a></ul><h1>Заголовок</h1>{written}<div>© Редакция, 16+</div>"
    ) == list(TEXT)


@pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN)
def test_teasers_longer_than_the_text_are_not_the_text(written: str) -> None:
    page = f"<div>{TEASER * 3}</div><div><h1>Заголовок статьи</h1>{written}</div><div>{TEASER * 5}</div>"
    assert read(page, "Заголовок статьи") == list(TEXT)


@pytest.mark.parametrize(
    "anchor", ["<a href=/p>Печать</a>", "<h3>Печать</h3>", "<div><span>Печать</span></div>"]
)
@pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN)
def test_an_anchor_that_is_a_whole_element_ends_the_text(written: str, anchor: str) -> None:
    page = f"<div><h1>Заголовок</h1>{written}{anchor}<p>{TEXT[0]} Это уже другая статья.</p></div>"
    assert read(page, "Заголовок", ("Печать",)) == list(TEXT)


def test_an_anchor_inside_a_sentence_ends_nothing() -> None:
    page = "<h1>Заголовок</h1><div><p>Печать газеты подорожала вдвое, пишет типография.</p><p>Печать стоит дорого.</p></div>"
    assert len(read(page, "Заголовок", ("Печать",))) == 2


def test_an_anchor_above_the_text_ends_nothing() -> None:
    page = f"<h1>Заголовок</h1><div><span>Печать</span></div>{WRITTEN['p']}"
    assert read(page, "Заголовок", ("Печать",)) == list(TEXT)


@pytest.mark.parametrize("between", ["<div><b>Читайте также:</b> {}</div>", "<p>Читайте также</p><p>{}</p>"])
def test_a_box_in_the_middle_of_the_text_does_not_end_it(between: str) -> None:
    box = between.format("<a href=/x>В соседнем посёлке открыли новую пристань</a>")
    page = f"<h1>Заголовок</h1><div><p>{TEXT[0]}</p>{box}<p>{TEXT[1]}</p>{box}<p>{TEXT[2]}</p></div>"
    assert read(page, "Заголовок", ("Читайте также",)) == list(TEXT)


def test_the_form_around_a_whole_page_hides_nothing() -> None:
    assert read(f"<form><h1>Заголовок</h1>{WRITTEN['p']}</form>") == list(TEXT)


def test_hidden_text_is_not_the_text() -> None:
    hidden = WRITTEN["p"].replace("class=w", "style='display: none'").replace("абзац", "скрытый абзац")
    assert read(f"<h1>Заголовок</h1>{hidden}{WRITTEN['p']}", "Заголовок") == list(TEXT)


def test_a_page_of_links_holds_no_text() -> None:
    assert read("<ul>" + "<li><a href=/x>В соседнем посёлке открыли пристань</a>" * 20 + "</ul>") == []


def test_the_page_itself_is_left_as_it_was() -> None:
    tree = html.document_fromstring(
        f"<html><body><h1>Заголовок</h1>{WRITTEN['p']}<h3>Печать</h3></body></html>"
    )
    before = html.tostring(tree)
    main_text(tree, "Заголовок", ("Печать",))
    assert html.tostring(tree) == before


def test_lines_around_the_text_are_kept_in_their_order() -> None:
    page = f"<html><body><i>до</i><h1>Заголовок</h1><div>12 мая</div>{WRITTEN['p']}<div>Теги</div><h3>Печать</h3><p>после</p></body></html>"
    found = main_text(html.document_fromstring(page), "Заголовок", ("Печать",))
    lines = [[run.text for run in group] for group in (found.before, found.above, found.below, found.after)]
    assert lines == [["до"], ["12 мая"], ["Теги"], ["Печать", "после"]]


def test_what_stands_behind_the_end_of_an_article_is_not_walked() -> None:
    page = f"<html><body><h1>Заголовок</h1>{WRITTEN['p']}<h3>Печать</h3>{'<p>после</p>' * 1000}</body></html>"
    runs = Runs(html.document_fromstring(page))
    found = main_text(runs[0].element.getroottree().getroot(), "Заголовок", ("Печать",), runs)
    assert [run.text for run in found.after] == ["Печать", *["после"] * 11]
    assert len(runs._whole) == 16


def test_boxes_of_one_line_inside_a_text_take_no_paragraph_from_it() -> None:
    box = "<p><a href=/x>В соседнем посёлке открыли новую пристань</a></p>"
    parts = [f"{TEXT[0]} Часть {number}." for number in range(4)]
    first, second, third, fourth = (f"<p>{part}</p>" for part in parts)
    page = (
        f"<h1>Заголовок</h1><div class=t>{first}{second}{box}{third}{box}{fourth}<h3>Комментарии</h3></div>"
    )
    assert [part for part in read(page, "Заголовок", ("Комментарии",)) if "Часть" in part] == parts


def test_titles_of_other_pages_behind_the_end_say_nothing_of_the_text() -> None:
    box = "<p><a href=/x>В соседнем посёлке открыли новую пристань</a></p>"
    page = f"<h1>Заголовок</h1><div class=w><p>{TEXT[0]}</p>{box}<p>{TEXT[1]}</p></div><h3>Печать</h3>"
    assert read(page + f"<div class=t>{box}<p>{TEXT[2]}</p></div>" * 9, "Заголовок", ("Печать",)) == read(
        page, "Заголовок", ("Печать",)
    )


@pytest.mark.parametrize(
    ("markup", "source"),
    [
        ("<figure><img src=a.jpg></figure>", "a.jpg"),
        ("<a href=/big/a.jpg><img src=a.jpg></a>", "a.jpg"),
        ("<img src=dot.gif width=1 height=1><img src=a.jpg>", "a.jpg"),
        ("<a href=/other><img src=teaser.jpg></a>", None),
        ("<nav><img src=logo.png></nav>", None),
    ],
)
def test_the_lead_picture_stands_between_title_and_text(markup: str, source: str | None) -> None:
    page = f"<html><body><img src=logo.png><h1>Заголовок</h1>{markup}{WRITTEN['p']}<img src=late.jpg></body></html>"
    picture = lead_picture(main_text(html.document_fromstring(page), "Заголовок"))
    assert (picture.get("src") if picture is not None else None) == source
