"""The download handler of a crawl: what each request puts on the wire, both ways, is recorded before its page is read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler, _ScrapyAgent
from scrapy.exceptions import DownloadCancelledError
from scrapy.utils._download_handlers import wrap_twisted_exceptions
from scrapy.utils.defer import maybe_deferred_to_future

from archive.warc import NotRecorded
from crawler.recorder import RecordingFailed, recorder_of, stop
from crawler.route import Refused, Route, RoutedEndpointFactory, is_loopback
from crawler.tee import Tape, TapedPool, TeeFactory
from crawler.trouble import Trouble, trouble_with

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response


class WireHandler(HTTP11DownloadHandler):
    """Scrapy's HTTP/1.1 handler on connections that are taped, along the route that CONNECT_TO describes.

    With the setting RECORD each exchange lies in the WARC, and each failure without bytes in the journal, before
    `download_request` returns or raises; the record is told in ``request.meta["captured"]``. Without it there is no
    trace. A record that cannot be written raises RecordingFailed and closes the spider as "recording_failed".
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool._factory = TeeFactory  # noqa: SLF001  the only place where the pool is told what to build
        # a kept connection that is gone: Scrapy's retry asks again, counted and with the host's delay
        self._pool.retryAutomatically = False
        self._route = Route.from_settings(crawler.settings)
        self._fault: Exception | None = None
        try:
            self._recorder = recorder_of(crawler)
        except (OSError, NotRecorded) as error:  # raised here it would only be logged, and the crawl go on
            self._recorder, self._fault = None, error

    async def download_request(self, request: Request) -> Response:
        """The response, its exchange recorded; raises what Scrapy's handler raises, Refused and RecordingFailed."""
        self._check_recording()
        tape = Tape(self._now)
        try:
            response = await self._download(request, tape)
        except Exception as error:
            await self._keep(request, tape, trouble_with(error))
            raise
        await self._keep(request, tape, flagged(response, tape))
        return response

    async def _download(self, request: Request, tape: Tape) -> Response:
        check_credentials(request)
        if self._route.rehearsal:
            without_environment_proxy(request)
        agent = WireAgent(
            tape=tape,
            route=self._route,
            contextFactory=self._contextFactory,
            bindAddress=self._bind_address,
            pool=self._pool,
            maxsize=self._default_maxsize,
            warnsize=self._default_warnsize,
            fail_on_dataloss=self._fail_on_dataloss,
            crawler=self._crawler,
            tls_verbose_logging=self._tls_verbose_logging,
        )
        with wrap_twisted_exceptions():
            response: Response = await maybe_deferred_to_future(agent.download_request(request))
        return response

    def _now(self) -> datetime:
        return self._recorder.clock() if self._recorder else datetime.now(UTC)

    def _check_recording(self) -> None:
        fault = self._recorder.fault if self._recorder else self._fault
        if fault:
            stop(self._crawler)
            raise RecordingFailed(f"nothing more is fetched, for nothing can be recorded: {fault}")
        if self._recorder and self._recorder.full:
            raise Refused("disk-floor", "nothing more is fetched: the floor of free space is met")

    async def _keep(self, request: Request, tape: Tape, trouble: Trouble | None) -> None:
        if self._recorder:
            request.meta["captured"] = await self._recorder.keep(request, tape.take, trouble)


class WireAgent(_ScrapyAgent):
    """Scrapy's agent, its connections taped and routed."""

    def __init__(self, *, tape: Tape, route: Route, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._tape = tape
        self._route = route

    def _get_agent(self, request: Request, timeout: float) -> Any:
        agent: Any = super()._get_agent(request, timeout)
        agent._pool = TapedPool(agent._pool, self._tape)  # noqa: SLF001  an agent lives for one request
        if proxy := request.meta.get("proxy"):
            self._check_proxy(proxy)
        else:
            agent._endpointFactory = RoutedEndpointFactory(agent._endpointFactory, self._route)  # noqa: SLF001
        return agent

    def _check_proxy(self, proxy: str) -> None:
        host = urlsplit(proxy if "//" in proxy else f"//{proxy}").hostname or ""
        if self._route.rehearsal and not is_loopback(host):
            raise Refused(
                "not-rehearsed", f"a rehearsal goes through no proxy outside this machine, as {host} is"
            )


def check_credentials(request: Request) -> None:
    """Raise Refused for a URL with user and password: Letopis sends no credentials and keeps none."""
    if "@" in urlsplit(request.url).netloc:
        raise Refused(
            "credentials", "a URL with user or password is not fetched, for it could not be recorded"
        )


def without_environment_proxy(request: Request) -> None:
    """Take a proxy that HttpProxyMiddleware found in the environment off a request."""
    if request.meta.pop("_scheme_proxy", False):
        request.meta.pop("proxy", None)
        request.headers.pop(b"Proxy-Authorization", None)


def flagged(response: Response, tape: Tape) -> Trouble | None:
    """What kept a response from being whole that Scrapy nevertheless takes; None where it is whole."""
    if "download_stopped" in response.flags:
        return trouble_with(DownloadCancelledError("a signal handler stopped the download"))
    if "dataloss" in response.flags or (tape.take and tape.take.lost):
        return Trouble("reset", "the connection was lost before the response was whole", "disconnect")
    return None
