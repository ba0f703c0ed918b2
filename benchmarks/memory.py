"""What a recorded crawl holds in memory: resident size after 2,000 and after 20,000 small pages.

`python benchmarks/memory.py [--pages 20000]` serves small invented pages from a process of its own over kept connections and
crawls them with recording, journal and items on, fsync for whole files only. Ends with 1 if the crawl's second to tenth
tenth took more than 5 % on top of what the first tenth had left.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import scrapy
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from scrapy.http import Response

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.recording import Serve, resident_kib

TENTHS = 10
MOST_GROWTH = 1.05
PAGE = b"<html><head><title>x</title></head><body><h1>Bridge opened</h1><p>It was morning.</p></body></html>"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nETag: x\r\nContent-Length: %d\r\n\r\n"


async def serve() -> None:
    """Serve until stdin closes; the first line says where."""
    Serve.answers = [HEAD % len(PAGE) + PAGE]
    server = await asyncio.get_running_loop().create_server(Serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


class Small(scrapy.Spider):
    """Crawls pages one after another and notes the resident size at each tenth."""

    name = "small"
    pages: int

    async def start(self) -> AsyncIterator[Any]:
        """Ask for all pages, each when the one before is on its way."""
        self.read, self.resident = 0, list[int]()
        for number in range(self.pages):
            yield scrapy.Request(f"http://bench.test/news-{number}.html", dont_filter=True)

    def parse(self, response: Response, **_: Any) -> Iterator[Any]:
        """Yield an item of the page."""
        self.read += 1
        if self.read % (self.pages // TENTHS) == 0:
            self.resident.append(resident_kib())
        yield {"url": response.url, "headline": response.css("h1::text").get()}


def crawl(port: int, pages: int, record: str) -> list[int]:
    """Crawl and return the resident size in KiB at each tenth."""
    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    said = {"SPIDER_MODULES": [], "DOWNLOAD_DELAY": 0, "ROBOTSTXT_OBEY": False, "LOG_LEVEL": "WARNING"}
    said |= {"CONNECT_TO": {"*": f"127.0.0.1:{port}"}, "RECORD": record, "WARC_FSYNC": "segment"}
    settings.setdict(said, priority="cmdline")
    process = AsyncCrawlerProcess(settings)
    crawler = process.create_crawler(Small)
    process.crawl(crawler, pages=pages)
    process.start()
    spider: Any = crawler.spider
    assert len(spider.resident) == TENTHS, "the crawl ended early"
    crawler.recorder.close()  # type: ignore[attr-defined]
    return list(spider.resident)


def main() -> int:
    """Run the benchmark; 1 if memory grew."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--pages", type=int, default=20_000)
    arguments.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    told = arguments.parse_args()
    if told.serve:
        asyncio.run(serve())
        return 0
    began = time.monotonic()
    with subprocess.Popen([sys.executable, __file__, "--serve"], stdin=-1, stdout=-1, text=True) as server:
        assert server.stdout
        with tempfile.TemporaryDirectory() as folder:
            resident = crawl(int(server.stdout.readline()), told.pages, f"{folder}/small-20260101T000000Z")
        server.communicate()
    first, last = resident[0], resident[-1]
    print(
        f"resident {first} KiB after {told.pages // TENTHS} pages, {last} KiB after {told.pages}: ratio {last / first:.3f}"
    )
    print(f"at each tenth {resident}; {time.monotonic() - began:.0f} s")
    return int(last > first * MOST_GROWTH)


if __name__ == "__main__":
    sys.exit(main())
