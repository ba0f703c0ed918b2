"""The bytes of each exchange, copied as Twisted writes and receives them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from OpenSSL.SSL import Connection
from scrapy.core.downloader.handlers.http11 import _LenientHTTP11ClientFactory, _LenientHTTP11ClientProtocol
from twisted.internet.error import ConnectionDone
from twisted.internet.protocol import connectionDone
from twisted.web._newclient import Request as TxRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable
    from datetime import datetime

    from twisted.internet.defer import Deferred
    from twisted.internet.interfaces import IStreamClientEndpoint
    from twisted.python.failure import Failure
    from twisted.web.client import HTTPConnectionPool
    from twisted.web.iweb import IResponse

    Clock = Callable[[], datetime]

BLANK = re.compile(rb"\n\r?\n")
INTERIM = re.compile(rb"\S+ 1\d\d[ \r\n]")
CIPHER = re.compile(
    r"(?P<exchange>(?:ECDHE|DHE)-(?:ECDSA|RSA|DSS|PSK)-|RSA-PSK-|PSK-|)"
    r"(?:(?P<cipher>AES|CAMELLIA)(?P<bits>128|256)(?:-(?P<mode>GCM|CBC))?-(?P<mac>SHA\d*)|CHACHA20-POLY1305)"
)


@dataclass(slots=True)
class Take:
    """What one exchange put on the wire: the request as written, the response as received."""

    began: datetime
    sent: bytearray = field(default_factory=bytearray)
    chunks: list[bytes] = field(default_factory=list)
    ip: str | None = None
    tls: str | None = None
    cipher: str | None = None
    lost: bool = False  # the connection ended without its proper farewell
    closed: bool = False

    def receive(self, data: bytes) -> None:
        """Append what arrived, until the response has ended or the take is closed."""
        if not self.closed:
            self.chunks.append(data)

    def end(self, rest: bytes) -> None:
        """Close the take; `rest` is what the last chunk holds beyond the end of the response."""
        if rest and self.chunks and not self.closed:
            self.chunks[-1] = self.chunks[-1][: -len(rest)]
        self.closed = True

    def split(self) -> tuple[bytes, bytes]:
        """The interim (1xx) blocks and the response; either may be empty. Closes the take and lets its bytes go."""
        self.closed = True
        received = b"".join(self.chunks)
        self.chunks.clear()
        return split_interim(received)


@dataclass(slots=True)
class Tape:
    """What one download tapes: nothing before a connection is made."""

    clock: Clock
    take: Take | None = None

    def begin(self) -> Take:
        """The take, begun now."""
        self.take = Take(self.clock())
        return self.take


class TapedRequest(TxRequest):
    """A request that copies to its take what it writes to the transport."""

    tape: Tape
    take: Take

    def writeTo(self, transport: Any) -> Deferred[None]:  # noqa: N802  Twisted's name
        """Write as always, through the copying transport."""
        written: Deferred[None] = super().writeTo(_CopyingTransport(transport, self.take))  # type: ignore[no-untyped-call]
        return written


class _CopyingTransport:
    """What a request sees of its transport; each write is copied first."""

    def __init__(self, transport: Any, take: Take) -> None:
        self._transport = transport
        self._take = take
        self.registerProducer = transport.registerProducer
        self.unregisterProducer = transport.unregisterProducer

    def write(self, data: bytes) -> None:
        self._take.sent += data
        self._transport.write(data)

    def writeSequence(self, parts: Iterable[bytes]) -> None:  # noqa: N802  Twisted's name
        self.write(b"".join(parts))


class TapedConnection:
    """A pooled connection on which a download's requests are taped."""

    def __init__(self, connection: Any, tape: Tape) -> None:
        self._connection = connection
        self._tape = tape

    def request(self, request: Any) -> Deferred[IResponse]:
        """Send the request with the download's tape in it."""
        # the agent builds the request itself; Scrapy changes the class of Twisted's parser in the same way
        request.__class__ = TapedRequest
        request.tape = self._tape
        sent: Deferred[IResponse] = self._connection.request(request)
        return sent


