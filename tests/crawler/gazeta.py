"""A site for tests: a spider file as anyone would write it, and a local server that plays the site."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.journal import entries
from archive.record import records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parent.parent.parent
HOME, AMP = "http://gazeta.example", "http://amp.gazeta.example"
SITE = '''
"""A newspaper that does not exist."""

from crawler.article import ArticlePage
from crawler.sources import Feed, Listing, Sitemap
from crawler.spider import NewsSpider


class GazetaPage(ArticlePage):
    site = "gazeta"
    urls = r"http://gazeta\\.example/n/(?P<id>\\d+)"
    mark = "h1"
    headline = "h1"
    articleBody = ".text"


class GazetaAmpPage(GazetaPage):
    urls = r"http://[a-z]+\\.gazeta\\.example/n/(?P<id>\\d+)"


class GazetaSpider(NewsSpider):
    name = "gazeta"
    allowed_domains = ["gazeta.example"]
    pages = (GazetaPage, GazetaAmpPage)
    sources = (
        Feed("http://gazeta.example/rss"),
        Listing("http://gazeta.example/news/", pages="page/{page}/"),
        Sitemap("http://gazeta.example/sitemap.xml", optional=True),
    )
'''
TEXT = "Мост через реку открыли утром. Движение по нему началось сразу, объезд сняли к полудню."


@dataclass(frozen=True)
class Answer:
    """What the server says; `status` 0 closes the connection instead."""

    body: str = ""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    before: Callable[[], None] | None = None


def article(title: str, text: str = TEXT) -> Answer:
    date = '<meta property="article:published_time" content="2026-01-02T10:00:00+03:00">'
    return Answer(
        f"<html><head>{date}</head><body><h1>{title}</h1><div class=text><p>{text}</p></div></body></html>"
    )


def moved(where: str) -> Answer:
    return Answer(status=301, headers=(("Location", where),))


def rss(*entries: tuple[str, str], text: str = "") -> Answer:
    items = (
        f"<item><title>{title}</title><link>{url}</link><pubDate>Fri, 02 Jan 2026 0{n % 10}:00:00 +0300</pubDate>"
        f"<content:encoded>{text}</content:encoded></item>"
        for n, (url, title) in enumerate(entries)
    )
    head = '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>x</title>'
    return Answer(f"{head}{''.join(items)}</channel></rss>")


def listing(*urls: str) -> Answer:
    return Answer("<html><body>" + "".join(f'<a href="{url}">Читать</a>' for url in urls) + "</body></html>")


@dataclass
class Town:
    """The running server: `answers` by URL (404 for others), and what was asked and what was answered whole, in order."""

    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def connect_to(self) -> str:
        return json.dumps({"*": f"127.0.0.1:{self.port}"})


@contextmanager
def town(answers: dict[str, Answer]) -> Iterator[Town]:
    """Play the site."""
    played = Town(dict(answers))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            url = f"http://{self.headers['Host']}{self.path}"
            played.asked.append(url)
            answer = played.answers.get(url, Answer(status=404))
            if answer.before:
                answer.before()
            if answer.status == 0:
                self.close_connection = True
                return
            body = answer.body.encode()
            self.send_response(answer.status)
            for name, value in (("Content-Type", "text/html; charset=utf-8"), *answer.headers):
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            played.answered.append(url)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    played.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield played
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass(frozen=True)
class Crawled:
    """A crawl that has ended: its exit code, what it printed, and what lies in the store."""

    code: int
    out: str
    err: str
    folder: Path

    def lines(self, name: str) -> list[dict[str, Any]]:
        return [
            json.loads(line) for line in gzip.decompress((self.snapshot / name).read_bytes()).splitlines()
        ]

    @property
    def snapshot(self) -> Path:
        (found,) = self.folder.glob("data/snapshots/*/*")
        return found

    @property
    def warcs(self) -> list[Path]:
        return sorted(self.snapshot.glob("warc/*"))

    @property
    def report(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.snapshot / "report.json").read_bytes())
        return found

    @property
    def articles(self) -> dict[str, dict[str, Any]]:
        return {line["identifier"]: line for line in self.lines("articles.jsonl.gz")}

    @property
    def outcomes(self) -> dict[str, str]:
        return {line["identifier"]: line["outcome"] for line in self.lines("ledger.jsonl.gz")}

    def journal(self, kind: str) -> list[dict[str, Any]]:
        said = entries(record for path in self.warcs for record in records(path))
        return [dict(entry) for entry in said if entry["kind"] == kind]


def command(played: Town, folder: Path, *arguments: str) -> tuple[list[str], dict[str, str]]:
    """The command line and environment of `scrapy` for the site in a rehearsal."""
    (folder / "gazetasite.py").write_text(SITE, encoding="utf-8")
    settings = {
        "SPIDER_MODULES": "gazetasite",
        "CONNECT_TO": played.connect_to,
        "DOWNLOAD_DELAY": "0",
        "RETRY_TIMES": "0",
    }
    told = [part for name, value in settings.items() for part in ("-s", f"{name}={value}")]
    env = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    env |= {"SCRAPY_SETTINGS_MODULE": "crawler.settings", "PYTHONPATH": f"{ROOT}{os.pathsep}{folder}"}
    return [sys.executable, "-m", "scrapy", arguments[0], *told, *arguments[1:]], env


def scrapy(played: Town, folder: Path, *arguments: str) -> Crawled:
    """Run a `scrapy` command for the site, in `folder`."""
    line, env = command(played, folder, *arguments)
    done = subprocess.run(line, env=env, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    return Crawled(done.returncode, done.stdout, done.stderr, folder)


def crawl(played: Town, folder: Path, *arguments: str) -> Crawled:
    """Crawl the site on the second of January 2026."""
    return scrapy(played, folder, "crawl", "gazeta", "-a", "until=2026-01-02", *arguments)
