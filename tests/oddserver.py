"""A server that sends exactly the bytes it is told to, over TCP or TLS, and keeps exactly what it was sent."""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import struct
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

LENGTH = re.compile(rb"^content-length: *(\d+)", re.IGNORECASE | re.MULTILINE)
HOST = re.compile(rb"^host: *([^\r\n:]+)", re.IGNORECASE | re.MULTILINE)
RESET = struct.pack("ii", 1, 0)  # SO_LINGER with no time: close() sends RST


@dataclass(frozen=True, slots=True)
class Answer:
    """The pieces of one answer, each a write of its own, and what becomes of the connection then.

    keep: read the next request; close: send FIN; reset: send RST; hang: wait until the client goes away.
    """

    pieces: tuple[bytes, ...]
    then: Literal["keep", "close", "reset", "hang"] = "keep"


@dataclass
class Seen:
    """What crossed the socket for one host: each request as it came, each answer as far as it was sent."""

    requests: list[bytes] = field(default_factory=list)
    answers: list[bytes] = field(default_factory=list)
    connections: int = 0


class OddServer:
    """Serves scripted answers on a free loopback port: the first host a request names picks the script.

    The n-th request for a host gets its n-th answer, and the last one from then on. A CONNECT is granted and the rest of
    the connection served over TLS, as by a proxy that is the site as well.
    """

    def __init__(
        self,
        scripts: Mapping[str, list[Answer]],
        tls: ssl.SSLContext | None = None,
        *,
        tunnel: ssl.SSLContext | None = None,
    ) -> None:
        self._scripts = scripts
        self._tls = tls
        self._tunnel = tunnel
        self.seen: dict[str, Seen] = {host: Seen() for host in scripts}
        self.connects: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: set[socket.socket] = set()
        self._closing = False

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._closing = True
        self._listener.close()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.close()

    def _accept(self) -> None:
        while not self._closing:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve_quietly, args=(connection,), daemon=True).start()

    def _serve_quietly(self, connection: socket.socket) -> None:
        self._open.add(connection)
        try:
            with contextlib.suppress(OSError, ValueError):
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                if not self._tls:
                    self._serve(connection)
                    return
                with self._tls.wrap_socket(connection, server_side=True) as wrapped:
                    self._serve(wrapped)
        finally:
            self._open.discard(connection)
            with contextlib.suppress(OSError):
                connection.close()

    def _serve(self, connection: socket.socket) -> None:
        fresh = True
        while request := read_request(connection):
            if request.startswith(b"CONNECT "):
                self.connects.append(request)
                connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                assert self._tunnel
                with self._tunnel.wrap_socket(connection, server_side=True) as tunnelled:
                    self._serve(tunnelled)
                return
            match = HOST.search(request)
            host = match[1].decode() if match else ""
            seen = self.seen[host]
            seen.connections += fresh
            fresh = False
            script = self._scripts[host]
            answer = script[min(len(seen.requests), len(script) - 1)]
            seen.requests.append(request)
            if not self._answer(connection, seen, answer):
                return

    def _answer(self, connection: socket.socket, seen: Seen, answer: Answer) -> bool:
        seen.answers.append(b"")
        for piece in answer.pieces:
            connection.sendall(piece)
            seen.answers[-1] += piece
        if answer.then == "hang":
            read_request(connection)
        if answer.then == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            connection.close()
        elif answer.then == "close":
            if isinstance(connection, ssl.SSLSocket):
                with contextlib.suppress(OSError):
                    connection.unwrap()
            connection.close()
        return answer.then == "keep"


def read_request(connection: socket.socket) -> bytes:
    """One request, head and body, byte for byte; empty when the client has gone."""
    request = b""
    while b"\r\n\r\n" not in request:
        data = connection.recv(65536)
        if not data:
            return b""
        request += data
    length = LENGTH.search(request)
    size = request.index(b"\r\n\r\n") + 4 + (int(length[1]) if length else 0)
    while len(request) < size:
        request += connection.recv(65536)
    return request


def free_port() -> int:
    """A loopback port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
