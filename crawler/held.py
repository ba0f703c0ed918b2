"""What the setting REPLAY names, opened: snapshots, stores, WARC and WACZ files that answer in place of the web."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urldefrag, urlsplit

from w3lib.url import safe_url_string

from archive.chain import manifest
from archive.framing import uri
from archive.holdings import NEWEST, Snapshots, nearest
from archive.loose import WACZ, WARC, ZIP, Files
from archive.mask import Mask
from archive.member import GZIP
from archive.objects import StoreError, UnknownStoreError
from archive.snapshot import ID, UnknownSnapshotError
from archive.store import open_store
from crawler.route import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from scrapy.settings import BaseSettings

    from archive.holdings import Answer, Capture, Holding
    from archive.record import Record

STORE = "./data"
DIGITS = re.compile(r"^(\d{8})(\d{6})$")
NOON = timedelta(hours=12)
BEGIN = b"WARC/"
BEGINNING = 2**10
"""Bytes of a file that are looked at: of a member that was packed they give more than its first word."""
NAMED = "-s REPLAY=<snapshot, store, WARC or WACZ file>"
PORTS = {"http": ":80", "https": ":443"}


class NotHeldError(LookupError):
    """A URL that is not held; the message says where it was looked for, and what is held instead."""


class Found(NamedTuple):
    """A captured exchange: the response with the page, its request if that is held, and whether a revisit led to it."""

    response: Record
    request: Record | None
    revisit: bool


@dataclass(frozen=True, slots=True)
class Held:
    """What answers for the web; without an instant in `find` the capture nearest to `at` does (default: the newest)."""

    holdings: Sequence[Holding]
    at: datetime = NEWEST
    mask: Mask = field(default_factory=Mask)

    @property
    def name(self) -> str:
        """All that was named."""
        return ", ".join(holding.name for holding in self.holdings)

    @property
    def troubles(self) -> list[str]:
        """What of it could not be read, as far as it has been tried."""
        return [trouble for holding in self.holdings for trouble in holding.troubles]

    def find(
        self,
        url: str,
        at: datetime | None = None,
        *,
        method: str = "GET",
        link: str | None = None,
        only: bool = False,
    ) -> Found:
        """The exchange of this method and URL that is nearest in time, of several the one that was made for `link`, or `only` that.

        A revisit is resolved to its original. Raises NotHeldError, and what the archive raises for records that cannot be read.
        """
        others: dict[str, None] = {}
        second: tuple[Holding, Answer] | None = None
        asked = self.mask.text(url.encode()).data.decode()
        wanted = form(asked)
        for holding, capture in nearest(self.holdings, asked, at or self.at):
            if form(capture.url) != wanted:
                others[capture.url] = None
                continue
            answer = holding.answer(capture)
            if answer.method != method:
                others[f"{capture.url} ({answer.method})"] = None
            elif link is None or (answer.fetch and answer.fetch["link"] == link):
                return self._resolved(holding, answer)
            elif not only:
                second = second or (holding, answer)
        if second is None:
            raise NotHeldError(self._miss(method, url, others))
        return self._resolved(*second)

    def captures(self, url: str) -> Iterable[Capture]:
        """Every capture of this URL, whatever its method, the nearest in time first."""
        wanted = form(url)
        return (one for _, one in nearest(self.holdings, url, self.at) if form(one.url) == wanted)

    def _resolved(self, holding: Holding, answer: Answer) -> Found:
        record = answer.response
        if record.type != "revisit":
            return Found(record, answer.request, revisit=False)
        for one in (holding, *self.holdings):
            if original := one.original(record):
                return Found(original, answer.request, revisit=True)
        since = f"{record.get('WARC-Refers-To-Target-URI')} of {record.get('WARC-Refers-To-Date')}"
        raise NotHeldError(f"{record.url} was unchanged since {since}, which is not in {self.name}")

    def _miss(self, method: str, url: str, others: Iterable[str]) -> str:
        held = ", ".join([*others][:3])
        return f"{method} {url} is not in {self.name}" + (f"; held is {held}" if held else "")


def held(settings: BaseSettings, site: str | None = None) -> Held:
    """What REPLAY names, opened, at REPLAY_AT; of stores only the snapshots of `site`, where there are any.

    Raises ConfigError where nothing is named, for a name that leads nowhere, and StoreError.
    """
    asked(settings)
    named: list[str] = [name.strip() for name in settings.getlist("REPLAY")]
    store = settings.get("STORE") or STORE
    mask = Mask(query=tuple(settings.getlist("MASK_QUERY")))
    return Held([_holding(name, store, site) for name in named], _instant(settings.get("REPLAY_AT")), mask)


def asked(settings: BaseSettings) -> bool:
    """Whether an archive is to answer in place of the web; raises ConfigError where that is meant but not said, lest a site be asked.

    >>> from scrapy.settings import Settings
    >>> asked(Settings()), asked(Settings({"REPLAY": "./data"}))
    (False, True)
    """
    if settings.get("REPLAY") is None:
        if settings.get("REPLAY_AT") is None:
            return False
        raise ConfigError(f"REPLAY_AT is set, but not REPLAY: name the archive that is to answer, {NAMED}")
    names = settings.getlist("REPLAY")
    if not names or not all(name.strip() for name in names):
        raise ConfigError(
            f"REPLAY names nothing: name the archive that is to answer, {NAMED}, or leave it out"
        )
    return True


def complaint(settings: BaseSettings | None) -> str | None:
    """Return why REPLAY cannot answer, in one line; None where it can, or is not set."""
    try:
        if settings is not None and asked(settings):
            held(settings)
    except (ConfigError, StoreError) as error:
        return str(error)
    return None


def _instant(told: str | None) -> datetime:
    try:
        return NEWEST if told is None else moment(told)
    except ConfigError as error:
        raise ConfigError(f"REPLAY_AT: {error}") from error


def moment(text: str) -> datetime:
    """The instant of a day (its noon, UTC), of an ISO date with time, or of 14 digits; raises ConfigError.

    >>> moment("2026-11-22").isoformat(), moment("20261122060000").isoformat()
    ('2026-11-22T12:00:00+00:00', '2026-11-22T06:00:00+00:00')
    """
    said = DIGITS.sub(r"\1T\2", text)
    try:
        found = datetime.fromisoformat(said)
    except ValueError as error:
        raise ConfigError(f"{text!r} is no date; write 2026-11-22 or 2026-11-22T06:00:00Z") from error
    found = found if "T" in said else found + NOON
    return found.replace(tzinfo=found.tzinfo or UTC)


def _holding(name: str, store: str, site: str | None) -> Holding:
    path = Path(name).expanduser()
    try:
        if ID.fullmatch(name) and not path.exists():
            kept = open_store(store)
            manifest(kept, name)
            return Snapshots(kept, snapshot=name)
        if re.match(r"[a-z0-9]{2,}:", name) or (path / "chain").is_dir():
            return Snapshots(open_store(name), site=site)
    except (UnknownSnapshotError, UnknownStoreError) as error:
        raise ConfigError(f"REPLAY: {error}") from error
    return Files(name, warc_files(name))


def warc_files(name: str) -> list[Path]:
    """The WARC and WACZ files behind the name of a file or folder, in order; raises ConfigError for a name that leads to none."""
    path = Path(name).expanduser()
    found = (
        sorted(one for one in path.rglob("*") if one.name.endswith((*WARC, WACZ)))
        if path.is_dir()
        else [path]
    )
    if not found or not all(file.is_file() for file in found):
        raise ConfigError(
            f"REPLAY names {name}, where no WARC file is, and which is no snapshot and no store"
        )
    if path.is_file() and not _begins_as_warc(path):
        raise ConfigError(f"REPLAY: {name} is no WARC or WACZ file")
    return found


def _begins_as_warc(path: Path) -> bool:
    """Whether a file begins as a WARC or zip file does, as far as it goes: what is cut or damaged further on may hold something."""
    try:
        with path.open("rb") as stream:
            data = stream.read(BEGINNING)
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror}; let this user read it") from error
    if data.startswith(ZIP):
        return True
    if data.startswith(GZIP):
        try:
            data = zlib.decompressobj(31).decompress(data, len(BEGIN))
        except zlib.error:  # a damaged member, which is told when it is read
            return True
    return BEGIN.startswith(data[: len(BEGIN)])


def form(url: str) -> str:
    """A URL in the one form of its equals (RFC 3986 section 6.2): no fragment, host in lower case, no default port, a path."""
    escaped = urldefrag(safe_url_string(uri(url))).url
    parts = urlsplit(escaped)
    host = parts.netloc.lower().removesuffix(PORTS.get(parts.scheme, "\n"))
    return parts._replace(netloc=host, path=parts.path or "/").geturl()
