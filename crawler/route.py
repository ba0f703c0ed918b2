"""Where a request is connected to: a rehearsal's own server, or a public address and no other."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scrapy.exceptions import IgnoreRequest
from twisted.internet.endpoints import HostnameEndpoint, wrapClientTLS
from twisted.internet.error import DNSLookupError
from twisted.internet.interfaces import IHostnameResolver, IResolutionReceiver
from twisted.web.client import _StandardEndpointFactory
from zope.interface.declarations import implementer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scrapy.settings import BaseSettings
    from twisted.internet.defer import Deferred
    from twisted.internet.interfaces import IAddress
    from twisted.python.failure import Failure
    from twisted.web.client import URI

ANY = "*"


class ConfigError(ValueError):
    """Settings that Letopis does not crawl with; the message says what to set."""


class Refused(IgnoreRequest):
    """A request that is not sent; `reason` is the journal's word for it."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Route:
    """Where each "host:port" of a URL is connected to; empty = where its name resolves to, if that is public.

    Built from the setting CONNECT_TO, {"example.org:443": "127.0.0.1:40123"} or {"*": ...}. Non-empty means a
    rehearsal: its targets must be loopback addresses, and hosts it does not name are refused.
    """

    targets: Mapping[str, tuple[str, int]]

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Route:
        """The route that CONNECT_TO describes; raises ConfigError where a target is no loopback address."""
        named: dict[str, str] = settings.getdict("CONNECT_TO")
        return cls({source.lower(): _loopback(source, target) for source, target in named.items()})

    @property
    def rehearsal(self) -> bool:
        """Whether nothing that is sent leaves this machine."""
        return bool(self.targets)

    def endpoint(self, reactor: Any, host: str, port: int, **kwargs: Any) -> HostnameEndpoint:
        """The TCP endpoint of a URL's host and port; raises Refused for a host that a rehearsal does not name."""
        if not self.rehearsal:
            return PublicEndpoint(reactor, host, port, **kwargs)
        target = self.target(host, port)
        if target is None:
            raise Refused(
                "not-rehearsed",
                f"{host}:{port} is not in CONNECT_TO, and a rehearsal connects to nothing else",
            )
        return HostnameEndpoint(reactor, *target, **kwargs)

    def target(self, host: str, port: int) -> tuple[str, int] | None:
        """Where a rehearsal connects for a URL's host and port; None where it does not say."""
        return self.targets.get(f"{host}:{port}".lower()) or self.targets.get(ANY)


class RoutedEndpointFactory(_StandardEndpointFactory):
    """Twisted's endpoints for http and https URLs, connected along a route; SNI and Host stay the URL's."""

    def __init__(self, standard: Any, route: Route) -> None:
        vars(self).update(vars(standard))
        self._route = route

    def endpointForURI(self, uri: URI) -> Any:  # noqa: N802  Twisted's name
        """The endpoint for a URL; raises Refused."""
        endpoint: Any = self._route.endpoint(
            self._reactor,
            uri.host.decode("ascii"),
            uri.port,
            timeout=self._connectTimeout,
            bindAddress=self._bindAddress,
        )
        if uri.scheme == b"https":
            return wrapClientTLS(self._policyForHTTPS.creatorForNetloc(uri.host, uri.port), endpoint)
        return endpoint


class PublicEndpoint(HostnameEndpoint):
    """A host reached only at its public addresses, so that no link leads into the network of whoever crawls.

    What is judged is the address that is connected to, not a second look-up that might answer otherwise.
    """

    def __init__(self, reactor: Any, host: str, port: int, **kwargs: Any) -> None:
        self._refused: list[str] = []
        super().__init__(reactor, host, port, **kwargs)

    def connect(self, protocolFactory: Any) -> Deferred[Any]:  # noqa: N803  Twisted's name
        """Connect; fails with Refused where the name has addresses and none of them is public."""
        self._refused.clear()
        connected: Deferred[Any] = super().connect(protocolFactory)
        return connected.addErrback(self._explain)

    def _getNameResolverAndMaybeWarn(self, reactor: Any) -> Any:  # noqa: N802  Twisted's name
        return PublicResolver(super()._getNameResolverAndMaybeWarn(reactor), self._refused)

    def _explain(self, failure: Failure) -> Failure:
        if self._refused and failure.check(DNSLookupError):  # type: ignore[no-untyped-call]
            raise Refused(
                "private-address",
                f"{self._hostText} is {', '.join(self._refused)}, which is no public address; to crawl a server on this "
                f'machine, rehearse: CONNECT_TO={{"{self._hostText}:{self._port}": "127.0.0.1:{self._port}"}}',
            )
        return failure


@implementer(IHostnameResolver)  # type: ignore[no-untyped-call]
class PublicResolver:
    """A resolver that passes on public addresses and notes the others."""

    def __init__(self, resolver: Any, refused: list[str]) -> None:
        self._resolver = resolver
        self._refused = refused

    def resolveHostName(self, receiver: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N802  Twisted's name
        """Resolve as the wrapped resolver does."""
        return self._resolver.resolveHostName(_PublicReceiver(receiver, self._refused), *args, **kwargs)


@implementer(IResolutionReceiver)  # type: ignore[no-untyped-call]
class _PublicReceiver:
    def __init__(self, receiver: Any, refused: list[str]) -> None:
        self._receiver = receiver
        self._refused = refused
        self.resolutionBegan = receiver.resolutionBegan
        self.resolutionComplete = receiver.resolutionComplete

    def addressResolved(self, address: IAddress) -> None:  # noqa: N802  Twisted's name
        if is_public(address.host):
            self._receiver.addressResolved(address)
        else:
            self._refused.append(address.host)


def is_public(address: str) -> bool:
    """Whether an IP address can be that of a news site on the internet.

    >>> [is_public(a) for a in ("178.248.234.228", "10.0.0.1", "127.0.0.1", "169.254.169.254", "::ffff:192.168.0.1", "ff02::1")]
    [True, False, False, False, False, False]
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return ip.is_global and not ip.is_multicast


def is_loopback(host: str) -> bool:
    """Whether a host is written as a loopback address.

    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("10.0.0.1")
    (True, False, False)
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _loopback(source: str, target: str) -> tuple[str, int]:
    host, _, port = target.rpartition(":")
    host = host.strip("[]")
    if not is_loopback(host) or not port.isdigit():
        raise ConfigError(
            f'CONNECT_TO["{source}"] is "{target}": a rehearsal connects to loopback only, as "127.0.0.1:40123"'
        )
    return host, int(port)
