from __future__ import annotations

import importlib
import json
import sys
import zipfile
from collections.abc import Callable
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest

from crawler.reader import Reader, reader

from .gazeta import SITE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Load = Callable[[str], Any]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Load]:
    """Import a site's source as `readersite` and give its spider class."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def load(text: str) -> Any:
        (tmp_path / "readersite.py").write_text(text, encoding="utf-8")
        sys.modules.pop("readersite", None)
        importlib.invalidate_caches()
        return importlib.import_module("readersite").GazetaSpider

    yield load
    sys.modules.pop("readersite", None)


def test_a_reader_holds_the_pages_and_everything_they_lean_on(load: Load) -> None:
    found = reader(load(SITE))
    assert {
        "readersite.py",
        "crawler/page.py",
        "crawler/article.py",
        "crawler/capture.py",
        "crawler/derive.py",
    } <= set(found.sources)
    assert "schemas/article/0.1.0.json" in found.sources


def test_a_reader_holds_nothing_of_the_crawl(load: Load) -> None:
    found = reader(load(SITE))
    assert {"crawler/spider.py", "crawler/sources.py", "crawler/gather.py", "crawler/wire.py"} & set(
        found.sources
    ) == set()
    assert "GazetaSpider" not in found.sources["readersite.py"].decode()


def test_versions_of_what_reading_uses_are_part_of_it(load: Load) -> None:
    versions = json.loads(reader(load(SITE)).sources["versions.json"])
    assert {"python", "libxml2", "lxml", "trafilatura", "jsonschema"} <= set(versions)
    assert "scrapy" not in versions


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ('mark = "h1"', 'mark = "h2"', False),
        ("/news/", "/all/", True),
        ('Sitemap("http://gazeta.example/sitemap.xml", optional=True),', "", True),
    ],
)
def test_the_identity_follows_the_pages_and_not_the_sources(
    load: Load, old: str, new: str, *, same: bool
) -> None:
    assert old in SITE
    first, second = reader(load(SITE)).identity, reader(load(SITE.replace(old, new))).identity
    assert (first == second) == same


def test_the_same_sources_are_packed_into_the_same_bytes() -> None:
    packed = Reader({"b.py": b"2", "a.py": b"1"}).packed()
    assert packed == Reader({"a.py": b"1", "b.py": b"2"}).packed()
    with zipfile.ZipFile(BytesIO(packed)) as opened:
        assert {name: opened.read(name) for name in opened.namelist()} == {"a.py": b"1", "b.py": b"2"}
