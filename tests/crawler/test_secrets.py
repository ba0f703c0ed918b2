"""Secrets planted wherever a crawl may meet them: no byte of its snapshot holds one, but the answer that repeats it."""

from __future__ import annotations

import base64
import gzip
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from archive.record import records

from .gazeta import HOME, ROOT, Answer, Crawled, article, crawl, listing, moved, rss, scrapy, town

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PLACES = [
    "cookie", "spider-header", "default-header", "query", "location", "aws", "session", "feeds", "custom",
    "nested", "proxy", "userinfo", "environment", "env-proxy",
]  # fmt: skip
SECRETS = {place: f"geheim-{place}/{number}+x" for number, place in enumerate(PLACES)}
ECHOED = f"{HOME}/echo?token=masked", f"{HOME}/moved?token=masked", f"{HOME}/forth"
SETTINGS = """
SPIDER_MODULES = ["leaky"]
ADDONS = {"crawler.addon.LetopisAddon": 500}
COMMANDS_MODULE = "crawler.commands"
STORE = "./data"
COOKIES_ENABLED = False
RETRY_TIMES = 0
MASK_QUERY = ["token"]
DEFAULT_REQUEST_HEADERS = {"Authorization": "Bearer {default-header}"}
AWS_SECRET_ACCESS_KEY = "{aws}"
AWS_SESSION_TOKEN = "{session}"
MAIL_DSN = "smtp://{custom}"
BACKEND = {"one": {"password": "{nested}"}}
FEEDS = {"ftp://me:{feeds%}@127.0.0.1:1/items.jsonl": {"format": "jsonlines"}}
"""
SPIDER = """
import os
from urllib.parse import quote

import scrapy

TOKEN = quote("{query}", safe="")


class LeakySpider(scrapy.Spider):
    name = "leaky"

    async def start(self):
        self.logger.info("in the environment: %s", os.environ["DEPLOY_KEY"])
        self.logger.info("a proxy of the environment: %s", os.environ["https_proxy"])
        self.logger.info("sent: %s", self.settings.getdict("DEFAULT_REQUEST_HEADERS"))
        home = "http://gazeta.example"
        sent = {{"Cookie": "sid={cookie}", "Authorization": "Token {spider-header}"}}
        yield scrapy.Request(f"{{home}}/list?token={{TOKEN}}&a=1", headers=sent)
        for path in ("echo", "moved", "broken", "gone"):
            yield scrapy.Request(f"{{home}}/{{path}}?token={{TOKEN}}")
        yield scrapy.Request(f"{{home}}/forth")
        yield scrapy.Request(f"{{home}}/proxied", meta={{"proxy": "http://me:{proxy%}@127.0.0.1:PORT"}})
        yield scrapy.Request("http://me:{userinfo%}@gazeta.example/user")

    def parse(self, response):
        self.logger.info("read %s", response.url)
        yield {{"url": response.url, "title": response.css("h1::text").get()}}
        yield from response.follow_all(response.css("a::attr(href)").getall(), self.parse)
"""


def filled(text: str) -> str:
    for place, secret in SECRETS.items():
        text = text.replace(f"{{{place}}}", secret).replace(f"{{{place}%}}", quote(secret, safe=""))
    return text


@pytest.fixture(scope="module")
def leaky(tmp_path_factory: pytest.TempPathFactory) -> Crawled:
    folder = tmp_path_factory.mktemp("leaky")
    token, location = quote(SECRETS["query"], safe=""), quote(SECRETS["location"], safe="")
    answers = {
        f"{HOME}/list?token={token}&a=1": listing("/linked"),
        f"{HOME}/linked": article("Со ссылкой откуда"),
        f"{HOME}/echo?token={token}": article("Ваш ключ", SECRETS["query"]),
        f"{HOME}/moved?token={token}": moved(f"/there?token={token}"),
        f"{HOME}/there?token={token}": article("Переехала"),
        f"{HOME}/forth": moved(f"/back?token={location}"),
        f"{HOME}/back?token={location}": article("Ключ выдан сайтом"),
        f"{HOME}/broken?token={token}": Answer(status=0),
        f"{HOME}{HOME}/proxied": article("Через посредника"),
    }
    with town(answers) as played:
        spider = filled(SPIDER.replace("{{", "\0").replace("}}", "\1")).replace("\0", "{").replace("\1", "}")
        (folder / "leaky.py").write_text(spider.replace("PORT", str(played.port)), encoding="utf-8")
        (folder / "shop.py").write_text(filled(SETTINGS), encoding="utf-8")
        (folder / "scrapy.cfg").write_text("[settings]\ndefault = shop\n", encoding="utf-8")
        env = {name: value for name, value in os.environ.items() if name != "SCRAPY_SETTINGS_MODULE"}
        env |= {"PYTHONPATH": f"{ROOT}{os.pathsep}{folder}", "DEPLOY_KEY": SECRETS["environment"]}
        env |= {"https_proxy": filled("http://me:{env-proxy%}@127.0.0.1:1")}
        line = [sys.executable, "-m", "scrapy", "crawl", "leaky", "-s", f"CONNECT_TO={played.connect_to}"]
        done = subprocess.run(
            line, cwd=folder, env=env, capture_output=True, text=True, timeout=120, check=False
        )
    return Crawled(done.returncode, done.stdout, done.stderr, folder)


