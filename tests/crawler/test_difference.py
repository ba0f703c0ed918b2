from pathlib import Path
from typing import Any

from crawler.difference import Difference


def article(number: int, record: int, headline: str = "Мост открыт") -> dict[str, Any]:
    capture = {"warcFile": "a.warc.gz", "offset": record, "length": 9, "reader": "somebody"}
    url = f"https://news.example/{number}"
    return {"identifier": url, "url": url, "headline": headline, "capture": capture}


def compared(old: list[dict[str, Any]], new: list[dict[str, Any]], folder: Path) -> Difference:
    difference = Difference()
    difference.articles(old, new, folder / "scratch", lambda _: True)
    assert not list(folder.iterdir())
    return difference


def test_articles_of_the_same_record_are_compared(tmp_path: Path) -> None:
    found = compared(
        [article(1, 10), article(2, 20)], [article(1, 10), article(2, 20, "Мост закрыт")], tmp_path
    )
    assert (found.same, found.differing, list(found.fields)) == (1, 1, ["headline"])


def test_an_article_that_is_new_or_gone_keeps_none_of_the_others_from_its_like(tmp_path: Path) -> None:
    old = [article(n, n * 10) for n in (1, 2, 4, 5)]
    new = [article(n, n * 10) for n in (2, 3, 4, 5, 6)]
    found = compared(old, new, tmp_path)
    assert (found.same, found.differing) == (3, 0)


def test_an_article_that_another_record_gives_now_is_compared_too(tmp_path: Path) -> None:
    old = [article(1, 10), article(2, 20), article(3, 30)]
    new = [article(2, 10, "Мост закрыт"), article(3, 30), article(1, 40)]
    found = compared(old, new, tmp_path)
    assert (found.same, found.differing) == (2, 1)
    assert found.fields["headline"].examples[0].offset == 10
