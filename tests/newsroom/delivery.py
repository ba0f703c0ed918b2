"""Ways to send one page: charsets declared rightly, wrongly or not at all, framings, answers before the right one."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, replace

from .site import TOO_MANY, UNAVAILABLE, Headers, Response

UTF8 = "text/html; charset=utf-8"
DECLARED = re.compile(
    r'<meta (?:http-equiv="Content-Type" content="text/html; charset=|charset=")([\w-]+)">\s*', re.IGNORECASE
)
ODD_HEADERS: Headers = (
    ("content-TYPE", UTF8),
    ("SERVER", "nginx"),
    ("Set-Cookie", "a=1; path=/"),
    ("set-cookie", "b=2; path=/; HttpOnly"),
    ("X-Empty", ""),
    ("X-Robots-Tag", "noarchive"),
    ("Link", "</a.css>; rel=preload"),
    ("Link", "</b.js>; rel=preload"),
)

CUT = Response(b"<html><body><h1>" + b"<p>...</p>" * 400, framing="cut", compress=False)
TAGGED = Response(etag=True)


@dataclass(frozen=True)
class Way:
    """How a page goes out: `charset` of its bytes, what the header and the page's own meta claim of it (None = nothing)."""

    note: str
    response: Response = TAGGED
    charset: str = "utf-8"
    claimed: str | None = UTF8
    declared: str | None = "utf-8"
    prefix: bytes = b""
    suffix: bytes = b""
    before: tuple[Response, ...] = ()

    def send(self, html: str) -> tuple[Response, ...]:
        """The answers to successive requests for the page."""
        body = self.prefix + self._declared(html).encode(self.charset, "xmlcharrefreplace") + self.suffix
        headers = self.response.headers
        if headers == Response().headers:
            headers = (("Content-Type", self.claimed),) if self.claimed else ()
        return (*self.before, replace(self.response, body=body, headers=headers))

    def _declared(self, html: str) -> str:
        if self.declared == "utf-8":
            return html
        meta = (
            f'<meta http-equiv="Content-Type" content="text/html; charset={self.declared}">\n'
            if self.declared
            else ""
        )
        return DECLARED.sub(meta, html, count=1)


PLAIN = Way("sent plainly, with an ETag")
FRAMED = (
    PLAIN,
    Way("chunked", Response(framing="chunked")),
    Way("sent without compression, Last-Modified alone", Response(compress=False, dated=True)),
    Way("ended by closing the connection", Response(framing="close", compress=False)),
    Way("sent after a pause", Response(delay=0.2, framing="chunked")),
    Way("headers in odd case, some repeated", Response(headers=ODD_HEADERS)),
)
REFUSED_FIRST = (
    Way("429 with Retry-After, then fine", before=(TOO_MANY,)),
    Way("503 once, then fine", before=(UNAVAILABLE,)),
    Way("cut off once, then whole", before=(CUT,)),
)
CHARSETS = (
    Way("no charset in the header", claimed="text/html"),
    Way("no charset anywhere, utf-8", claimed="text/html", declared=None),
    Way("no charset anywhere, windows-1251", charset="cp1251", claimed="text/html", declared=None),
    Way("utf-8 that the header calls windows-1251", claimed="text/html; charset=windows-1251"),
    Way("utf-8 that its meta calls windows-1251", claimed="text/html", declared="windows-1251"),
    Way("windows-1251 that the header calls utf-8", charset="cp1251", declared="windows-1251"),
    Way("windows-1251 that everything calls utf-8", charset="cp1251"),
    Way(
        "windows-1251, rightly declared",
        charset="cp1251",
        claimed="text/html; charset=windows-1251",
        declared="windows-1251",
    ),
    Way(
        "a byte order mark against the header",
        claimed="text/html; charset=windows-1251",
        prefix=codecs.BOM_UTF8,
    ),
    Way("charset in quotes and capitals", claimed='text/html; Charset="UTF-8"', declared="UTF-8"),
    Way("a charset nobody knows", claimed="text/html; charset=unicode-ru", declared="utf8mb4"),
    Way("one character cut in the middle, outside the article", suffix=b"<!-- \xd0 -->"),
)
