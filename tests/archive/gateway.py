"""A gateway before a real S3 server: what goes through it may fail, stall, break, lie or wait."""

from __future__ import annotations

import socket
import threading
from collections import defaultdict
from collections.abc import Callable
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator

    from tests.seaweed import Server

FAULTS = ("500", "503", "slow", "cut", "refused", "swallowed", "unheard")
"""Faults that end: failures, an answer that never comes, one cut in the middle, a connection closed at once, success without the
deed, the deed without success. "expired" and "down" are for those that stay."""
STATUSES = {"503": 503, "down": 503, "expired": 403, "unsupported": 501, "conflict": 409, "taken": 412}
CODES = {"conflict": "ConditionalRequestConflict", "taken": "PreconditionFailed", "500": "InternalError", "503": "SlowDown", "unheard": "InternalError", "down": "ServiceUnavailable", "expired": "ExpiredToken", "unsupported": "NotImplemented"}  # fmt: skip
Lie = Callable[[int, dict[str, str], bytes], tuple[int, dict[str, str], bytes]]
"""What is made of a true answer: status, headers, body."""
HOP = {"connection", "expect", "transfer-encoding", "content-length"}
EVER = 10**6


class Gateway(ThreadingHTTPServer):
    """`faults` holds, for each kind of call, the faults of the next ones, `lies` what is made of the answers to those that have none; `calls` lists the kinds that came; `before` is called with each.

    With `deaf`, the server behind never hears of If-None-Match, nor of Range. With `public`, whoever asks needs no credentials: the gateway
    is then a plain web server, over TLS if it has a context.
    """

    daemon_threads = True

    def __init__(
        self, server: Server, *, deaf: bool = False, public: bool = False, tls: ssl.SSLContext | None = None
    ) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.behind = server
        self.deaf = deaf
        self.public = public
        self.tls = tls
        self.faults: defaultdict[str, list[str]] = defaultdict(list)
        self.lies: defaultdict[str, list[Lie]] = defaultdict(list)
        self.calls: list[str] = []
        self.before: Callable[[str], object] = lambda _: None
        self.closing = threading.Event()
        self.lock = threading.Lock()

    @property
    def endpoint(self) -> str:
        """Where it listens."""
        return f"http{'s' if self.tls else ''}://127.0.0.1:{self.server_address[1]}"

    def get_request(self) -> tuple[Any, Any]:
        """A connection, encrypted where that is asked for; the handshake is left to the connection's own thread."""
        connection, address = super().get_request()
        if self.tls:
            connection = self.tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return connection, address

    def next_fault(self, kind: str) -> str:
        """What befalls this call, '' for nothing."""
        with self.lock:
            self.calls.append(kind)
            waiting = self.faults[kind]
            return waiting.pop(0) if waiting else ""

    def next_lie(self, kind: str) -> Lie:
        """What is made of the answer to this call, nothing for the truth."""
        with self.lock:
            waiting = self.lies[kind]
            return waiting.pop(0) if waiting else lambda *answer: answer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is what these tests are about."""


@contextmanager
def gateway(server: Server, **kinds: Any) -> Iterator[Gateway]:
    """A gateway before the server, gone at the end of the block."""
    with Gateway(server, **kinds) as way:
        thread = threading.Thread(target=way.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield way
        finally:
            way.closing.set()
            way.shutdown()
            thread.join()


def kind(method: str, target: str, *, only_new: bool = False) -> str:
    """Which call of S3 that is; a put that is to create is a "create"."""
    query = parse_qs(urlsplit(target).query, keep_blank_values=True)
    if method == "GET":
        return "list" if "list-type" in query else "uploads" if "uploads" in query else "get"
    if method == "PUT":
        if "partNumber" in query:
            return "part"
        return "retain" if "retention" in query else "create" if only_new else "put"
    if method == "POST":
        return "begin" if "uploads" in query else "complete"
    if method == "DELETE" and "uploadId" in query:
        return "abort"
    return method.lower()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Gateway

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        called = kind(self.command, self.path, only_new="If-None-Match" in self.headers)
        fault = self.server.next_fault(called)
        self.server.before(called)
        match fault:
            case "slow":
                self.server.closing.wait(EVER)
                self.close_connection = True
            case "refused":
                self._break()
            case "swallowed":
                self._send(200, {}, b"")
            case "500" | "503" | "expired" | "down" | "unsupported" | "conflict" | "taken":
                self._fail(fault)
            case _:
                status, headers, answer = self._forward(body)
                if fault == "unheard":
                    self._fail(fault)
                elif fault == "cut":
                    self._cut(status, headers, answer)
                else:
                    self._send(*self.server.next_lie(called)(status, headers, answer))

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _handle  # noqa: N815  http.server's names

    def log_message(self, *_: Any) -> None:
        """Nothing on the console."""

    def _forward(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP}
        behind = self.server.behind
        path = self.path
        if self.server.deaf or self.server.public:
            where, mark, query = self.path.partition("?")
            path = quote(unquote(where)) + mark + query  # "=" is signed as %3D
            headers = self._signed_anew(path, headers, body)
        connection = HTTPConnection(urlsplit(behind.endpoint).netloc, timeout=30)
        try:
            connection.request(self.command, path, body, headers)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def _signed_anew(self, path: str, headers: dict[str, str], body: bytes) -> dict[str, str]:
        behind = self.server.behind
        known = ("x-amz-meta", "x-amz-ch", "content-", *(() if self.server.deaf else ("range",)))
        kept = {name: value for name, value in headers.items() if name.lower().startswith(known)}
        request = AWSRequest(self.command, behind.endpoint + path, kept, body)
        S3SigV4Auth(Credentials(behind.access, behind.secret), "s3", "us-east-1").add_auth(request)
        return dict(request.headers)

    def _fail(self, fault: str) -> None:
        status = STATUSES.get(fault, 500)
        said = f"<Error><Code>{CODES[fault]}</Code><Message>{self.headers.get('Authorization')}</Message></Error>"
        self._send(status, {"Content-Type": "application/xml"}, said.encode())

    def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() not in HOP or (self.command == "HEAD" and name.lower() == "content-length"):
                self.send_header(name, value)
        if self.command != "HEAD":
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _cut(self, status: int, headers: dict[str, str], body: bytes) -> None:
        """Half of the body, or where there is none, half of the status line."""
        if self.command == "HEAD" or not body:
            self.wfile.write(b"HTTP/1.1 20")
        else:
            told = "".join(
                f"{name}: {value}\r\n" for name, value in headers.items() if name.lower() not in HOP
            )
            head = f"HTTP/1.1 {status} OK\r\n{told}Content-Length: {len(body)}\r\n\r\n"
            self.wfile.write(head.encode() + body[: len(body) // 2])
        self._break()

    def _break(self) -> None:
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True
