"""The newsroom's server: every site on two loopback ports (plain and TLS), in a thread of its own."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
import threading
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from .http import payload, read_request
from .site import NOT_FOUND, Request, sites
from .tls import authority

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from .story import Expected

MOSCOW = ZoneInfo("Europe/Moscow")
"""Where the days of the five sites begin."""


class Newsroom:
    """A running newsroom.

    connect_to: "host:port" -> "127.0.0.1:port"; ca: PEM file to trust; truth: site -> what must be found (of the
    present edition).
    """

    def __init__(self, seed: int, today: date, folder: Path) -> None:
        self.seed, self.today = seed, today
        self.sites = [site(seed, today) for site in sites()]
        self.ca, self._context = authority(folder, self._hosts())
        self.connect_to: dict[str, str] = {}
        self._edition = 1
        self._log: list[Request] = []
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._started, self._loop = threading.Event(), asyncio.new_event_loop()
        self._connections: set[asyncio.Task[None]] = set()
        self._stop = asyncio.Event()

    @property
    def truth(self) -> dict[str, list[Expected]]:
        return {site.name: site.expected(self._edition) for site in self.sites}

    def edition(self, number: int) -> None:
        """Switch to another state of all sites; attempts count anew."""
        with self._lock:
            self._edition = number
            self._counts.clear()

    def requests(self) -> list[Request]:
        """Everything asked so far, in order."""
        with self._lock:
            return list(self._log)

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="newsroom", daemon=True)
        self._thread.start()
        if not self._started.wait(30):
            raise RuntimeError("the newsroom did not start within 30 seconds")

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(30)

    def _run(self) -> None:
        with contextlib.closing(self._loop):
            self._loop.run_until_complete(self._serve())

    async def _serve(self) -> None:
        plain = await asyncio.start_server(lambda r, w: self._serving(r, w, "http"), "127.0.0.1", 0)
        secure = await asyncio.start_server(
            lambda r, w: self._serving(r, w, "https"), "127.0.0.1", 0, ssl=self._context
        )
        for server, port in ((plain, 80), (secure, 443)):
            address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
            self.connect_to |= {f"{host}:{port}": address for host in self._hosts()}
        self._started.set()
        await self._stop.wait()
        plain.close()
        secure.close()
        for task in tuple(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def _hosts(self) -> list[str]:
        return [host for site in self.sites for host in site.hosts]

    def _serving(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, scheme: str) -> None:
        task = asyncio.get_running_loop().create_task(self._connection(reader, writer, scheme))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def _connection(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, scheme: str
    ) -> None:
        try:
            while not await self._exchange(reader, writer, scheme):
                pass
        except (OSError, ValueError, asyncio.IncompleteReadError):
            pass  # the client went away, or spoke no HTTP: its own affair
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError, OSError):
                await writer.wait_closed()

    async def _exchange(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, scheme: str
    ) -> bool:
        request = await read_request(reader, scheme, self._edition)
        if request is None:
            return True
        request = self._counted(request)
        site = next((site for site in self.sites if request.host in site.hosts), None)
        response = site.respond(request) if site else NOT_FOUND
        if response.delay:
            await asyncio.sleep(response.delay)
        message, close = payload(response, request, self.today)
        writer.write(message)
        await writer.drain()
        return close

    def _counted(self, request: Request) -> Request:
        with self._lock:
            attempt = self._counts[request.url]
            self._counts[request.url] += 1
            counted = Request(
                request.method,
                request.scheme,
                request.host,
                request.target,
                request.headers,
                self._edition,
                attempt,
            )
            self._log.append(counted)
        return counted


@contextlib.contextmanager
def newsroom(seed: int = 1, today: date | None = None) -> Iterator[Newsroom]:
    """A newsroom that serves until the block ends; `today` is the day of its newest articles (default: now)."""
    with tempfile.TemporaryDirectory(prefix="newsroom-") as folder:
        room = Newsroom(seed, today or datetime.now(MOSCOW).date(), Path(folder))
        room.start()
        try:
            yield room
        finally:
            room.close()