class TapedPool:
    """The connection pool as one download sees it."""

    def __init__(self, pool: HTTPConnectionPool, tape: Tape) -> None:
        self._pool = pool
        self._tape = tape
        self.persistent = pool.persistent

    def getConnection(self, key: Hashable, endpoint: IStreamClientEndpoint) -> Deferred[TapedConnection]:  # noqa: N802
        """A connection of the pool, old or new, that tapes."""
        connected: Deferred[TapedConnection] = self._pool.getConnection(key, endpoint).addCallback(
            TapedConnection, self._tape
        )
        return connected


class TeeProtocol(_LenientHTTP11ClientProtocol):
    """Scrapy's HTTP/1.1 client that copies what it receives to the take of the request it is answering."""

    transport: Any
    _take: Take | None = None

    def request(self, request: Any) -> Deferred[IResponse]:
        """Begin a take and send the request."""
        if self.state == "QUIESCENT":
            self._take = request.take = request.tape.begin()
            self._take.ip = self.transport.getPeer().host.partition("%")[0]
        return super().request(request)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802  Twisted's name
        """Copy, then parse."""
        take = self._take
        if take is not None:
            if not take.chunks:
                # only now the TLS handshake is sure to be over
                take.tls, take.cipher = tls_of(self.transport)
            take.receive(data)
        super().dataReceived(data)  # type: ignore[no-untyped-call]

    def _finishResponse(self, rest: bytes) -> None:  # noqa: N802  Twisted's name
        take, self._take = self._take, None
        if take is not None:
            take.end(rest)
        if rest and self._currentRequest is not None:
            # more came than the response announced: what follows on this connection could not be told apart
            self._currentRequest.persistent = False
        super()._finishResponse(rest)

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: N802  Twisted's name
        """Note whether the peer said good-bye: where the end of the connection ends the body, only that tells it is whole."""
        if self._take is not None:
            self._take.lost = reason.check(ConnectionDone) is None  # type: ignore[no-untyped-call]
        super().connectionLost(reason)  # type: ignore[no-untyped-call]


class TeeFactory(_LenientHTTP11ClientFactory):
    """Builds the protocols of a pool whose downloads are taped."""

    def buildProtocol(self, addr: Any) -> TeeProtocol:  # noqa: ARG002, N802  Twisted's signature
        """A protocol that goes back to the pool when it has nothing to do."""
        return TeeProtocol(self._quiescentCallback)  # type: ignore[no-untyped-call]


def split_interim(received: bytes) -> tuple[bytes, bytes]:
    r"""The 1xx blocks at the beginning, and the rest (RFC 9110 section 15.2); heads end where Twisted's parser ends them.

    >>> split_interim(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\n\r\n")
    (b'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n', b'HTTP/1.1 200 OK\r\n\r\n')
    """
    at = 0
    while INTERIM.match(received, at):
        blank = BLANK.search(received, at)
        at = blank.end() if blank else len(received)
    return (received[:at], received[at:]) if at else (b"", received)


def tls_of(transport: Any) -> tuple[str | None, str | None]:
    """Protocol ("tls/1.3") and cipher suite (IANA name) of a transport; None, None where there is no TLS."""
    connection = transport.getHandle()
    if not isinstance(connection, Connection):
        return None, None
    version = connection.get_protocol_version_name()
    return version.lower().replace("v", "/"), cipher_suite(connection.get_cipher_name() or "")


def cipher_suite(name: str) -> str | None:
    """IANA's name of a cipher suite that OpenSSL names; None where there is no rule for it.

    >>> cipher_suite("ECDHE-RSA-AES128-GCM-SHA256"), cipher_suite("AES256-SHA")
    ('TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'TLS_RSA_WITH_AES_256_CBC_SHA')
    """
    if name.startswith("TLS_"):
        return name
    match = CIPHER.fullmatch(name)
    if match is None:
        return None
    exchange = (match["exchange"] or "RSA-").replace("-", "_")
    if match["cipher"] is None:
        return f"TLS_{exchange}WITH_CHACHA20_POLY1305_SHA256"
    return f"TLS_{exchange}WITH_{match['cipher']}_{match['bits']}_{match['mode'] or 'CBC'}_{match['mac']}"
