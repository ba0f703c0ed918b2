"""What the wire leans on inside Scrapy and Twisted. Red after an upgrade? Read the message, not the traceback."""

from __future__ import annotations

import inspect
from importlib import metadata

import pytest
from scrapy.core.downloader import Downloader, Slot
from scrapy.core.downloader.handlers import http11
from scrapy.core.engine import ExecutionEngine, _Slot
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from twisted.internet.endpoints import HostnameEndpoint
from twisted.web import _newclient, client

REMEDY = (
    "Scrapy or Twisted has changed something that crawler/tee.py, crawler/wire.py, crawler/route.py or crawler/robots.py "
    "leans on. Pin the version before in pyproject.toml, compare scrapy/core/downloader/handlers/http11.py and "
    "twisted/web/_newclient.py of both, adapt, and raise the pin only when tests/crawler/test_wire.py is green: "
)


def source(thing: object) -> str:
    return inspect.getsource(thing)  # type: ignore[arg-type]


def parameters(function: object) -> list[str]:
    return list(inspect.signature(function).parameters)  # type: ignore[arg-type]


HANDLER = http11.HTTP11DownloadHandler
PROTOCOL = _newclient.HTTP11ClientProtocol
AGENT = [
    "self", "contextFactory", "connectTimeout", "bindAddress", "pool", "maxsize", "warnsize",
    "fail_on_dataloss", "crawler", "tls_verbose_logging",
]  # fmt: skip

FACTS = {
    "the minor version of Scrapy is the one that was read": metadata.version("scrapy").startswith("2.19."),
    "the handler's pool is told by _factory what to build": "self._pool._factory = _Lenient" in source(HANDLER.__init__),
    "the pool asks nothing twice by itself if told so": "if self.retryAutomatically:" in source(client.HTTPConnectionPool.getConnection),
    "the pool builds from _factory(quiescentCallback, ...)": "self._factory(quiescentCallback" in source(client.HTTPConnectionPool._newConnection),
    "the handler gives a _ScrapyAgent what WireHandler gives": parameters(http11._ScrapyAgent.__init__) == AGENT,
    "an agent is made for one request by _get_agent(request, timeout)": parameters(http11._ScrapyAgent._get_agent) == ["self", "request", "timeout"],
    "download_request does nothing beyond agent, exceptions and a warning": "await maybe_deferred_to_future(agent.download_request(request))" in source(HANDLER.download_request),
    "a body over the limit ends the download by cancelling": "self._finished.cancel()" in source(http11._ResponseReader.dataReceived),
    "an agent asks its _pool for connections": "self._pool.getConnection(key, endpoint)" in source(client._AgentBase._requestWithEndpoint),
    "an agent builds its requests by Request._construct": "Request._construct(" in source(client._AgentBase._requestWithEndpoint),
    "an agent takes endpoints from _endpointFactory": "self._endpointFactory.endpointForURI(uri)" in source(client.Agent._getEndpoint),
    "an endpoint factory keeps its bind address": "self._endpointFactory._bindAddress" in source(http11._BindAddressAgent._requestWithEndpoint),
    "the protocol writes requests by writeTo": "request.writeTo(self.transport)" in source(PROTOCOL.request),
    "the parser ends a response by _finishResponse(rest)": "HTTPClientParser(request, self._finishResponse)" in source(PROTOCOL.request),
    "a connection is reused only if its request is persistent": "not self._currentRequest.persistent" in source(PROTOCOL._finishResponse_WAITING),
    "interim responses are passed over by the parser": "100 <= self.response.code < 200" in source(_newclient.HTTPClientParser.allHeadersReceived),
    "Scrapy's own protocol is what is extended": issubclass(http11._LenientHTTP11ClientProtocol, PROTOCOL),
    "a name is resolved by what _getNameResolverAndMaybeWarn gives": "self._getNameResolverAndMaybeWarn(self._reactor)" in source(HostnameEndpoint.connect),
    "no address at all is a DNSLookupError": "no results for hostname lookup" in source(HostnameEndpoint.connect),
    "robots rules are asked for by robot_parser(request)": "await self.robot_parser(request)" in source(RobotsTxtMiddleware.process_request),
    "robots rules are applied by process_request_2(rp, request)": parameters(RobotsTxtMiddleware.process_request_2) == ["self", "rp", "request"],
    "a slot's queue rests while latercall is set": "if slot.latercall:" in source(Downloader._process_queue),
    "a slot has lastseen, delay, jitter and queue": {"lastseen", "delay", "jitter", "queue", "latercall"} <= set(Slot.__slots__),
    "new slots get the downloader's _delay": "self._delay)" in source(Downloader._get_slot),
    "response_downloaded comes before the next request": source(Downloader._download).index("response_downloaded") < source(Downloader._download).index("_process_queue"),
    "the engine tells in _slot.closing that it closes": "self._slot.closing" in source(ExecutionEngine.close_spider_async) and "self.closing" in source(_Slot.close),
}  # fmt: skip


@pytest.mark.parametrize("fact", FACTS)
def test_scrapy_and_twisted_are_as_the_wire_needs_them(fact: str) -> None:
    assert FACTS[fact], REMEDY + fact
