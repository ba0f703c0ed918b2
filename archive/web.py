"""A web server that gives files: single requests, each failing with one line that names place, cause and remedy."""

from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3
from urllib3 import exceptions as urllib3_exceptions
from urllib3.exceptions import HTTPError, MaxRetryError

from archive.objects import AbsentError, StoreError, checked
from archive.resumed import Answer, Nothing, extent

CONNECTIONS = 16
RETRIES = urllib3.Retry(
    5, redirect=3, backoff_factor=0.5, status_forcelist=(429, 500, 502, 503, 504), raise_on_status=False
)
BROKEN = (HTTPError, OSError)
"""What an answer's body may raise."""
OK, PARTIAL, BEYOND = 200, 206, 416
GONE = frozenset({404, 410})
AGAIN = "run the same command again"
REMEDIES = {
    401: "a published store needs no password; use s3:// with credentials",
    403: "if it is a bucket, its policy must allow s3:GetObject and s3:ListBucket to all, see docs/stores.md",
}


class Website:
    """Files below a URL."""

    def __init__(self, url: str, timeout: float, retries: urllib3.Retry) -> None:
        self.url = url.rstrip("/")
        self._pool = _pool(self.url, timeout, retries)

    def size(self, key: str) -> int | None:
        """The file's length in bytes, None if there is no such file."""
        answer = self._ask("HEAD", key)
        answer.drain_conn()
        if answer.status in GONE:
            return None
        length = _length(answer)
        if answer.status == OK and length is None:
            raise self._lying(key, "does not tell how long the file is")
        if answer.status != OK or length is None:
            raise self._odd(key, answer.status)
        self._refuse_page(key, answer)
        return length

    def read(self, key: str, offset: int, end: int | None) -> Answer:
        """The file from `offset` on, to `end` or further, nothing behind its end; raises AbsentError."""
        whole = offset == 0 and end is None
        answer = self._ask("GET", key, {} if whole else {"Range": f"bytes={offset}-{'' if end is None else end - 1}"})  # fmt: skip
        version = answer.headers.get("ETag", answer.headers.get("Last-Modified", ""))
        if answer.status == OK:
            self._refuse_page(key, answer)
            self._skip(key, answer, offset)
            return Answer(answer, version, _length(answer))
        told = answer.headers.get("Content-Range", "")
        if answer.status == PARTIAL and (until := extent(told, offset, end)) is not None:
            self._refuse_page(key, answer)
            return Answer(answer, version, until)
        answer.close()
        if answer.status in GONE:
            raise AbsentError(f"{self.url} holds no {key}")
        if answer.status == BEYOND:
            if (total := told.removeprefix("bytes */")).isdigit() and int(total) > offset:
                raise self._lying(key, "refuses bytes that it says it has")
            return Answer(Nothing(), version)
        if answer.status == PARTIAL:
            raise self._lying(key, "gives another range than it was asked for")
        raise self._odd(key, answer.status)

    def _refuse_page(self, key: str, answer: urllib3.BaseHTTPResponse) -> None:
        """Raise StoreError for a page of HTML, which no file of a store is: an error or a portal that is called a success."""
        if answer.headers.get("Content-Type", "").lower().startswith("text/html"):
            answer.close()
            raise self._lying(key, "answers with a page of HTML in place of the file")

    def _lying(self, key: str, does: str) -> StoreError:
        return StoreError(f"cannot read {self.url}/{key}: the server {does}; check the address, and what docs/stores.md asks of a server")  # fmt: skip

    def _skip(self, key: str, answer: urllib3.BaseHTTPResponse, offset: int) -> None:
        """Read past what was not asked for, where the server knows no ranges."""
        try:
            while offset and (data := answer.read(min(offset, 1 << 20))):
                offset -= len(data)
        except BROKEN as error:
            raise self._broken(key, error) from None

    def _ask(self, method: str, key: str, headers: dict[str, str] | None = None) -> urllib3.BaseHTTPResponse:
        given = {"User-Agent": "letopis", "Accept-Encoding": "identity", **(headers or {})}
        try:
            answer = self._pool.request(
                method,
                f"{self.url}/{checked(key)}",
                headers=given,
                preload_content=False,
                decode_content=False,
            )
        except BROKEN as error:
            raise self._broken(key, error) from None
        if self.url.startswith("https:") and (answer.geturl() or "").startswith("http:"):
            answer.close()
            raise StoreError(f"{self.url} leads away from https for {key}; name the address where it lies")
        return answer

    def _odd(self, key: str, status: int) -> StoreError:
        return StoreError(
            f"cannot read {self.url}/{key}: the server answers {status}; {REMEDIES.get(status, AGAIN)}"
        )

    def _broken(self, key: str, error: Exception) -> StoreError:
        """In words of our own: a proxy's address, which may hold a password, stands in the library's."""
        cause = error.reason if isinstance(error, MaxRetryError) and error.reason else error
        match cause:
            case urllib3_exceptions.SSLError():
                said = "the server's certificate is not trusted; set SSL_CERT_FILE, or check the address"
            case urllib3_exceptions.ProxyError():
                said = "the proxy does not let it through; check HTTPS_PROXY and NO_PROXY"
            case urllib3_exceptions.NewConnectionError() | urllib3_exceptions.ConnectTimeoutError():
                said = "the server cannot be reached; check the address and the network"
            case urllib3_exceptions.TimeoutError():
                said = f"the server does not answer in time; {AGAIN}"
            case _:
                said = f"the connection broke; {AGAIN}"
        return StoreError(f"cannot read {self.url}/{key}: {said}")


def _pool(url: str, timeout: float, retries: urllib3.Retry) -> urllib3.PoolManager:
    """Connections, through the proxy that the environment names for this host."""
    parts = urlsplit(url)
    proxy = None if proxy_bypass(parts.hostname or "") else getproxies().get(parts.scheme)
    given: dict[str, Any] = {
        "maxsize": CONNECTIONS,
        "retries": retries,
        "timeout": urllib3.Timeout(connect=min(timeout, 10), read=timeout),
    }
    return urllib3.ProxyManager(proxy, **given) if proxy else urllib3.PoolManager(**given)


def _length(answer: urllib3.BaseHTTPResponse) -> int | None:
    """How long the server says that the body is."""
    length = answer.headers.get("Content-Length", "")
    return int(length) if length.isdecimal() and length.isascii() else None
