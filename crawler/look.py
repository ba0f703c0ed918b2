"""One page read, from a file or from the web, without leaving a trace."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import scrapy
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response
from scrapy.settings import Settings
from scrapy.utils.project import get_project_settings

from crawler import charset
from crawler.article import Reading, read
from crawler.checks import faults_of
from crawler.exits import Complaint, Exit
from crawler.gather import headers_of
from crawler.identify import identify
from crawler.loading import Sites
from crawler.markup import Markup
from crawler.politeness import refusal


class LookError(Exception):
    """A page that cannot be looked at; the message says why, `config` that a setting is to blame."""

    def __init__(self, message: str, *, config: bool = False) -> None:
        super().__init__(message)
        self.config = config


class BrokenPageError(Complaint, ValueError):
    """A page that broke its reader; the message says how."""

    def __init__(self, message: str) -> None:
        super().__init__(Exit.SOFTWARE, message)


@dataclass(frozen=True, slots=True)
class Page:
    """The bytes of a page: content-decoded body, where it is from, the headers it came with."""

    url: str
    body: bytes
    headers: list[tuple[str, str]] = field(default_factory=list)
    status: int = 200


@dataclass(frozen=True, slots=True)
class Look:
    """What reading a page gave: the article with its origins (None where there is none), and how it was read."""

    article: dict[str, Any] | None
    by: str
    charset: str
    usage: Mapping[str, Any]
    faults: list[str]


def look(page: Page, site: str | None = None, at: datetime | None = None) -> Look:
    """Return what a site's pages, the one named or the one that knows the URL, or else the generic reader make of a page.

    The pages of a site that is named read any URL whose HTML shows their mark.
    Raises Complaint for a site that is not known, BrokenPageError.
    """
    name, pages = _pages(page.url, site)
    when = at or datetime.now(UTC)
    try:
        reading: Reading = read(pages, page.url, page.body, page.headers, when, any_url=site is not None)
    except Exception as error:  # whatever a page does to its reader, the user reads one line
        raise BrokenPageError(f"reading {page.url} broke: {type(error).__name__}: {error}") from error
    article = reading.article
    if article is not None and (known := identify(pages, page.url)):
        article.identifier = known[0]
    item = article.item() if article else None
    faults = [f"{fault.path}: {fault.message}" for fault in faults_of(item)] if item else []
    by = f"{reading.page} of {name}" if reading.recognised else f"the generic reader ({reading.page})"
    return Look(item, by, reading.charset, reading.usage, faults)


def from_file(path: Path, url: str | None = None) -> Page:
    """Return the page in a file; without `url` it is the page's own canonical one, else the file's."""
    body = path.read_bytes()
    if url is None:
        markup = Markup(charset.decode(body)[0], "")
        own = [*markup.links.get("canonical", ()), *markup.metas.get("og:url", ())]
        url = next((one for one in own if one.startswith("http")), path.absolute().as_uri())
    return Page(url, body)


def from_web(url: str, settings: Mapping[str, Any]) -> Page:
    """Return the page at a URL, asked for as politely as a crawl asks; raises LookError."""
    chosen = get_project_settings()
    chosen.setdict({"LOG_LEVEL": "ERROR", **settings}, priority="cmdline")
    if complaint := refusal(chosen, [url]):
        raise LookError(complaint, config=True)
    found: list[Page] = []
    failed: list[str] = []
    _fetch(url, chosen, found, failed)
    if not found:
        raise LookError(f"{url} could not be had: {failed[0] if failed else 'the log above says why'}")
    return found[0]


def _fetch(url: str, settings: Settings, found: list[Page], failed: list[str]) -> None:
    class Once(scrapy.Spider):
        name = "look"

        async def start(self) -> AsyncIterator[Any]:
            meta = {"handle_httpstatus_list": range(400, 600)}
            yield scrapy.Request(url, self.parse, dont_filter=True, errback=self.failed, meta=meta)

        def parse(self, response: Response, **_: Any) -> None:
            found.append(Page(response.url, response.body, headers_of(response), response.status))

        def failed(self, failure: Any) -> None:
            failed.append(str(failure.value) or type(failure.value).__name__)

        @staticmethod
        def close(spider: scrapy.Spider, reason: str) -> None:  # noqa: ARG004  what Scrapy calls
            if reason == "shutdown":
                stopped.append(reason)

    stopped: list[str] = []
    process = AsyncCrawlerProcess(settings)
    process.crawl(Once)
    process.start()
    if stopped:  # Scrapy takes Ctrl-C for itself
        raise KeyboardInterrupt


def _pages(url: str, site: str | None) -> tuple[str | None, Any]:
    known = loader()
    if site is not None and site not in known.list():
        raise Complaint(Exit.USAGE, f"no site {site!r}; known are {', '.join(sorted(known.list()))}")
    for name in [site] if site else sorted(known.list()):
        pages = getattr(known.load(name), "pages", ())
        if site or identify(pages, url):
            return name, pages
    return None, ()


def project() -> Settings:
    """Return the settings of this project."""
    return get_project_settings()


def loader() -> Sites:
    """Return what loads the spiders of this project."""
    return Sites.from_settings(project())
