"""Which text stands with the headline, and which only near it."""

from __future__ import annotations

import pytest
from lxml import html

from crawler.density import main_text
from crawler.text import paragraphs

TITLE = "Мост у слободы покрасили заново"
LONG = "Его красили две недели, и теперь он виден с обоих берегов."
OTHER = "Там говорят совсем о другом, и говорят довольно долго, целыми предложениями."
TEASER = f"<div><h4><a href=/x>В соседнем посёлке открыли пристань</a></h4><p>{OTHER}</p></div>"
REMARK = f"<div class=r><b>Дачник</b> <i>14.05.2026 в 18:40</i><p>{OTHER}</p></div>"
STRANGE = {
    "comments in a box": f"<div><h3>Комментарии (2)</h3>{REMARK * 2}</div>",
    "comments without a box": f"<h3>Комментарии (2)</h3>{REMARK * 2}",
    "comments that nothing heads": f"<div id=comments>{REMARK * 2}</div>",
    "a box with a heading that ends articles": f"<section><h3>Новости соседей</h3><div>{OTHER}</div></section>",
    "a teaser": TEASER,
    "teasers": f"<section><h3>Ещё</h3>{TEASER * 4}</section>",
    "teasers without a box": TEASER[5:-6] * 4,
    "a footer": f"<footer><p>{OTHER}</p></footer>",
    "an imprint": f"<div><p>© Вестник слободы. {OTHER}</p></div>",
    "another column": f"</main><div><p>{OTHER}</p></div>",
    "all of it": f"<div id=comments>{REMARK}</div><div>{TEASER * 2}</div></main><footer><p>{OTHER}</p></footer>",
}
END = ("Комментарии", "Новости соседей", "Читайте также", "Печать")


def text(body: str) -> str:
    tree = html.document_fromstring(f"<html><body><header>Вестник</header>{body}</body></html>")
    return " ".join(part for node in main_text(tree, TITLE, END).elements for part in paragraphs(node))


@pytest.mark.parametrize("strange", STRANGE.values(), ids=STRANGE)
def test_a_headline_without_text_has_no_text(strange: str) -> None:
    article = (
        f"<article><h1>{TITLE}</h1><time>14 мая 2026</time><img src=a.jpg><div class=text> </div></article>"
    )
    assert text(f"<main>{article}{strange}</main>") == ""


@pytest.mark.parametrize("strange", STRANGE.values(), ids=STRANGE)
def test_one_short_paragraph_is_the_text_whatever_follows(strange: str) -> None:
    found = text(f"<main><article><h1>{TITLE}</h1><div><p>{LONG}</p></div></article>{strange}</main>")
    assert found == LONG


@pytest.mark.parametrize(
    "page",
    [
        "<div class=top><h1>{title}</h1></div><div class=column><p>{text}</p><p>{text}</p></div>",
        "<header><h1>{title}</h1></header><main><p>{text}</p><p>{text}</p></main>",
        "<h1>{title}</h1><a href=#c>Комментарии (2)</a><div><p>{text}</p><p>{text}</p></div>",
        "<h1>{title}</h1><div><h3>Читайте также</h3><a href=/x>Открыли пристань в посёлке</a></div><div><p>{text}</p></div>",
        "<p><h1>{title}</h1></p><div><ul><h3>Новости соседей</h3><a href=/x>Открыли пристань</a></ul><p>{text}</p></div>",
        "<div><h1>{title}</h1></div><div><ul><li><h4><a href=/x>Открыли пристань в посёлке</a></h4></ul><div><p>{text}</p></div></div>",
        "<h1>{title}</h1><p><a href=/x>Рассказ о том же мосте до покраски</a></p><p>{text}</p>",
        "<div class=comments-off><h1>{title}</h1><div><p>{text}</p></div></div>",
    ],
)
def test_a_text_in_another_box_than_its_headline_is_kept(page: str) -> None:
    assert LONG in text(page.format(title=TITLE, text=LONG))


def test_without_a_headline_any_text_may_be_the_text() -> None:
    assert text(f"<footer><p>{OTHER}</p></footer>") == OTHER
