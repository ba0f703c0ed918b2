"""Odd exchanges: what is asked, what is answered, and how it must be recorded."""

from __future__ import annotations

import gzip
from dataclasses import dataclass, field
from typing import Any

from tests.oddserver import Answer

OK = b"HTTP/1.1 200 OK\r\n"
TEXT = "Жители посёлка проводили ледоход.".encode()
PAGE = b"<html><title>Ledokhod</title>" + TEXT * 20 + b"</html>"
ZIPPED = gzip.compress(PAGE, mtime=0)
HELLO = OK + b"Content-Length: 5\r\n\r\nhello"
EARLY = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"
PROCESSING = b"HTTP/1.1 102 Processing\n\n"
BIG = 40_000


@dataclass(frozen=True)
class Odd:
    """One odd exchange, or several on one host: what is asked, what is answered, how it must be recorded."""

    answers: tuple[Answer, ...]
    request: dict[str, Any] = field(default_factory=dict)
    interim: bytes = b""
    truncated: str | None = None
    reason: str | None = None  # of the failure entry; None = none
    status: int | None = 200  # what the spider got; None = the errback was called
    surplus: int = 0  # bytes after the end of the response
    prefix: bool = False  # the client leaves before all is sent
    body: bytes | None = None


def sent(*pieces: bytes, then: Any = "keep") -> tuple[Answer, ...]:
    return (Answer(pieces, then),)


def chunked(*chunks: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)


def bytewise(message: bytes) -> tuple[bytes, ...]:
    return tuple(message[at : at + 1] for at in range(len(message)))


TE = OK + b"Transfer-Encoding: chunked\r\n"
SHORT = {"meta": {"download_timeout": 0.4}}
SMALL = {"meta": {"download_maxsize": 1000}}

