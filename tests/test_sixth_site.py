"""A sixth site is one new file: the one that docs/add-a-site.md shows, put into a copy of the project and crawled."""

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("crawler", "archive", "schemas", "scrapy.cfg")
ADDRESS = "/2026/11/new-bridge/"
PARAGRAPHS = (
    "Мост через Серебрянку открыли для пешеходов в субботу утром, на три недели раньше срока.",
    "Строители заменили все опоры и положили новый настил из лиственницы.",
    "Автобусы пойдут по мосту весной, когда просохнут подъезды с обеих сторон реки.",
)
PAGE = f"""<!doctype html><html lang="ru"><head><title>Мост открыт — Пример</title>
<meta property="article:published_time" content="2026-11-21T10:30:00+03:00"></head>
<body><div class="top"><a href="/">Пример</a> <a href="/about/">О нас</a></div>
<div class="w1"><h1>Мост открыт</h1>{"".join(f"<p>{text}</p>" for text in PARAGRAPHS)}</div>
<div class="foot">© 2026 Пример</div></body></html>"""


class Example(BaseHTTPRequestHandler):
    """example.org as far as its spider asks for it."""

    def do_GET(self) -> None:
        now = format_datetime(datetime.now(UTC) - timedelta(hours=1))
        feed = f"""<rss version="2.0"><channel><item><title>Мост открыт</title><pubDate>{now}</pubDate>
            <link>http://example.org{ADDRESS}</link></item></channel></rss>"""
        found = {"/feed/": (feed, "application/rss+xml"), ADDRESS: (PAGE, "text/html; charset=utf-8")}
        text, kind = found.get(self.path, ("", "text/plain"))
        self.send_response(200 if text else 404)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        """Nothing on the console."""


@pytest.fixture
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Example) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{running.server_port}"
        running.shutdown()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for room in ROOMS:
        source = ROOT / room
        (shutil.copytree if source.is_dir() else shutil.copy)(source, tmp_path / room)
    (code,) = re.findall(
        r"^```python\n(.*?)^```", (ROOT / "docs/add-a-site.md").read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    (tmp_path / "crawler/spiders/example.py").write_text(
        code.replace("https://example.org", "http://example.org"), "utf-8"
    )
    return tmp_path


def letopis(project: Path, server: str, *arguments: str, code: int = 0) -> str:
    env = os.environ | {
        "LETOPIS_CONNECT_TO": json.dumps({"example.org:80": server} if server else {}),
        "PYTHONPATH": str(project),
    }
    command = [sys.executable, "-m", "crawler.cli", *arguments]
    done = subprocess.run(command, cwd=project, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout if code == 0 else done.stdout + done.stderr


def test_the_site_of_the_docs_is_found_crawled_read_and_verified(project: Path, server: str) -> None:
    assert "example" in letopis(project, server, "sites")
    (summary,) = map(json.loads, letopis(project, server, "crawl", "example", "--json").splitlines())
    assert (summary["articles"], summary["unread"]) == (1, [])
    article = json.loads(letopis(project, server, "read", f"http://example.org{ADDRESS}"))
    assert article["identifier"] == "example:2026/11/new-bridge"
    assert (article["headline"], article["datePublished"]) == ("Мост открыт", "2026-11-21T10:30:00+03:00")
    assert article["articleBody"].split("\n\n") == list(PARAGRAPHS)
    letopis(project, server, "verify", "--all")


def test_a_file_of_a_site_that_is_wrong_is_told_by_its_word_and_the_other_sites_go_on(project: Path) -> None:
    file = project / "crawler/spiders/example.py"
    file.write_text(re.sub(r"Feed\((.+)\)", r"\1", file.read_text("utf-8")), "utf-8")
    sites = [json.loads(line)["site"] for line in letopis(project, "", "sites", "--json").splitlines()]
    assert sites == sorted({path.stem for path in file.parent.glob("[a-z]*.py")} - {"example"})
    (told,) = map(json.loads, letopis(project, "", "crawl", "example", "--json", code=78).splitlines())
    reason, end = told["said"]
    assert "site example, ExampleSpider: sources has 'http://example.org/feed/', which is no source" in reason
    assert end.startswith("scrapy crawl example: its file cannot be loaded")
