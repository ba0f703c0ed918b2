"""What a site asks of its visitors: robots.txt by RFC 9309, Crawl-delay, Retry-After."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.http.request import NO_CALLBACK
from scrapy.robotstxt import RobotParser
from scrapy.utils.asyncio import call_later
from scrapy.utils.defer import maybe_deferred_to_future
from scrapy.utils.misc import build_from_crawler
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from crawler.agent import PRODUCT
from crawler.politeness import refuse_impolite
from crawler.recorder import recorder_of
from crawler.route import Refused

if TYPE_CHECKING:
    from typing import Self

    from scrapy.core.downloader import Slot
    from scrapy.crawler import Crawler
    from scrapy.http import Response

logger = logging.getLogger(__name__)

MOST_ROBOTS = 500 * 1024  # RFC 9309 section 2.5: at least so much is to be read
MOST_CRAWL_DELAY = 120.0
MOST_RETRY_AFTER = 15 * 60.0
TICK = 1.0
LEAST_PAUSE = 0.001
BUSY = (429, 503)
TOO_MANY, SUCCESS, SERVER_ERROR = 429, 2, 5  # the last two: hundreds
BOM = b"\xef\xbb\xbf"


class DisallowAll(RobotParser):
    """The rules of a host whose robots.txt could not be had: nothing is allowed, and `why`."""

    def __init__(self, why: str) -> None:
        self.why = why

    @classmethod
    def from_crawler(cls, crawler: Crawler, robotstxt_body: bytes) -> Self:  # noqa: ARG003  Scrapy's signature
        """The rules of a host about which nothing is known."""
        return cls("robots.txt is not known")

    def allowed(self, url: str | bytes, user_agent: str | bytes) -> bool:  # noqa: ARG002  Scrapy's signature
        """False."""
        return False


class RobotsRules(RobotsTxtMiddleware):
    """Scrapy's robots.txt middleware with the status codes of RFC 9309 section 2.3.1.

    4xx: no rules, everything is allowed (401 and 403 too: so the RFC has it). 429, 5xx, timeouts, no connection, endless
    redirects: everything of that host is disallowed for this crawl. At most 500 KiB are parsed. Crawl-delay is kept, up
    to 120 s and never below the configured delay. What is refused is journalled as "robots". Raises ConfigError at the
    start of a recorded crawl whose settings are impolite.
    """

    def __init__(self, crawler: Crawler) -> None:
        if crawler.settings.get("REPLAY"):
            raise NotConfigured  # an archive is asked, and no site
        if crawler.settings.get("RECORD"):
            refuse_impolite(crawler.settings)
        super().__init__(crawler)
        self._robotstxt_useragent = PRODUCT
        self._rules: dict[str, RobotParser] = {}
        self._asking: dict[str, Deferred[None]] = {}

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        """Let the request pass, or journal it and raise Refused with the cause: a rule, or why the rules are not known."""
        try:
            super().process_request_2(rp, request)
        except IgnoreRequest as error:
            why = rp.why if isinstance(rp, DisallowAll) else str(error)
            if recorder := recorder_of(self.crawler):
                recorder.failure(request, "robots", why)
            raise Refused("robots", why) from error

    async def robot_parser(self, request: Request) -> RobotParser:
        """The rules for a request's host, asked for once in a crawl."""
        netloc = urlsplit(request.url).netloc
        asking = self._asking.get(netloc)
        if asking is None:
            asking = self._asking[netloc] = Deferred()
            self._rules[netloc] = await self._ask(request, netloc)
            asking.callback(None)
        elif netloc not in self._rules:
            await maybe_deferred_to_future(asking)
        return self._rules[netloc]

    async def _ask(self, request: Request, netloc: str) -> RobotParser:
        self._stats.inc_value("robotstxt/request_count")
        # allow_offsite: the host's rules bind wherever its robots.txt is redirected to
        meta = {"dont_obey_robotstxt": True, "allow_offsite": True}
        url = f"{urlsplit(request.url).scheme}://{netloc}/robots.txt"
        asking = Request(url, priority=self.DOWNLOAD_PRIORITY, meta=meta, callback=NO_CALLBACK)
        try:
            response: Response = await self.crawler.engine.download_async(asking)
            return await self._read(response, netloc, request)
        except Exception as error:  # noqa: BLE001  whatever kept it away, nothing is allowed then
            self._stats.inc_value(f"robotstxt/exception_count/{type(error)}")
            logger.warning("Nothing of %s is fetched: its robots.txt could not be had (%s)", netloc, error)
            return DisallowAll(f"{url} could not be had: {error}")

    async def _read(self, response: Response, netloc: str, request: Request) -> RobotParser:
        self._stats.inc_value("robotstxt/response_count")
        self._stats.inc_value(f"robotstxt/response_status_count/{response.status}")
        if response.status == TOO_MANY or response.status // 100 == SERVER_ERROR:
            logger.warning("Nothing of %s is fetched: its robots.txt answers %d", netloc, response.status)
            return DisallowAll(f"{response.url} answers {response.status}")
        rules = build_from_crawler(self._parserimpl, self.crawler, rules_in(response))
        self._keep_crawl_delay(rules, netloc)
        await self.crawler.signals.send_catch_log_async(
            signals.robots_parsed, robotparser=rules, request=request
        )
        return rules

    def _keep_crawl_delay(self, rules: RobotParser, netloc: str) -> None:
        asked = delay_in(rules)
        host = urlsplit(f"//{netloc}").hostname or ""
        downloader = self.crawler.engine.downloader
        slot = downloader.slots.get(host)
        if slot is None or asked <= slot.delay:
            return
        logger.info("%s asks for %g s between requests (Crawl-delay)", host, asked)
        slot.delay, slot.jitter = asked, 0.0
        # Scrapy drops a slot that was idle for a minute, and makes the next one from this
        downloader.per_slot_settings[host] = {"delay": asked, "jitter": 0.0, "concurrency": slot.concurrency}