ODDS: dict[str, Odd] = {
    "plain": Odd(sent(HELLO), body=b"hello"),
    "reason-in-utf8": Odd(sent("HTTP/1.1 200 Всё хорошо\r\nContent-Length: 0\r\n\r\n".encode())),
    "no-reason": Odd(sent(b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok"), body=b"ok"),
    "http-1.0": Odd(sent(b"HTTP/1.0 200 OK\r\nServer: old\r\n\r\n" + PAGE, then="close"), body=PAGE),
    "close-delimited": Odd(sent(OK + b"Connection: close\r\n\r\n", PAGE, then="close"), body=PAGE),
    "lf-only": Odd(sent(b"HTTP/1.1 200 OK\nContent-Length: 5\nX-Line: lf\n\nhello"), body=b"hello"),
    "repeated-headers": Odd(
        sent(OK + b"sEt-CookIE: a=1\r\nX: 1\r\nSet-Cookie: b=2\r\nx: 2\r\nContent-Length: 0\r\n\r\n")
    ),
    "no-colon": Odd(sent(OK + b"this line has no colon\r\nContent-Length: 5\r\n\r\nhello"), body=b"hello"),
    "folded-header": Odd(sent(OK + b"X-Folded: one\r\n two\r\n\tthree\r\nContent-Length: 5\r\n\r\nhello")),
    "blank-before-colon": Odd(
        sent(OK + b"X-Odd : 1\r\nContent-Length:5\r\n\r\nhello"),
        truncated="unspecified",
        reason="protocol",
        status=None,
    ),
    "latin-1-header": Odd(sent(OK + b"X-Name: \xe9\xff\x80\r\nContent-Length: 5\r\n\r\nhello")),
    "empty-header-value": Odd(sent(OK + b"X-Empty:\r\nContent-Length: 5\r\n\r\nhello")),
    "repeated-length": Odd(sent(OK + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"), body=b"hello"),
    "chunked": Odd(sent(TE + b"\r\n" + chunked(b"hel", b"lo") + b"0\r\n\r\n"), body=b"hello"),
    "chunk-extensions": Odd(
        sent(TE + b"\r\n5;name=value\r\nhello\r\nA;x\r\n0123456789\r\n000\r\n\r\n"), body=b"hello0123456789"
    ),
    "trailers": Odd(
        sent(TE + b"Trailer: X-Sum\r\n\r\n" + chunked(b"hello") + b"0\r\nX-Sum: 1\r\nX-More: 2\r\n\r\n"),
        body=b"hello",
    ),
    "chunked-and-gzipped": Odd(
        sent(TE + b"Content-Encoding: gzip\r\n\r\n" + chunked(ZIPPED[:20], ZIPPED[20:]) + b"0\r\n\r\n"),
        body=PAGE,
    ),
    "gzipped": Odd(
        sent(OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(ZIPPED) + ZIPPED), body=PAGE
    ),
    "gzip-in-name-only": Odd(
        sent(OK + b"Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello"), status=None
    ),
    "binary-body": Odd(sent(OK + b"Content-Length: 256\r\n\r\n" + bytes(range(256))), body=bytes(range(256))),
    "no-content": Odd(sent(b"HTTP/1.1 204 No Content\r\nX: 1\r\n\r\n"), status=204),
    "not-modified": Odd(
        sent(b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\nContent-Length: 5000\r\n\r\n'),
        request={"headers": {"If-None-Match": '"a"'}},
        status=304,
    ),
    "head": Odd(sent(OK + b"Content-Length: 5000\r\n\r\n"), request={"method": "HEAD"}),
    "empty": Odd(sent(OK + b"Content-Length: 0\r\n\r\n"), body=b""),
    "not-found": Odd(sent(b"HTTP/1.1 404 Nope\r\nContent-Length: 4\r\n\r\nnope"), status=404),
    "server-error": Odd(sent(b"HTTP/1.1 500 \r\nContent-Length: 4\r\n\r\noops"), status=500),
    "unknown-status": Odd(sent(b"HTTP/1.1 799 Who knows\r\nContent-Length: 4\r\n\r\nwhat"), status=799),
    "post": Odd(sent(HELLO), request={"method": "POST", "body": "a=1&b=%D0%B0"}),
    "post-nothing": Odd(sent(HELLO), request={"method": "POST"}),
    "early-hints": Odd(sent(EARLY + HELLO), interim=EARLY),
    "several-interim": Odd(
        sent(EARLY, PROCESSING, EARLY + HELLO[:9], HELLO[9:]), interim=EARLY + PROCESSING + EARLY
    ),
    "bytewise": Odd(
        sent(*bytewise(EARLY + TE + b"\r\n" + chunked(b"hello") + b"0\r\n\r\n")), interim=EARLY, body=b"hello"
    ),
    "surplus": Odd(sent(HELLO + b" and what nobody announced"), surplus=26, body=b"hello"),
    "surplus-after-chunks": Odd(sent(TE + b"\r\n0\r\n\r\n" + HELLO), surplus=len(HELLO), body=b""),
    "surplus-after-head": Odd(
        sent(OK + b"Content-Length: 5\r\n\r\nhello"), request={"method": "HEAD"}, surplus=5
    ),
    "short-body": Odd(
        sent(OK + b"Content-Length: 500\r\n\r\nhello", then="close"),
        truncated="disconnect",
        reason="reset",
        status=None,
    ),
    "reset-in-body": Odd(
        sent(OK + b"Content-Length: 500\r\n\r\nhello", then="reset"),
        truncated="disconnect",
        reason="reset",
        status=None,
        prefix=True,
    ),
    "reset-in-endless-body": Odd(
        sent(OK + b"\r\nhello", then="reset"), truncated="disconnect", reason="reset", prefix=True
    ),
    "cut-in-head": Odd(
        sent(OK + b"Content-Le", then="close"), truncated="disconnect", reason="reset", status=None
    ),
    "cut-in-chunk": Odd(
        sent(TE + b"\r\n1f4\r\nhello", then="close"), truncated="disconnect", reason="reset", status=None
    ),
    "cut-before-last-chunk": Odd(
        sent(TE + b"\r\n" + chunked(b"hello"), then="close"),
        truncated="disconnect",
        reason="reset",
        status=None,
    ),
    "hangs-in-head": Odd(
        sent(OK + b"X: 1\r\n", then="hang"), request=SHORT, truncated="time", reason="timeout", status=None
    ),
    "hangs-in-body": Odd(
        sent(OK + b"Content-Length: 500\r\n\r\nhello", then="hang"),
        request=SHORT,
        truncated="time",
        reason="timeout",
        status=None,
    ),
    "too-long-as-announced": Odd(
        sent(OK + b"Content-Length: %d\r\n\r\n" % BIG, b"x" * BIG),
        request=SMALL,
        truncated="length",
        reason="length",
        status=None,
        prefix=True,
    ),
    "too-long-unannounced": Odd(
        sent(TE + b"\r\n", *[chunked(b"x" * 500)] * 80, b"0\r\n\r\n"),
        request=SMALL,
        truncated="length",
        reason="length",
        status=None,
        prefix=True,
    ),
    "no-status-line": Odd(
        sent(b"<html>never heard of HTTP</html>\n\n", then="close"),
        truncated="unspecified",
        reason="protocol",
        status=None,
    ),
    "conflicting-lengths": Odd(
        sent(OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello"),
        truncated="unspecified",
        reason="protocol",
        status=None,
    ),
    "unknown-transfer-coding": Odd(
        sent(OK + b"Transfer-Encoding: squeeze\r\n\r\nhello"),
        truncated="unspecified",
        reason="protocol",
        status=None,
    ),
    "bad-chunk-size": Odd(
        sent(TE + b"\r\nxyz\r\nhello\r\n0\r\n\r\n"), truncated="unspecified", reason="protocol", status=None
    ),
    # no byte of a response: no record
    "silent": Odd(sent(then="close"), reason="reset", status=None),
    "resets-at-once": Odd(sent(then="reset"), reason="reset", status=None),
    "hangs": Odd(sent(then="hang"), request=SHORT, reason="timeout", status=None),
    "only-interim": Odd(sent(EARLY, then="close"), interim=EARLY, reason="reset", status=None),
}
