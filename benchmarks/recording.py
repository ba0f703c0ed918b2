"""What recording costs: CPU per page of one crawl with recording on and off, in alternating blocks, pages parsed.

`python benchmarks/recording.py [--pages 10] [--pairs 100] [--parse article|selectors] [--at-once 16]` serves invented pages
of 120 kB, gzip-encoded, from a process of its own over kept connections, and crawls them in blocks, one without a recorder
and one with it, each arm as often the first of its pair, both the same pages. The ratio is the median over pairs: what else
the machine does falls on both, and a full collection of garbage (50 ms in either arm, each hundred pages) on few. CPU is
user and system time of the crawling process. Resident memory is told at each tenth of the crawl.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import scrapy
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from scrapy.http import Response

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from crawler.article import ArticlePage, read

SIZE = 120_000
VARIANTS = 40
ON = (0, 1)  # of four blocks; the other two are without: each arm is as often the first of its pair
NUMBER = re.compile(rb"^GET \S*-(\d+)\.html", re.MULTILINE)
WORDS = [
    "река",
    "мост",
    "посёлок",
    "утром",
    "жители",
    "школа",
    "рынок",
    "дорога",
    "ледоход",
    "совет",
    "улица",
    "музей",
    "берег",
    "театр",
    "осень",
    "концерт",
    "площадь",
    "библиотека",
    "автобус",
    "парк",
    "выставка",
    "ремонт",
    "праздник",
    "вокзал",
    "набережная",
]


def page(seed: int) -> bytes:
    """One invented article in 120 kB of HTML: head, menu, body, and scripts such as pages carry."""
    chance = random.Random(seed)

    def sentence() -> str:
        return " ".join(chance.choices(WORDS, k=14)).capitalize() + "."

    title = sentence()
    said = {"@type": "NewsArticle", "headline": title, "datePublished": "2026-05-31T10:00:00+03:00"}
    head = f'<title>{title}</title><meta property="og:title" content="{title}">'
    head += f'<script type="application/ld+json">{json.dumps(said, ensure_ascii=False)}</script>'
    menu = "".join(f'<li><a href="/{chance.random()}">{sentence()}</a></li>' for _ in range(120))
    text = "".join(f"<p>{sentence()} {sentence()}</p>" for _ in range(25))
    html = (
        f'<html lang="ru"><head>{head}</head><body><ul>{menu}</ul><article><h1>{title}</h1>{text}</article>'
    )
    while len(html.encode()) < SIZE:
        blob = f"{chance.getrandbits(2000):x}"
        html += f'<div class="widget w{chance.random()}"><a href="/{blob[:20]}"><span>{sentence()}</span></a></div>'
        html += f"<script>window.q={json.dumps([blob, sentence()])}</script>"
    return (html + "</body></html>").encode()


class Serve(asyncio.Protocol):
    """Answers every request on a kept connection with the page of its number, so that all blocks read the same pages."""

    answers: list[bytes]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport

    def data_received(self, data: bytes) -> None:
        for number in NUMBER.findall(data):
            self.transport.write(self.answers[int(number) % len(self.answers)])


async def serve() -> None:
    """Serve until stdin closes; the first line says where."""
    bodies = [gzip.compress(page(seed), 6, mtime=0) for seed in range(VARIANTS)]
    head = (
        "HTTP/1.1 200 OK\r\nServer: bench\r\nContent-Type: text/html; charset=utf-8\r\nVary: Accept-Encoding\r\n"
        "Cache-Control: max-age=60\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n"
    )
    Serve.answers = [(head % len(body)).encode() + body for body in bodies]
    server = await asyncio.get_running_loop().create_server(Serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], len(bodies[0]), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


class Bench(scrapy.Spider):
    """Crawls blocks of pages, one without recording and one with it, in turns, and notes what each block cost."""

    name = "bench"
    pages: int
    pairs: int
    how: str

    async def start(self) -> AsyncIterator[Any]:
        """Begin with a block that warms up and is not counted."""
        handler: Any = self.crawler.engine.downloader.handlers._handlers["http"]  # noqa: SLF001  nobody hands it out
        self.handler, self.recorder = handler, handler._recorder  # noqa: SLF001  to be switched
        self.cost: list[float] = []
        self.resident: list[int] = []
        for request in self.block():
            yield request

    def block(self) -> Iterator[scrapy.Request]:
        """Switch recording over and ask for the next pages."""
        number = len(self.cost)
        self.handler._recorder = self.recorder if number % 4 in ON else None  # noqa: SLF001
        self.left, self.began = self.pages, time.process_time()
        for at in range(self.pages):
            yield scrapy.Request(
                f"http://bench.test/2026/05/31/news-{number}-{at}.html?from=feed", self.parse
            )

    def parse(self, response: Response) -> Iterator[Any]:
        """Read the page; after the last one of a block, begin the next."""
        yield parsed(response, self.how)
        self.left -= 1
        if not self.left:
            self.cost.append(time.process_time() - self.began)
            self.resident.append(resident_kib())
            if len(self.cost) <= 2 * self.pairs:
                yield from self.block()


def crawl(port: int, told: argparse.Namespace, record: str) -> Bench:
    """Crawl and return the spider with its figures."""
    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    handler = {"http": "crawler.wire.WireHandler"}
    said = {
        "ADDONS": {},
        "SPIDER_MODULES": [],
        "DOWNLOAD_HANDLERS": handler,
        "DOWNLOAD_DELAY": 0,
        "ROBOTSTXT_OBEY": False,
    }
    said |= {"CONNECT_TO": {"*": f"127.0.0.1:{port}"}, "LOG_LEVEL": "WARNING", "RECORD": record}
    said |= {"CONCURRENT_REQUESTS": told.at_once, "CONCURRENT_REQUESTS_PER_DOMAIN": told.at_once}
    settings.setdict(said, priority="cmdline")
    process = AsyncCrawlerProcess(settings)
    crawler = process.create_crawler(Bench)
    process.crawl(crawler, pages=told.pages, pairs=told.pairs, how=told.parse)
    process.start()
    spider = crawler.spider
    assert isinstance(spider, Bench)
    assert len(spider.cost) == 2 * told.pairs + 1, "the crawl ended early"
    spider.recorder.close()
    return spider


class Page(ArticlePage):
    """The served pages, as a site file would read them."""

    site = "bench"
    urls = r"https?://bench\.test/(?P<id>.+)"
    articleBody = "article"  # noqa: N815  schema.org's name


def parsed(response: Any, how: str) -> dict[str, Any]:
    """The page's article, by the project's own pages or by a few selectors."""
    if how == "selectors":
        return {"headline": response.css("h1::text").get(), "body": response.css("article p::text").getall()}
    reading = read((Page,), response.url, response.body, response.headers.to_tuple_list(), datetime.now(UTC))
    assert reading.article is not None
    return dict(reading.article.item())


def resident_kib() -> int:
    """Resident memory of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 1024


