"""Page fixtures: a small WARC with a page, and beside it the article expected of it."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from scrapy.contracts import Contract
from scrapy.utils.conf import closest_scrapy_cfg
from scrapy.utils.project import ENVVAR

from archive.record import records
from crawler.identify import identify
from crawler.look import Look, LookError, Page, look

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from scrapy.settings import BaseSettings

    from crawler.page import ArticlePage

ROOT = Path(__file__).parent.parent / "tests" / "sites"
"""Where Letopis keeps its own."""
OWN = "crawler.settings"
ABOUT_READING = frozenset({"capture", "origins", "datePublishedRaw", "dateModifiedRaw"})
"""Fields that tell how an article was read: judged only where a fixture states them."""


class NotReadError(Exception):
    """A fixture whose page, or whose JSON, cannot be read; the message names the file and why."""


@dataclass(frozen=True, slots=True)
class Fixture:
    """A page in a WARC, by its URL, and its article: None where the page is none."""

    name: str
    warc: Path
    url: str
    article: dict[str, Any] | None


def root_of(settings: BaseSettings) -> Path:
    """Return where a project keeps its fixtures: FIXTURES, else `tests/sites` beside the project's scrapy.cfg."""
    if told := settings.get("FIXTURES"):
        return Path(told)
    if os.environ.get(ENVVAR) == OWN:  # Scrapy sets it to what scrapy.cfg names
        return ROOT
    return Path(closest_scrapy_cfg()).parent / "tests" / "sites"


def fixtures(site: str, root: Path = ROOT) -> Iterator[Fixture]:
    """Yield the fixtures of a site: `<name>.json` ({"url", "article"}) beside `<name>.warc.gz`; raises NotReadError."""
    return map(fixture, sorted((root / site).glob("*.json")))


def fixture(path: Path) -> Fixture:
    """Return the fixture of a JSON file; raises NotReadError."""
    told, warc = said(path), path.with_suffix(".warc.gz")
    if not warc.is_file():
        raise NotReadError(f"{path}: its page is missing, {warc.name}; put that back, or remove this")
    return Fixture(path.stem, warc, told["url"], told["article"])


def said(path: Path) -> dict[str, Any]:
    """Return what a fixture's JSON says, {"url", "article"}; raises NotReadError."""
    try:
        told = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else f"is no JSON ({error}); mend or remove it"
        raise NotReadError(f"{path}: {why}") from error
    kinds = {"url": str, "article": dict | None}
    if not isinstance(told, dict) or not all(isinstance(told.get(name, ...), kinds[name]) for name in kinds):
        raise NotReadError(f'{path}: says no {{"url": ..., "article": ...}}; mend or remove it')
    return told


def waiting(site: str, root: Path = ROOT) -> list[Path]:
    """Return the WARCs of a site that were cut out, and whose article nobody has accepted."""
    cut = sorted((root / site).glob("*.warc.gz"))
    return [warc for warc in cut if not warc.with_name(warc.name.removesuffix(".warc.gz") + ".json").exists()]


def looked_at(warc: Path, site: str) -> tuple[str, Look]:
    """Return the URL of a fixture's page and what the site's pages make of it on the day it was captured; raises NotReadError."""
    try:
        record = next(one for one in records(warc) if one.type == "response")
        page = Page(
            record.url or "", record.message.content(), list(record.message.headers), record.message.status
        )
        return page.url, look(page, site, datetime.fromisoformat(record.date))
    except (StopIteration, ValueError, OSError, LookError) as error:
        raise NotReadError(f"{warc}: {error or 'no response lies in it'}") from error


def expectation(url: str, article: dict[str, Any] | None, stated: Collection[str] = ()) -> dict[str, Any]:
    """Return what a fixture's JSON says of an article: how it was read only in fields that are `stated` already."""
    kept = {
        name: said for name, said in (article or {}).items() if name not in ABOUT_READING or name in stated
    }
    return {"url": url, "article": None if article is None else kept}


def default_name(pages: Sequence[type[ArticlePage]], url: str) -> str:
    """Return a fixture's name: the site's own part of the article's identifier, else the end of the URL."""
    known = identify(pages, url)
    own = known[0].partition(":")[2] if known else url.partition("?")[0].rstrip("/").rpartition("/")[2]
    return re.sub(r"[^\w.-]+", "-", own, flags=re.ASCII).strip("-.") or "page"


def differences(wanted: dict[str, Any] | None, found: dict[str, Any] | None) -> list[str]:
    """Return a line for each field that is not as expected.

    >>> differences({"headline": "А"}, {"headline": "Б", "capture": {}})
    ["headline is not correct: 'Б' instead of 'А'"]
    """
    if wanted is None or found is None:
        return [] if wanted is found else [f"the page is {'no' if found is None else 'an'} article"]
    names = dict.fromkeys([*wanted, *(name for name in found if name not in ABOUT_READING)])
    return [
        f"{name} is not correct: {found.get(name)!r} instead of {wanted.get(name)!r}"
        for name in names
        if found.get(name) != wanted.get(name)
    ]


class FixtureContract(Contract):
    """`@fixture PATH`, of its JSON, percent-encoded: the callback makes of the fixture's page exactly the article expected."""

    name = "fixture"

    def __init__(self, method: Callable[..., Any], path: str) -> None:
        super().__init__(method, path)
        self._fixture = fixture(Path(unquote(path)))

    def adjust_request_args(self, args: dict[str, Any]) -> dict[str, Any]:
        """Return the request's arguments with the fixture's URL."""
        return {**args, "url": self._fixture.url}

    def post_process(self, output: list[Any]) -> None:
        """Raise AssertionError for any field that is not as expected."""
        found = next((one for one in output if isinstance(one, dict)), None)
        if wrong := differences(self._fixture.article, found):
            raise AssertionError("; ".join(wrong))
