"""A crawl in a process of its own: given requests, what became of each, and the records it left."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.record import Record, records

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from scrapy.http import Response

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Outcome:
    """How a crawl ended, and for each request in its order: status, flags, body, or the error's type and words."""

    reason: str
    stats: dict[str, Any]
    results: list[dict[str, Any]]
    log: str


def crawl(
    requests: Sequence[Mapping[str, Any]],
    settings: Mapping[str, Any],
    ca: Path | None = None,
    env: Mapping[str, str] = {},
) -> Outcome:
    """Send requests (keyword arguments of scrapy.Request; "then" holds the one to send after it) and wait for the end."""
    told = json.dumps({"requests": list(requests), "settings": dict(settings)})
    quiet = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
    environment = quiet | ({"SSL_CERT_FILE": str(ca)} if ca else {}) | dict(env)
    command = [sys.executable, "-m", "tests.crawler.wirecrawl"]
    done = subprocess.run(
        command,
        input=told,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    return Outcome(said["reason"], said["stats"], said["results"], done.stderr)


class StopAtHeaders:
    """An extension that is content with the head of a response."""

    @classmethod
    def from_crawler(cls, crawler: Any) -> StopAtHeaders:
        from scrapy import signals  # noqa: PLC0415

        stopping = cls()
        crawler.signals.connect(stopping.stop, signals.headers_received)
        return stopping

    def stop(self, request: Any) -> None:
        from scrapy.exceptions import StopDownload  # noqa: PLC0415

        if "stop.test" in request.url:
            raise StopDownload(fail=False)


def full_disk_handler() -> type:
    """WireHandler on a disk with room for one exchange."""
    import resource  # noqa: PLC0415

    from crawler.wire import WireHandler  # noqa: PLC0415

    class FullDisk(WireHandler):
        async def download_request(self, request: Any) -> Any:
            response = await super().download_request(request)
            limit = size_of_growing(Path(self._crawler.settings["RECORD"])) + 100
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
            return response

    return FullDisk


def size_of_growing(work: Path) -> int:
    """Bytes in the WARC file that is being written."""
    [growing] = work.glob("warc/*.open")
    return growing.stat().st_size


def __getattr__(name: str) -> Any:
    if name == "FullDiskHandler":  # Scrapy loads it by its path; the parent process needs no Scrapy
        return full_disk_handler()
    raise AttributeError(name)


def written(work: Path) -> list[Record]:
    """Every record that a crawl left in its work folder."""
    return [record for file in sorted((work / "warc").glob("*.warc.gz")) for record in records(file)]


def main() -> None:
    """Run the crawl that stdin describes; say on stdout what came of it."""
    from scrapy import Request, Spider  # noqa: PLC0415  the parent process needs no Scrapy
    from scrapy.crawler import AsyncCrawlerProcess  # noqa: PLC0415

    told = json.load(sys.stdin)
    results: list[dict[str, Any]] = [{} for _ in told["requests"]]

    class Wire(Spider):
        name = "wire"

        async def start(self) -> AsyncIterator[Any]:
            for number, said in enumerate(told["requests"]):
                yield self.ask(number, said)

        def ask(self, number: int, said: dict[str, Any]) -> Request:
            said = dict(said)
            then = said.pop("then", None)
            meta = {"handle_httpstatus_all": True} | said.pop("meta", {})
            kept = {"number": number, "then": then}
            return Request(
                **said, meta=meta, cb_kwargs=kept, callback=self.parse, errback=self.failed, dont_filter=True
            )

        def parse(self, response: Response, number: int, then: dict[str, Any] | None) -> Any:
            results[number] = {
                "status": response.status,
                "flags": response.flags,
                "body": base64.b64encode(response.body).decode(),
                "captured": captured(response.meta),
            }
            if then:
                yield self.ask(number, then)

        def failed(self, failure: Any) -> Any:
            kept = failure.request.cb_kwargs
            results[kept["number"]] = {
                "error": type(failure.value).__name__,
                "message": str(failure.value),
                "captured": captured(failure.request.meta),
            }
            if kept["then"]:
                yield self.ask(kept["number"], kept["then"])

    process = AsyncCrawlerProcess(settings(told["settings"]))
    crawler = process.create_crawler(Wire)
    process.crawl(crawler)
    process.start()
    recorder = getattr(crawler, "recorder", None)
    if recorder:
        recorder.close()
    stats = crawler.stats.get_stats()
    json.dump(
        {"reason": stats.get("finish_reason"), "stats": stats, "results": results}, sys.stdout, default=str
    )


def captured(meta: Mapping[str, Any]) -> dict[str, Any] | None:
    """The record that the handler told of, as JSON."""
    found = meta.get("captured")
    return found and {"record": found.record_id, "file": found.address.file, "offset": found.address.offset}


def settings(told: dict[str, Any]) -> Any:
    """Letopis' own settings and what a test changes; no addon, so that the handler stands alone."""
    from scrapy.settings import Settings  # noqa: PLC0415

    made = Settings()
    made.setmodule("crawler.settings", priority="project")
    made.setdict(
        {
            "ADDONS": {},
            "SPIDER_MODULES": [],
            "DOWNLOAD_HANDLERS": {"http": "crawler.wire.WireHandler", "https": "crawler.wire.WireHandler"},
            "DOWNLOAD_DELAY": 0,
            "ROBOTSTXT_OBEY": False,
            "RETRY_ENABLED": False,
            "LOG_LEVEL": "DEBUG",
        }
        | told,
        priority="cmdline",
    )
    return made


if __name__ == "__main__":
    main()
