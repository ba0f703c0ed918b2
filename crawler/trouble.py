"""Why a download failed, in the journal's words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from OpenSSL import SSL
from scrapy.core.downloader.handlers.http11 import TunnelError
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    ResponseDataLossError,
    StopDownload,
    UnsupportedURLSchemeError,
)
from service_identity import VerificationError
from twisted.internet.error import ConnectError, ConnectionAborted, ConnectionClosed

from crawler.route import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

Truncated = Literal["length", "time", "disconnect", "unspecified"]


@dataclass(frozen=True, slots=True)
class Trouble:
    """What went wrong: the journal's reason, a sentence, and what it means for the bytes that had arrived."""

    reason: str
    message: str
    truncated: Truncated


KINDS: tuple[tuple[tuple[type[BaseException], ...], str, Truncated], ...] = (
    ((SSL.Error, VerificationError), "tls", "disconnect"),
    ((CannotResolveHostError,), "dns", "unspecified"),
    ((DownloadTimeoutError,), "timeout", "time"),
    ((DownloadConnectionRefusedError, ConnectError), "connect", "unspecified"),
    ((DownloadCancelledError, StopDownload), "length", "length"),
    ((ResponseDataLossError, ConnectionClosed, ConnectionAborted), "reset", "disconnect"),
    ((TunnelError,), "proxy", "unspecified"),
    ((UnsupportedURLSchemeError,), "url", "unspecified"),
)


def trouble_with(error: BaseException) -> Trouble:
    """The trouble that a download handler's exception tells of; what is in no class of its own is "protocol"."""
    if isinstance(error, Refused):
        return Trouble(error.reason, str(error), "unspecified")
    causes = list(causes_of(error))
    message = "; ".join(dict.fromkeys(named(cause) for cause in causes))
    for types, reason, truncated in KINDS:
        if any(isinstance(cause, types) for cause in causes):
            return Trouble(reason, message, truncated)
    return Trouble("protocol", message, "unspecified")


def named(cause: BaseException) -> str:
    """An exception in one line: its class and its words, where it has any."""
    return f"{type(cause).__name__.lstrip('_')}: {cause}".removesuffix(": ")


def causes_of(error: BaseException) -> Iterator[BaseException]:
    """The exceptions that Twisted and Scrapy have wrapped into one, innermost only."""
    wrapped = getattr(error, "reasons", None) or getattr(error.__cause__, "reasons", None)
    if not wrapped:
        yield error
        return
    for failure in wrapped:
        yield from causes_of(failure.value)
