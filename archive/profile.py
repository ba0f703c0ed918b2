"""Which records an exchange becomes and which fields each carries: the WARC/1.1 profile of FORMAT.md; touches no file."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from archive import journal
from archive.framing import DEFLATE, STORE, Field, digest, stamp, uri
from archive.mask import Mask, Secret, echoes, refuse_userinfo, without_userinfo
from archive.message import ContentError, Message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from archive.original import Original
    from archive.record import Exchange

RESPONSE = "application/http;msgtype=response"
REQUEST = "application/http;msgtype=request"
REVISIT = "http://netpreserve.org/warc/1.1/revisit/"
OK = 200
NOT_MODIFIED = 304
CONDITIONS = ("If-None-Match", "If-Modified-Since")
DECLARED = {
    "format": "WARC File Format 1.1",
    "conformsTo": "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
    "digest-encoding": "sha256, lower-case Base16; payload digests over the de-chunked, still content-encoded body",
    "fidelity": "responses are the bytes received, verbatim; requests the bytes sent, secrets masked where "
    "WARC-Letopis-Masked says so; 1xx responses stand in metadata records",
}


class Piece(NamedTuple):
    """A record about to be written; `message` where the index is to name it."""

    type: str
    id: str
    date: str
    url: str
    fields: list[Field]
    content_type: str
    block: bytes
    payload_digest: str = ""
    level: int = DEFLATE
    message: Message | None = None


class Profile:
    """Makes the records of one snapshot, every secret in them masked and named."""

    def __init__(self, snapshot: str, mask: Mask, new_id: Callable[[], str]) -> None:
        self._snapshot = snapshot
        self._mask = mask
        self._new_id = new_id

    def exchange(
        self, exchange: Exchange, fetch: Mapping[str, Any] | None = None, original: Original | None = None
    ) -> list[Piece]:
        """Response or revisit first, then request, interim responses and the journal's word on them.

        Raises ValueError for a URL with a user or password and for an instant without a zone.
        """
        refuse_userinfo(exchange.url)
        date = stamp(exchange.began)
        url = self._mask.text(uri(exchange.url).encode())
        target = url.data.decode()
        request = self._mask.request(exchange.request)
        secrets = (*url.secrets, *request.secrets)
        response = _response(exchange, self._new_id(), date, target)
        if message := response.message:
            shown = self._mask.text(message.block[: message.head.size]).secrets
            response.fields.extend((*_masked(url.secrets), *_echoed(message, secrets, shown)))
        if original and not exchange.truncated:
            response = _revisit(response, original, Message(exchange.request))
        beside: list[Field] = [("WARC-Concurrent-To", f"<{response.id}>"), *_peer(exchange)]
        asked = [*beside, *_masked(secrets)]
        made = [response, Piece("request", self._new_id(), date, target, asked, REQUEST, request.data)]
        if exchange.interim:
            urn = f"{journal.NAMESPACE}{self._snapshot}:interim"
            made.append(Piece("metadata", self._new_id(), date, urn, beside, RESPONSE, exchange.interim))
        if fetch is not None:
            block = journal.block("fetch", exchange.began, fetch)
            urn = journal.urn(self._snapshot, "fetch")
            made.append(
                self.note(
                    "metadata",
                    block,
                    journal.CONTENT_TYPE,
                    url=urn,
                    at=exchange.began,
                    concurrent_to=response.id,
                )
            )
        return made

    def note(
        self,
        type: Literal["metadata", "resource"],  # noqa: A002  WARC-Type
        block: bytes,
        content_type: str,
        *,
        url: str,
        at: datetime,
        concurrent_to: str | None = None,
    ) -> Piece:
        """A metadata or resource record."""
        target, masked = self._mask.text(uri(url).encode()), self._mask.text(block)
        fields: list[Field] = [("WARC-Concurrent-To", f"<{concurrent_to}>")] if concurrent_to else []
        fields.extend(_masked((*target.secrets, *masked.secrets)))
        return Piece(type, self._new_id(), stamp(at), target.data.decode(), fields, content_type, masked.data)


def _response(exchange: Exchange, record_id: str, date: str, url: str) -> Piece:
    message = Message(exchange.response)
    fields = _peer(exchange)
    fields.extend(("WARC-Protocol", protocol) for protocol in exchange.protocols)
    if exchange.cipher:
        fields.append(("WARC-Cipher-Suite", exchange.cipher))
    if exchange.truncated:
        fields.append(("WARC-Truncated", exchange.truncated))
    encoded = any(value.lower() != "identity" for value in message.get_all("content-encoding"))
    level = STORE if encoded else DEFLATE
    payload_digest = digest(message.payload())
    return Piece(
        "response", record_id, date, url, fields, RESPONSE, exchange.response, payload_digest, level, message
    )


def _revisit(response: Piece, original: Original, request: Message) -> Piece:
    """The response as a revisit of `original` where it may be one (WARC/1.1 section 6.7), otherwise as it is."""
    message = response.message
    if message is None:
        return response
    refers = original.fields()
    # a 304 that nobody asked for says nothing about the page that is known
    if message.status == NOT_MODIFIED and any(map(request.get, CONDITIONS)):
        fields = [*response.fields, ("WARC-Profile", REVISIT + "server-not-modified"), *refers]
        return response._replace(type="revisit", fields=fields, payload_digest=original.payload_digest)
    if message.status == OK and message.body and response.payload_digest == original.payload_digest:
        profile = ("WARC-Profile", REVISIT + "identical-payload-digest")
        fields = [*response.fields, ("WARC-Truncated", "length"), profile, *refers]
        return response._replace(
            type="revisit", fields=fields, block=message.block[: message.head.size], level=DEFLATE
        )
    return response


def _peer(exchange: Exchange) -> list[Field]:
    if exchange.proxy:  # the address would be the proxy's, not the site's
        return [("WARC-Letopis-Proxy", uri(without_userinfo(exchange.proxy.encode()).decode()))]
    if exchange.ip:
        return [
            ("WARC-IP-Address", ip_address(exchange.ip).compressed if ":" in exchange.ip else exchange.ip)
        ]
    return []


def _masked(secrets: Iterable[Secret]) -> list[Field]:
    names = sorted({secret.name for secret in secrets})
    return [("WARC-Letopis-Masked", ", ".join(names))] if names else []


def _echoed(message: Message, secrets: tuple[Secret, ...], shown: tuple[Secret, ...]) -> list[Field]:
    """What the response repeats of its request's secrets, and what its own header shows, as a Location may."""
    names = {secret.name for secret in shown}
    if secrets:
        try:
            content = message.content()
        except ContentError as error:
            content = error.partial
        names.update(echoes(message.block[: message.head.size] + content, secrets))
    return [("WARC-Letopis-Echoed", ", ".join(sorted(names)))] if names else []
