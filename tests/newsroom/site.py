"""A site of the newsroom: hosts, answers, and the truth about its pages.

A module of this package that holds a subclass of `Site` is a site; nothing else has to be told about it.
"""

from __future__ import annotations

import importlib
import pkgutil
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from .story import Expected

Headers = tuple[tuple[str, str], ...]
Framing = Literal["length", "chunked", "close", "cut", "none"]
HTML: Headers = (("Content-Type", "text/html; charset=utf-8"),)
XML: Headers = (("Content-Type", "application/xml; charset=utf-8"),)
RSS: Headers = (("Content-Type", "application/rss+xml; charset=utf-8"),)
TEXT: Headers = (("Content-Type", "text/plain; charset=utf-8"),)


@dataclass(frozen=True)
class Request:
    """What was asked: `url` is whole (scheme, host, path, query), `attempt` counts from 0 for one URL and edition."""

    method: str
    scheme: str
    host: str
    target: str
    headers: Headers = ()
    edition: int = 1
    attempt: int = 0

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.host}{self.target}"

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    def get(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")


@dataclass(frozen=True)
class Response:
    """An answer before it is put on the wire.

    `body` is identity-coded; the server adds Date, framing and, when the client accepts it and `compress` is on, gzip.
    `etag` makes it answer If-None-Match with 304, either of `etag` and `dated` If-Modified-Since; a page with neither is
    sent whole, the same bytes each time. `framing` says how the body ends: "close" by closing the connection, "cut" by
    closing it halfway through what was promised, "none" by closing it without a word.
    """

    body: bytes = b""
    status: int = 200
    reason: str = "OK"
    headers: Headers = HTML
    framing: Framing = "length"
    compress: bool = True
    etag: bool = False
    dated: bool = False
    delay: float = 0.0


def redirect(location: str, status: int = 301) -> Response:
    reason = {301: "Moved Permanently", 302: "Found", 307: "Temporary Redirect", 308: "Permanent Redirect"}
    return Response(b"", status, reason[status], (("Location", location), ("Content-Type", "text/html")))


def refusal(status: int, reason: str, headers: Headers = ()) -> Response:
    """An error page: a small HTML body of the server, not of the site."""
    page = f"<html><head><title>{status} {reason}</title></head><body><center>{status} {reason}</center></body></html>"
    return Response(page.encode(), status, reason, (("Content-Type", "text/html"), *headers))


NOT_FOUND = refusal(404, "Not Found")
GONE = refusal(410, "Gone")
TOO_MANY = refusal(429, "Too Many Requests", (("Retry-After", "1"),))
FAULT = refusal(500, "Internal Server Error")
HUNG_UP = Response(framing="none")
UNAVAILABLE = refusal(503, "Service Unavailable")


@dataclass
class Shelf:
    """URL -> answers, one per attempt (the last one stays)."""

    answers: dict[str, tuple[Response, ...]] = field(default_factory=dict)

    def put(self, url: str, *answers: Response) -> None:
        if url in self.answers:
            raise ValueError(f"two answers for {url}: a newsroom site must not contradict itself")
        self.answers[url] = answers

    def answer(self, request: Request) -> Response:
        found = self.answers.get(request.url)
        return found[min(request.attempt, len(found) - 1)] if found else NOT_FOUND


class Site:
    """One site: a subclass sets `name` and `hosts` and fills a `Shelf` per edition.

    `shelf(edition)` must be a pure function of (seed, today, edition); so must `expected(edition)`.
    `hosts` names every host it answers for, on both port 80 and 443.
    """

    name: ClassVar[str] = ""
    hosts: ClassVar[tuple[str, ...]] = ()

    def __init__(self, seed: int, today: date) -> None:
        self.seed, self.today = seed, today
        self._shelves: dict[int, Shelf] = {}

    def rng(self, *about: object) -> random.Random:
        """A generator of its own for each matter, so that one more draw here moves nothing there."""
        return random.Random(":".join(map(str, (self.seed, self.name, self.today, *about))))

    def respond(self, request: Request) -> Response:
        if request.edition not in self._shelves:
            self._shelves[request.edition] = self.shelf(request.edition)
        return self._shelves[request.edition].answer(request)

    def shelf(self, edition: int) -> Shelf:
        raise NotImplementedError

    def expected(self, edition: int = 1) -> list[Expected]:
        raise NotImplementedError


def sites() -> Iterator[type[Site]]:
    """Every site of the package, by name of its module."""
    package = importlib.import_module(__package__ or "")
    for found in sorted(pkgutil.iter_modules(package.__path__), key=lambda module: module.name):
        if not found.name.startswith(("_", "test_")):
            module = importlib.import_module(f"{__package__}.{found.name}")
            yield from _sites_of(module.__name__, vars(module))


def _sites_of(module: str, names: dict[str, object]) -> Iterator[type[Site]]:
    for thing in names.values():
        if isinstance(thing, type) and issubclass(thing, Site) and thing.name and thing.__module__ == module:
            yield thing
