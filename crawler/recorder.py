"""What a crawl writes while it runs: its exchanges, its journal, and under which settings."""

from __future__ import annotations

import hashlib
import json
import re
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urldefrag, urlsplit

from scrapy.settings import BaseSettings
from scrapy.utils.defer import _schedule_coro
from scrapy.utils.python import global_object_name

from archive.journal import Journal
from archive.mask import Mask, without_userinfo
from archive.record import Exchange
from archive.warc import NotRecorded, WarcWriter
from crawler.agent import contact_in, identity, software
from crawler.together import Together

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from scrapy import Request
    from scrapy.crawler import Crawler

    from archive.record import Captured
    from crawler.shipping import Shipping
    from crawler.tee import Take
    from crawler.trouble import Trouble

SECRET = re.compile(r"key|secret|token|passw|auth|cookie|credential|dsn", re.IGNORECASE)
MASKED = "masked"
LOCK = Path(__file__).parent.parent / "requirements.lock"


class RecordingFailed(Exception):  # noqa: N818  what happened; the crawl's finish reason is "recording_failed"
    """A page that is not given to anybody, because its record could not be written."""


class Recorder:
    """Writes the exchanges and failures of one crawl, as the handler tells them; `journal` takes the rest.

    What cannot be written is the `fault`: it calls `stop`, and raises RecordingFailed. `full` says that nothing more is to be asked for,
    while what was asked for is kept still. `close` is left to whoever started the crawl, for sealing happens after the reactor has stopped.
    """

    def __init__(self, writer: WarcWriter, snapshot: str, stop: Callable[[], None]) -> None:
        self.writer = writer
        self.journal = Journal(writer, snapshot)
        self._together = Together(writer)
        self.clock = writer.now
        self.fault: Exception | None = None
        self.full = False
        self._stop = stop

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Recorder:
        """The recorder of the work folder that RECORD names; raises OSError or NotRecorded where it cannot be written."""
        settings = crawler.settings
        work = Path(settings["RECORD"])
        shipping: Shipping | None = getattr(crawler, "shipping", None)
        (work / "warc").mkdir(parents=True, exist_ok=True)
        writer = WarcWriter(
            work / "warc",
            work.name,
            info=warcinfo(settings, work.name, crawler.spidercls.name),
            size=settings.getint("WARC_SIZE", 10**9),
            fsync=settings.get("WARC_FSYNC", "exchange"),
            mask=Mask(query=tuple(settings.getlist("MASK_QUERY"))),
            closed=shipping.take if shipping else None,
        )
        recorder = cls(writer, work.name, partial(stop, crawler))
        recorder._describe(settings, work.name)
        return recorder

    async def keep(self, request: Request, take: Take | None, trouble: Trouble | None) -> Captured | None:
        """Bring what a download put on the wire to disk; the response's record, or None where no byte of one came.

        Raises RecordingFailed, and then nothing of the page is to be used.
        """
        with self._writing():
            captured = await self._exchange(request, take, trouble) if take else None
        if trouble:
            self.failure(request, trouble.reason, trouble.message, captured.record_id if captured else None)
        return captured

    def failure(self, request: Request, reason: str, message: str, record: str | None = None) -> None:
        """Journal that no whole response came; raises RecordingFailed."""
        link = request.meta.get("link") or {}
        with self._writing():
            self.journal.failure(
                link=link.get("identifier"),
                url=without_credentials(urldefrag(request.url).url),
                reason=reason,
                message=without_userinfo(message.encode("utf-8", "replace")).decode(),
                record=record,
            )

    def close(self) -> list[Path]:
        """Give the files their final names; the paths of all."""
        self._together.flush()
        return self.writer.close()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except (OSError, NotRecorded) as error:
            self.fault = error
            self._stop()
            raise RecordingFailed(str(error)) from error

    async def _exchange(self, request: Request, take: Take, trouble: Trouble | None) -> Captured | None:
        interim, response = take.split()
        url = urldefrag(request.url).url
        if not response:
            if interim:
                self.writer.metadata(interim, "application/http;msgtype=response", url=url)
            return None
        proxy = request.meta.get("proxy")
        exchange = Exchange(
            url=url,
            began=take.began,
            request=bytes(take.sent),
            response=response,
            interim=interim,
            ip=None if proxy else take.ip,
            protocols=protocols_of(response, take.tls),
            cipher=take.cipher,
            truncated=trouble.truncated if trouble else None,
            proxy=without_credentials(proxy) if proxy else None,
        )
        original = request.meta.get("original")
        return await self._together.write(
            self.writer.pieces(exchange, fetch=fetch_of(request), original=original)
        )

    def _describe(self, settings: BaseSettings, snapshot: str) -> None:
        for name, said in (("settings", public_settings(settings)), ("lock", lock())):
            block = json.dumps(said, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"
            self.writer.resource(block, "application/json", url=f"urn:x-letopis:{snapshot}:{name}")


def recorder_of(crawler: Crawler) -> Recorder | None:
    """The crawl's one recorder, kept as `crawler.recorder`; None where RECORD is not set."""
    if not hasattr(crawler, "recorder"):
        crawler.recorder = Recorder.from_crawler(crawler) if crawler.settings.get("RECORD") else None  # type: ignore[attr-defined]
    recorder: Recorder | None = crawler.recorder  # type: ignore[attr-defined]
    return recorder


def stop(crawler: Crawler) -> None:
    """Close the spider as "recording_failed", unless it is being closed already."""
    if crawler.engine and crawler.engine.spider:
        _schedule_coro(crawler.engine.close_spider_async(reason="recording_failed"))


def fetch_of(request: Request) -> dict[str, Any]:
    """What the journal says of an exchange: for which link, how far along its redirects and retries."""
    link: Mapping[str, Any] = request.meta.get("link") or {}
    urls = request.meta.get("redirect_urls") or [request.url]
    return {
        "link": link.get("identifier"),
        "requested": link.get("requested") or urldefrag(urls[0]).url,
        "hop": request.meta.get("redirect_times", 0),
        "attempt": request.meta.get("retry_times", 0),
    }


def protocols_of(response: bytes, tls: str | None) -> tuple[str, ...]:
    """WARC-Protocol of an exchange: the response's HTTP version where it names one, and TLS."""
    version = "http/1.0" if response.startswith(b"HTTP/1.0 ") else "http/1.1"
    return (version, tls) if tls else (version,)


def without_credentials(url: str) -> str:
    """A URL without user and password.

    >>> without_credentials("http://me:pw@proxy.example:3128/")
    'http://proxy.example:3128/'
    """
    parts = urlsplit(url if "//" in url else f"//{url}")
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def warcinfo(settings: BaseSettings, snapshot: str, spider: str) -> dict[str, str]:
    """The fields of warcinfo records: who crawled what, with which software, under which rules."""
    contact = contact_in(settings)
    info = {
        "software": software(),
        "isPartOf": snapshot,
        "description": f"crawl of {spider}",
        "operator": contact,
        "http-header-user-agent": settings["USER_AGENT"],
        "http-header-from": identity(contact).get("From", ""),
        "robots": "obeyed by RFC 9309; unreachable or 5xx or 429 = disallow, Crawl-delay to 120 s"
        if settings.getbool("ROBOTSTXT_OBEY")
        else "ignored",
    }
    if settings.getdict("CONNECT_TO"):
        info["rehearsal"] = "a local server stood in for the sites"
    return {name: value for name, value in info.items() if value}


def public_settings(settings: BaseSettings) -> dict[str, Any]:
    """Every setting that is not Scrapy's default, values under a secret's name masked, users taken out of URLs."""
    changed = {name for name in settings if (settings.getpriority(name) or 0) > 0} - {
        "RECORD"
    }  # a path of this machine
    return {name: plain(settings[name], name) for name in sorted(changed)}


def plain(value: Any, name: str = "") -> Any:
    """A setting as JSON, the same in each run: classes by their path, secrets masked."""
    if isinstance(value, BaseSettings | dict):
        return {without_userinfo(str(key).encode()).decode(): plain(value[key], str(key)) for key in value}
    if SECRET.search(name) and isinstance(value, str) and value:
        return MASKED
    if isinstance(value, list | tuple | set | frozenset):
        ordered = value if isinstance(value, list | tuple) else sorted(map(str, value))
        return [plain(one, name) for one in ordered]
    if isinstance(value, bool | int | float | None):
        return value
    if isinstance(value, str | Path):
        return without_userinfo(str(value).encode("utf-8", "replace")).decode()
    return global_object_name(value if callable(value) else type(value))


def lock() -> dict[str, str | None]:
    """The hash of the lock file that the software was installed from; None where it is not beside the code."""
    return {LOCK.name: hashlib.sha256(LOCK.read_bytes()).hexdigest() if LOCK.is_file() else None}