class RetryAfter:
    """Holds a host back for as long as its 429 or 503 says in Retry-After, 15 minutes at most.

    An extension, not a middleware: Scrapy sends the next request of a host before a middleware sees the response. A crawl
    that is closing does not wait: requests that are held back then fail with IgnoreRequest.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        crawler.signals.connect(self.spider_opened, signals.spider_opened)
        if not crawler.settings.get("REPLAY"):  # nobody is spared by waiting for an archive
            crawler.signals.connect(self.response_downloaded, signals.response_downloaded)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """The extension of one crawl."""
        return cls(crawler)

    def spider_opened(self) -> None:
        """See to it that a host's requests are sent one after another, so that there is something to hold back."""
        downloader = self._crawler.engine.downloader
        # without any delay Scrapy starts a host's whole queue in one go, whatever its concurrency
        patient = not self._crawler.settings.get("REPLAY")  # an archive can be asked at any speed
        downloader._delay = (patient and downloader._delay) or LEAST_PAUSE  # noqa: SLF001  AutoThrottle sets it, too

    def response_downloaded(self, response: Response, request: Request) -> None:
        """Hold the host back, if its answer asks for it."""
        asked = response.headers.get(b"Retry-After") if response.status in BUSY else None
        seconds = (
            min(seconds_in(asked.decode("latin-1"), datetime.now(UTC)), MOST_RETRY_AFTER) if asked else 0.0
        )
        slot = self._crawler.engine.downloader.slots.get(request.meta.get("download_slot", ""))
        if slot is None or seconds <= 0:
            return
        logger.warning(
            "%s answers %d and is left alone for %g s", slot_name(request), response.status, seconds
        )
        self._crawler.stats.inc_value("retry_after/count")
        self._hold(slot, monotonic() + seconds)

    def _hold(self, slot: Slot, until: float) -> None:
        if slot.latercall:
            slot.latercall.cancel()
        slot.lastseen = until - slot.delay  # keeps Scrapy from dropping the slot, and its queue from moving
        slot.latercall = call_later(max(0.0, min(TICK, until - monotonic())), self._look, slot, until)

    def _look(self, slot: Slot, until: float) -> None:
        slot.latercall = None
        engine = self._crawler.engine
        if engine._slot is None or engine._slot.closing is not None:  # noqa: SLF001  Scrapy tells nobody else that it closes
            self._give_up(slot)
        elif monotonic() < until:
            self._hold(slot, until)
        else:
            engine.downloader._process_queue(slot)  # noqa: SLF001  what the call that was replaced here does

    def _give_up(self, slot: Slot) -> None:
        while slot.queue:
            request, waiting = slot.queue.popleft()
            error = IgnoreRequest(f"{request.url} was held back when the crawl ended")
            waiting.errback(Failure(error))  # type: ignore[no-untyped-call]


def rules_in(response: Response) -> bytes:
    """The bytes of a robots.txt that hold rules: none unless it was found, 500 KiB at most, whole lines only."""
    if response.status // 100 != SUCCESS:
        return b""
    body: bytes = response.body.removeprefix(BOM)
    return body if len(body) <= MOST_ROBOTS else body[:MOST_ROBOTS].rpartition(b"\n")[0]


def delay_in(rules: RobotParser) -> float:
    """The Crawl-delay for Letopis in seconds, 120 at most; 0 where there is none."""
    return min(rules.crawl_delay(PRODUCT) or 0.0, MOST_CRAWL_DELAY)


def seconds_in(retry_after: str, now: datetime) -> float:
    """How long a Retry-After value asks to wait (RFC 9110 section 10.2.3): seconds or a date; 0 where it says neither.

    >>> seconds_in("120", datetime(2026, 11, 22, tzinfo=UTC))
    120.0
    >>> seconds_in("Sun, 22 Nov 2026 00:00:30 GMT", datetime(2026, 11, 22, tzinfo=UTC))
    30.0
    """
    value = retry_after.strip()
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return 0.0
    return max(0.0, (date.replace(tzinfo=date.tzinfo or UTC) - now).total_seconds())


def slot_name(request: Request) -> str:
    """The host whose turn a request waits for."""
    return str(request.meta.get("download_slot"))