def report(spider: Bench, pages: int, written: int) -> None:
    """Print what a page cost with and without recording, and what the process held."""
    on = [cost for at, cost in enumerate(spider.cost) if at and at % 4 in ON]
    off = [cost for at, cost in enumerate(spider.cost) if at and at % 4 not in ON]
    ratios = sorted(with_it / without for with_it, without in zip(on, off, strict=True))
    for name, cost in (("off", off), ("on ", on)):
        print(
            f"recording {name}  {statistics.median(cost) / pages * 1000:6.3f} ms of CPU a page (median of {len(cost)} blocks)"
        )
    quarter = len(ratios) // 4
    print(
        f"ratio  {statistics.median(ratios):.3f}  (half of the pairs between {ratios[quarter]:.3f} and {ratios[-quarter - 1]:.3f})"
    )
    tenth = max(1, len(spider.resident) // 10)
    print(
        f"resident KiB at each tenth {spider.resident[::tenth]}; {written / len(on) / pages:.0f} bytes of WARC a page"
    )


def main() -> None:
    """Run the benchmark."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--pages", type=int, default=10, help="of one block")
    arguments.add_argument("--pairs", type=int, default=100, help="of blocks")
    arguments.add_argument("--parse", choices=("article", "selectors"), default="article")
    arguments.add_argument(
        "--at-once", type=int, default=16, help="downloads at the same time, Scrapy's default"
    )
    arguments.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    told = arguments.parse_args()
    if told.serve:
        asyncio.run(serve())
        return
    with subprocess.Popen([sys.executable, __file__, "--serve"], stdin=-1, stdout=-1, text=True) as server:
        assert server.stdout
        port, size = map(int, server.stdout.readline().split())
        print(
            f"2 x {told.pairs} blocks of {told.pages} pages, {SIZE} bytes each, {size} gzip-encoded, read by {told.parse}"
        )
        with tempfile.TemporaryDirectory() as folder:
            spider = crawl(port, told, f"{folder}/bench-20260101T000000Z")
            report(spider, told.pages, sum(file.stat().st_size for file in Path(folder).rglob("*.warc.gz")))
        server.communicate()


if __name__ == "__main__":
    main()
