"""What Letopis itself would send and nobody should keep: found in requests, URLs and text, and masked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, unquote, unquote_to_bytes, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable

MASKED = b"masked"
SHORTEST = 4  # a shorter value stands in any page by chance
SECRET_HEADERS = re.compile(
    rb"\n(cookie|(?:proxy-)?authorization|(?:x-)?(?:api-?key|(?:auth|access)-key|(?:api|auth|access|csrf)-token)|private-token"
    rb"|x-goog-api-key|x-amz-security-token)([ \t]*:[ \t]*)([^\r\n]*(?:\r?\n[ \t]+[^\r\n]*)*)",
    re.IGNORECASE,
)
USERINFO = re.compile(rb"(?<=://)[^/\s@\"'<>]+(?=@)")
VALUE_END = rb"""[^&#;\s"'<>\\]+"""


class Secret(NamedTuple):
    """A value that was masked and where it stood: `cookie`, `authorization`, `query:token`."""

    name: str
    value: bytes


class Masked(NamedTuple):
    """Bytes without their secrets, and the secrets that were taken out."""

    data: bytes
    secrets: tuple[Secret, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """What was masked, each once, sorted."""
        return tuple(sorted({secret.name for secret in self.secrets}))


@dataclass(frozen=True)
class Mask:
    """Masks headers that carry credentials (FORMAT.md lists them), and the values of the query parameters named in `query`.

    >>> Mask(query=("token",)).text(b"GET /feed?a=1&token=abcd HTTP/1.1").data
    b'GET /feed?a=1&token=masked HTTP/1.1'
    """

    query: tuple[str, ...] = ()

    @cached_property
    def _parameters(self) -> re.Pattern[bytes] | None:
        if not self.query:
            return None
        spellings = {spelling for name in self.query for spelling in (name, quote(name, safe=""))}
        names = b"|".join(re.escape(name.encode()) for name in sorted(spellings, key=len, reverse=True))
        # also where a URL stands inside another one (%3F, %26, %3D) or inside JSON (\u0026)
        start = rb"(?:^|[?&;#]|%3F|%26|%23|\\u0026)"
        return re.compile(rb"(" + start + rb")(" + names + rb")(=|%3D)(" + VALUE_END + rb")", re.IGNORECASE)

    def text(self, text: bytes) -> Masked:
        """Text (a log line, a JSON block, a form) with the listed query parameters masked."""
        if not self._parameters:
            return Masked(text, ())
        secrets: list[Secret] = []

        def hide(match: re.Match[bytes]) -> bytes:
            if match[4] == MASKED:
                return match[0]
            secrets.append(Secret(f"query:{unquote(match[2].decode()).lower()}", match[4]))
            return match[1] + match[2] + match[3] + MASKED

        return Masked(self._parameters.sub(hide, text), tuple(secrets))

    def url(self, url: str) -> str:
        """The URL as it may be kept; raises ValueError when it carries a user or password."""
        refuse_userinfo(url)
        return self.text(url.encode()).data.decode()

    def request(self, block: bytes) -> Masked:
        """A request's bytes with secret headers and listed parameters masked: start line, Referer, form and all."""
        secrets: list[Secret] = []

        def hide(match: re.Match[bytes]) -> bytes:
            secrets.append(Secret(match[1].decode().lower(), match[3]))
            return b"\n" + match[1] + match[2] + MASKED

        head, blank, body = block.partition(b"\r\n\r\n")
        lines, form = self.text(SECRET_HEADERS.sub(hide, head)), self.text(body)
        return Masked(lines.data + blank + form.data, (*secrets, *lines.secrets, *form.secrets))


def refuse_userinfo(url: str) -> None:
    """Raise ValueError, without repeating the secret, when a URL carries a user or password."""
    if "@" in url and "@" in (place := urlsplit(url).netloc):
        host = place.rpartition("@")[2]
        message = f"the URL of {host} carries a user or password, which would be kept in public: "
        raise ValueError(message + "take it out of the URL and send it in an Authorization header")


def without_userinfo(text: bytes) -> bytes:
    """Text with the user and password of every URL masked, for logs and for a proxy's address.

    >>> without_userinfo(b"via http://me:pw@proxy:3128/")
    b'via http://masked@proxy:3128/'
    """
    return USERINFO.sub(MASKED, text)


def echoes(body: bytes, secrets: Iterable[Secret]) -> tuple[str, ...]:
    """Names of the secrets whose value a body repeats, plain or percent-encoded, sorted: a finding, never an edit."""
    return tuple(sorted({name for name, value in secrets if any(form in body for form in _forms(value))}))


def _forms(value: bytes) -> set[bytes]:
    words = re.split(rb"[;\s]+", value)  # "a=1; b=2" of a cookie, "Bearer xyz" of an authorization
    plain = {part for word in words for part in (word, word.partition(b"=")[2])}
    forms = {form for part in plain for form in (part, unquote_to_bytes(part), quote(part, safe="").encode())}
    return {form for form in forms if len(form) >= SHORTEST and form.lower() not in SCHEMES}


SCHEMES = frozenset({b"basic", b"bearer", b"digest", b"negotiate", b"token"})
