"""What recording costs: CPU per page of the same crawl with RECORD on and off, in pairs, pages parsed.

`python benchmarks/recording.py [--pages 1500] [--pairs 4] [--parse article|selectors]` serves invented pages of 120 kB,
gzip-encoded, from a process of its own over kept connections, and crawls them. Each pair is two crawls in fresh
processes, first the one, then the other, so that what else the machine does falls on both. The ratio is that of the
medians; a crawl's CPU is user and system time of its process between the first response and the end. With
`--memory` two long crawls, the second recorded, tell their resident size at each tenth.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from scrapy.http import Response

ROOT = Path(__file__).resolve().parent.parent
SIZE = 120_000
VARIANTS = 40
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
    """Answers every request on a kept connection with the next page."""

    answers: list[bytes]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport
        self.served = 0

    def data_received(self, data: bytes) -> None:
        for _ in range(data.count(b"\r\n\r\n")):
            self.transport.write(self.answers[self.served % len(self.answers)])
            self.served += 1


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


def crawl(port: int, pages: int, record: str, parse: str) -> None:
    """Crawl in this process and print what it cost."""
    import scrapy  # noqa: PLC0415  only the child needs it
    from scrapy.crawler import AsyncCrawlerProcess  # noqa: PLC0415
    from scrapy.settings import Settings  # noqa: PLC0415

    resident: list[int] = []
    began: list[float] = []
    tenth = max(1, pages // 10)

    class Bench(scrapy.Spider):
        name = "bench"

        async def start(self) -> AsyncIterator[Any]:
            for number in range(pages):
                yield scrapy.Request(f"http://bench.test/2026/05/31/news-{number}.html?from=feed", self.parse)

        def parse(self, response: Response) -> Iterator[dict[str, Any]]:
            if not began:
                began.append(time.process_time())
            item = parsed(response, parse)
            self.crawler.stats.inc_value("pages")
            if self.crawler.stats.get_value("pages") % tenth == 0:
                resident.append(resident_kib())
            yield item

    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    handler = {"http": "crawler.wire.WireHandler"}
    told = {
        "ADDONS": {},
        "SPIDER_MODULES": [],
        "DOWNLOAD_HANDLERS": handler,
        "DOWNLOAD_DELAY": 0,
        "ROBOTSTXT_OBEY": False,
    }
    told |= {
        "CONNECT_TO": {"*": f"127.0.0.1:{port}"},
        "LOG_LEVEL": "WARNING",
        "CONCURRENT_REQUESTS_PER_DOMAIN": 4,
    }
    settings.setdict(told | ({"RECORD": record} if record else {}), priority="cmdline")
    process = AsyncCrawlerProcess(settings)
    crawler = process.create_crawler(Bench)
    process.crawl(crawler)
    process.start()
    if recorder := getattr(crawler, "recorder", None):
        recorder.close()
    done = crawler.stats.get_value("pages")
    assert done == pages, f"{done} of {pages} pages were crawled"
    print(json.dumps({"cpu": time.process_time() - began[0], "resident": resident}))


def parsed(response: Any, how: str) -> dict[str, Any]:
    """The page's article, by the project's own pages or by a few selectors."""
    if how == "selectors":
        return {"headline": response.css("h1::text").get(), "body": response.css("article p::text").getall()}
    from datetime import UTC, datetime  # noqa: PLC0415

    from crawler.article import ArticlePage, read  # noqa: PLC0415

    class Page(ArticlePage):
        site = "bench"
        urls = r"https?://bench\.test/(?P<id>.+)"
        articleBody = "article"  # noqa: N815  schema.org's name

    reading = read((Page,), response.url, response.body, response.headers.to_tuple_list(), datetime.now(UTC))
    assert reading.article is not None
    return dict(reading.article.item())


def resident_kib() -> int:
    """Resident memory of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 1024


def child(port: int, pages: int, parse: str, *, record: bool) -> dict[str, Any]:
    """One crawl in a process of its own; its WARC is deleted after."""
    with tempfile.TemporaryDirectory() as folder:
        work = f"{folder}/bench-20260101T000000Z" if record else ""
        command = [
            sys.executable,
            __file__,
            "--crawl",
            str(port),
            "--pages",
            str(pages),
            "--parse",
            parse,
            "--record",
            work,
        ]
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
        assert done.returncode == 0, done.stderr
        said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        said["bytes"] = sum(file.stat().st_size for file in Path(folder).rglob("*.warc.gz"))
        return said


def compare(port: int, pages: int, pairs: int, parse: str) -> float:
    """Alternate crawls and print what a page costs with and without; returns the ratio."""
    cost: dict[bool, list[float]] = {False: [], True: []}
    for pair in range(pairs):
        for record in (pair % 2 == 0, pair % 2 == 1):
            cost[record].append(child(port, pages, parse, record=record)["cpu"] / pages * 1000)
    off, on = statistics.median(cost[False]), statistics.median(cost[True])
    for record, name in ((False, "off"), (True, "on ")):
        print(
            f"recording {name}  {statistics.median(cost[record]):6.3f} ms/page  {[round(c, 3) for c in cost[record]]}"
        )
    print(f"ratio ({parse})  {on / off:.3f}")
    return on / off


def main() -> None:
    """Run the benchmark."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--pages", type=int, default=1500)
    arguments.add_argument("--pairs", type=int, default=4)
    arguments.add_argument("--parse", choices=("article", "selectors"), default="article")
    arguments.add_argument("--memory", action="store_true")
    arguments.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    arguments.add_argument("--crawl", type=int, help=argparse.SUPPRESS)
    arguments.add_argument("--record", default="", help=argparse.SUPPRESS)
    told = arguments.parse_args()
    sys.path.insert(0, str(ROOT))
    if told.serve:
        asyncio.run(serve())
    elif told.crawl:
        crawl(told.crawl, told.pages, told.record, told.parse)
    else:
        with subprocess.Popen(
            [sys.executable, __file__, "--serve"], stdin=-1, stdout=-1, text=True
        ) as server:
            assert server.stdout
            port, size = map(int, server.stdout.readline().split())
            print(f"{told.pages} pages of {SIZE} bytes, {size} gzip-encoded")
            if told.memory:
                for record, name in ((False, "off"), (True, "on ")):
                    said = child(port, told.pages, told.parse, record=record)
                    print(
                        f"recording {name}  resident KiB at each tenth {said['resident']}, WARC bytes {said['bytes']}"
                    )
            else:
                compare(port, told.pages, told.pairs, told.parse)
            server.communicate()


if __name__ == "__main__":
    main()