def stretches(snapshot: Path) -> Iterator[tuple[str, bytes]]:
    """Every byte of a snapshot under the name of its place, as it lies there and inflated; WARCs record by record."""
    for path in sorted(snapshot.rglob("*")):
        if not path.is_file():
            continue
        yield path.name, path.read_bytes()
        if path.name.endswith(".warc.gz"):
            for record in records(path):
                head = "".join(f"{name}: {value}\r\n" for name, value in record.fields)
                yield f"{record.type} {record.url}", head.encode() + record.block
        elif path.suffix == ".gz":
            yield path.name, gzip.decompress(path.read_bytes())


def forms(secret: str) -> list[bytes]:
    """A secret as it may be written: plain, percent-encoded, escaped in JSON, and in a Basic credential."""
    plain = secret.encode()
    basic = [base64.b64encode(user + b":" + plain).rstrip(b"=")[8:-4] for user in (b"me", b"")]
    return [
        plain,
        quote(secret).encode(),
        quote(secret, safe="").encode(),
        plain.replace(b"/", b"\\/"),
        *basic,
    ]


def test_the_crawl_met_every_secret(leaky: Crawled) -> None:
    """Otherwise the next test would find none because none was there."""
    assert leaky.code == 74, leaky.err[-3000:]  # the server of its feed is none
    asked = [record for path in leaky.warcs for record in records(path) if record.type == "request"]
    assert len(asked) == 11 - 2  # neither the broken nor the refused one has a response
    masked = {record.url: record.get("WARC-Letopis-Masked") for record in asked}
    assert masked[f"{HOME}/list?token=masked&a=1"] == "authorization, cookie, query:token"
    assert masked[f"{HOME}/linked"] == "authorization, query:token"  # in the Referer
    assert masked[f"{HOME}/proxied"] == "authorization, proxy-authorization"
    log = gzip.decompress((leaky.snapshot / "crawl.log.gz").read_bytes()).decode()
    assert log.count("masked") > 10
    for line in (
        "in the environment: masked",
        "'AWS_SECRET_ACCESS_KEY': 'masked'",
        "ftp://masked@127.0.0.1:1",
    ):
        assert line in log


@pytest.mark.parametrize("place", PLACES)
def test_no_byte_of_the_snapshot_holds_it(leaky: Crawled, place: str) -> None:
    found = {
        name
        for name, data in stretches(leaky.snapshot)
        for form in forms(SECRETS[place])
        if form in data and name not in [f"response {url}" for url in ECHOED]
    }
    assert found == set()


def test_an_answer_that_repeats_one_is_kept_as_it_came_and_is_a_finding(leaky: Crawled) -> None:
    answers = {
        record.url: record for path in leaky.warcs for record in records(path) if record.type == "response"
    }
    assert SECRETS["query"].encode() in answers[ECHOED[0]].message.body
    assert answers[ECHOED[2]].message.get("Location") == f"/back?token={quote(SECRETS['location'], safe='')}"
    found = [one for one in leaky.report["findings"] if one["kind"] == "body-echoes-secret"]
    assert sorted(one["subject"] for one in found) == sorted(ECHOED)
    assert {url for url, record in answers.items() if record.get("WARC-Letopis-Echoed")} == set(ECHOED)


def test_the_settings_are_kept_and_say_what_is_masked(leaky: Crawled) -> None:
    (kept,) = [
        json.loads(record.block)
        for record in records(leaky.warcs[0])
        if record.type == "resource" and (record.url or "").endswith(":settings")
    ]
    assert kept["AWS_SECRET_ACCESS_KEY"] == kept["BACKEND"]["one"]["password"] == "masked"
    assert list(kept["FEEDS"]) == ["ftp://masked@127.0.0.1:1/items.jsonl"]


def test_a_url_with_a_password_is_a_configuration_error(tmp_path: Path) -> None:
    with town({f"{HOME}/rss": rss()}) as played:
        done = crawl(played, tmp_path, "-a", "url=http://me:geheim@gazeta.example/n/1")
    assert done.code == 78
    assert "the URL of gazeta.example carries a user or password" in done.err
    assert "geheim" not in done.err
    assert played.asked == []


def test_a_source_with_a_password_is_a_configuration_error(tmp_path: Path) -> None:
    spider = "import scrapy\n\nclass Leaky(scrapy.Spider):\n    name = 'gazeta'\n"
    (tmp_path / "other.py").write_text(f"{spider}    start_urls = ['http://me:geheim@gazeta.example/n/1']\n")
    with town({}) as played:
        done = scrapy(played, tmp_path, "crawl", "gazeta", "-s", "SPIDER_MODULES=other")
    assert (done.code, played.asked) == (78, [])
    assert "geheim" not in done.err
