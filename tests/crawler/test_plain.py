"""A page of unknown markup, field by field."""

from __future__ import annotations

import gc
import sys
import weakref
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from crawler.plain import PlainPage

if TYPE_CHECKING:
    from collections.abc import Callable

URL = "https://gazeta.example/gorod/most-pokrasili"
TEXT = (
    "<p>Мост у слободы покрасили заново, работы шли две недели.</p><p>Осенью покрасят и лодочную станцию.</p>"
)


def page(body: str, head: str = "", url: str = URL) -> PlainPage:
    html = f"<html><head><title>Мост покрасили заново</title>{head}</head><body>{body}</body></html>"
    return PlainPage(url, html.encode(), at=datetime(2026, 5, 15, 12, tzinfo=UTC))


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("<div>14.05.2026 18:40</div>", "2026-05-14T18:40:00+03:00"),
        ("<div>14 мая 2026 г., 18:40 | Город</div>", "2026-05-14T18:40:00+03:00"),
        ("<div>Вчера, 18:40</div>", "2026-05-14T18:40:00+03:00"),
        ("<div><time datetime=2026-05-14>14 мая 2026, 18:40</time></div>", "2026-05-14T18:40:00+03:00"),
        ("<div><a href=/2026/05/14/>Город 14 мая 2026 18:40</a></div>", "2026-05-14T18:40:00+03:00"),
        ("<div>14 мая 2026</div>", "2026-05-14"),
    ],
)
@pytest.mark.parametrize(
    "order", ["{line}<h1>Мост покрасили заново</h1>{text}", "<h1>Мост покрасили заново</h1>{line}{text}"]
)
def test_the_date_stands_beside_the_title(line: str, value: str, order: str) -> None:
    article = page(order.format(line=line, text=TEXT)).article()
    assert article is not None
    assert article.datePublished == value


def test_a_date_of_another_article_is_not_taken() -> None:
    feed = "<div><a href=/x>В соседнем посёлке открыли пристань</a> <span>13.05.2026 10:00</span></div>" * 3
    article = page(f"{feed}<h1>Мост покрасили заново</h1>{TEXT}{feed}").article()
    assert article is not None
    assert article.datePublished is None


def test_the_change_is_told_from_the_publication() -> None:
    article = page(
        f"<h1>Мост покрасили заново</h1><div>14.05.2026 18:40 (обновлено: 15.05.2026 09:00)</div>{TEXT}"
    ).article()
    assert article is not None
    assert (article.datePublished, article.dateModified) == (
        "2026-05-14T18:40:00+03:00",
        "2026-05-15T09:00:00+03:00",
    )


def test_a_byline_is_an_author_and_no_text() -> None:
    article = page(
        f"<h1>Мост покрасили заново</h1><div>{TEXT}<p>Текст: Рада Ключевская. Фото: Клим Лугов</p></div>"
    ).article()
    assert article is not None
    assert article.author == [{"name": "Рада Ключевская"}]
    assert (article.articleBody or "").endswith("лодочную станцию.")


def test_a_lead_apart_that_is_the_description_is_no_text() -> None:
    lead = "Мост у слободы стал голубым к празднику."
    head = f'<meta name="description" content="{lead}">'
    article = page(
        f"<h1>Мост покрасили заново</h1><div class=lead>{lead}</div><div class=text>{TEXT}</div>", head
    ).article()
    assert article is not None
    assert article.description == lead
    assert not (article.articleBody or "").startswith(lead)


def test_an_error_page_is_no_article() -> None:
    assert (
        PlainPage(
            URL,
            "<html><head><title>Вестник</title></head><body><p>Такой страницы здесь нет и не было.</p></body></html>".encode(),
        ).article()
        is None
    )


def test_comments_are_no_text() -> None:
    comment = "<div><p>Я тоже красил этот мост, и он был тогда зелёным, не спорьте.</p></div>"
    article = page(
        f"<h1>Мост покрасили заново</h1><div>{TEXT}</div><h3>Комментарии (3)</h3>{comment * 3}"
    ).article()
    assert article is not None
    assert "зелёным" not in (article.articleBody or "")


def test_a_table_that_ends_the_text_belongs_to_it() -> None:
    rows = "".join(f"<tr><td>Мост {n}</td><td>{n}0 м</td></tr>" for n in (1, 2))
    after = "<div><span>Ещё</span><a href=/x>В соседнем посёлке открыли пристань</a></div>"
    article = page(f"<div><h1>Мост покрасили заново</h1>{TEXT}<table>{rows}</table>{after}</div>").article()
    assert article is not None
    assert (article.articleBody or "").endswith("станцию.\n\nМост 1 | 10 м\n\nМост 2 | 20 м")


@pytest.mark.parametrize("picture", ["", "<figure><img src=/most.jpg></figure>"])
def test_a_title_and_a_date_without_text_are_told_without_text(picture: str) -> None:
    remark = "<div><b>Дачник</b> 14.05.2026 в 20:10<p>Я тоже красил этот мост, и он был тогда зелёным, не спорьте.</p></div>"
    body = (
        f"<main><article><h1>Мост покрасили заново</h1><div>14.05.2026 18:40</div>{picture}<div class=text> </div></article>"
        f"<div><h3>Комментарии (2)</h3>{remark * 2}</div></main><footer><p>© Вестник слободы. Все права защищены. 16+</p></footer>"
    )
    article = page(body).article()
    assert article is not None
    assert article.articleBody is None
    assert article.datePublished == "2026-05-14T18:40:00+03:00"


def steps(work: Callable[[], object]) -> int:
    """How many steps Python takes; those inside lxml are not seen."""
    lines = 0

    def counted(*_: object) -> Callable[..., object]:
        nonlocal lines
        lines += 1
        return counted

    before = sys.gettrace()
    sys.settrace(counted)
    try:
        work()
    finally:
        sys.settrace(before)
    return lines


def test_a_page_ten_times_as_long_takes_ten_times_as_many_steps() -> None:
    def read(paragraphs: int) -> None:
        text = "".join(f"<p>Мост номер {number} покрасили заново.</p>" for number in range(paragraphs))
        article = page(f"<div><h1>Мост покрасили заново</h1><div>{text}</div></div>").article()
        assert article is not None
        assert str(article.articleBody).count("\n\n") == paragraphs - 1

    read(2)  # what is compiled and kept once
    assert steps(lambda: read(1_000)) < 11 * steps(lambda: read(100))


def test_a_title_that_nests_ten_times_as_deep_takes_ten_times_as_many_steps() -> None:
    def sought(depth: int) -> None:
        nested = "".join(f"<div>часть {number}" for number in range(depth))
        assert (
            page(f"<h1>Мост покрасили{nested}").title == "Мост покрасили"
        )  # and no more than like what is told

    sought(2)
    assert steps(lambda: sought(240)) < 11 * steps(lambda: sought(24))


def test_a_page_is_gone_with_its_tree_when_it_has_been_read() -> None:
    gc.disable()  # which would find circles late, and with them a hundred kilobytes of each page
    try:
        opened = page(f"<div>14 мая 2026</div><h1>Мост покрасили заново</h1>{TEXT}<p>Фото: архив</p>")
        assert opened.article()
        left = weakref.ref(opened)
        del opened
        assert left() is None
    finally:
        gc.enable()
